/** A failure inside an execution: `name` is the error that Retry and Catch match. */
export class StateError extends Error {
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  constructor(name: string, cause: string, recoverable = true) {
    super(cause);
    this.name = name;
    // The interpreter asks these two before it looks at Retry and Catch.
    this.isRetryable = recoverable;
    this.isCatchable = recoverable;
  }
}
