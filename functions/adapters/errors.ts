/** A setting that the function cannot run without is missing from its environment. */
export class MissingSettingError extends Error {
  readonly code = 'MISSING_SETTING';

  constructor(name: string) {
    super(`the environment variable ${name} is not set`);
    this.name = 'MissingSettingError';
  }
}

/** Records that Kinesis did not take after every attempt. */
export class KinesisWriteError extends Error {
  readonly code = 'KINESIS_WRITE_FAILED';
  /** Positions of the records that were not written. */
  readonly failed: readonly number[];

  constructor(failed: readonly number[], options?: ErrorOptions) {
    super(`${failed.length} records were not taken by Kinesis`, options);
    this.name = 'KinesisWriteError';
    this.failed = failed;
  }
}

/** Records that Firehose did not take after every attempt. */
export class DeliveryError extends Error {
  readonly code = 'DELIVERY_FAILED';

  constructor(failed: number, options?: ErrorOptions) {
    super(`${failed} records were not taken by Firehose`, options);
    this.name = 'DeliveryError';
  }
}

/** Objects of the archive that S3 did not delete. */
export class ArchiveBucketError extends Error {
  readonly code = 'ARCHIVE_BUCKET_FAILED';

  constructor(detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'ArchiveBucketError';
  }
}

/** Items that DynamoDB did not read or write after every attempt. */
export class TableError extends Error {
  readonly code = 'TABLE_FAILED';

  constructor(detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'TableError';
  }
}

/** A sealed number, or the key for it, is not what it claims to be. */
export class SealingError extends Error {
  readonly code = 'SEALING_FAILED';

  constructor(detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'SealingError';
  }
}

/** A listing is to go on where no page of it ended. */
export class CursorError extends Error {
  readonly code = 'BAD_CURSOR';

  constructor(options?: ErrorOptions) {
    super('this is not where a page went on', options);
    this.name = 'CursorError';
  }
}

/** The workflow runs for a case that is not there. */
export class MissingCaseError extends Error {
  readonly code = 'MISSING_CASE';

  constructor(caseId: string) {
    super(`there is no case ${caseId}`);
    this.name = 'MissingCaseError';
  }
}

/** A statement of the daily study failed after every attempt. */
export class StudyStatementError extends Error {
  readonly code = 'STUDY_STATEMENT_FAILED';

  constructor(statement: string, cause: string) {
    super(`${statement} could not be answered: ${cause}`);
    this.name = 'StudyStatementError';
  }
}

/** The answer of a question to the archive cannot be read. */
export class AnswerError extends Error {
  readonly code = 'ANSWER_UNREADABLE';

  constructor(detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'AnswerError';
  }
}

/** The archive is not searched for who was in touch with a case number. */
export class ContactSearchError extends Error {
  readonly code = 'CONTACT_SEARCH_NOT_STARTED';

  constructor(entryId: string, options?: ErrorOptions) {
    super(`the archive could not be searched for the contacts of entry ${entryId}`, options);
    this.name = 'ContactSearchError';
  }
}
