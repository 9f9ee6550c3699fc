/** What went wrong with the archive or a question to it. */
export type ArchiveErrorCode =
  | 'bad-answer'
  | 'bad-question'
  | 'bad-value'
  | 'day-there'
  | 'engine-failed'
  | 'not-an-archive';

/** The archive could not be read, written or asked. */
export class ArchiveError extends Error {
  readonly code: ArchiveErrorCode;

  constructor(code: ArchiveErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArchiveError';
    this.code = code;
  }
}
