/** What went wrong with a study. */
export type StudyErrorCode = 'no-such-day';

/** A day could not be studied. */
export class StudyError extends Error {
  readonly code: StudyErrorCode;

  constructor(code: StudyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StudyError';
    this.code = code;
  }
}
