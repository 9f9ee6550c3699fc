/** The properties of an event source mapping are not such that AWS would take them. */
export class InvalidEventSourceMappingError extends Error {
  readonly code = 'INVALID_EVENT_SOURCE_MAPPING';
  override readonly name = 'InvalidEventSourceMappingError';
}

/** A filter is not JSON or uses an operator that the event pattern language does not have. */
export class InvalidFilterPatternError extends Error {
  readonly code = 'INVALID_FILTER_PATTERN';
  override readonly name = 'InvalidFilterPatternError';
}

/** A shard iterator is too old (5 minutes in Kinesis); the shard has to be opened again. */
export class IteratorExpiredError extends Error {
  readonly code = 'ITERATOR_EXPIRED';
  override readonly name = 'IteratorExpiredError';
}
