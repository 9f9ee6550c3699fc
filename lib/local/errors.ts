/** Why the local cloud could not start, run or settle. `code` is stable; the message is for people. */
export class LocalCloudError extends Error {
  readonly code: LocalCloudErrorCode;

  constructor(code: LocalCloudErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LocalCloudError';
    this.code = code;
  }
}

export type LocalCloudErrorCode =
  | 'assembly-unreadable'
  | 'asset-missing'
  | 'resource-type-unknown'
  | 'resource-invalid'
  | 'intrinsic-unknown'
  | 'reference-unknown'
  | 'dependency-cycle'
  | 'policy-unknown'
  | 'state-machine-unsupported'
  | 'platform-unsupported'
  | 'database-failed'
  | 'function-unknown'
  | 'not-settled'
  | 'data-folder-in-use'
  | 'data-folder-foreign'
  | 'closed';
