export type DeployProofProblem =
  /** Something that this test needs is not on this machine. */
  | 'missing-tool'
  | 'program-failed'
  | 'too-late'
  | 'interrupted'
  /** The deployed pipeline did not do what it should. */
  | 'not-proven'
  /** The emulator or the template changed, so that what is said here of both is no longer true. */
  | 'stale-gap';

/** Why the deploy path could not be proven. */
export class DeployProofError extends Error {
  override readonly name = 'DeployProofError';
  readonly code: DeployProofProblem;

  constructor(code: DeployProofProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
