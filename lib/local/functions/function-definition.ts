/** A Lambda function of the template, ready to run. */
export interface FunctionDefinition {
  /** Physical name. */
  name: string;
  /** What people call it: its service name, else its physical name. */
  label: string;
  arn: string;
  /** Such as `index.handler`. */
  handler: string;
  /** Folder with the unpacked code. */
  codeDir: string;
  timeoutSeconds: number;
  memoryMegabytes: number;
  /** Environments that may run at once; undefined for no limit of its own. */
  reservedConcurrency?: number;
  environment: Record<string, string>;
}

/** What a function answered, as an event source or a caller sees it. */
export interface FunctionResult {
  payload: unknown;
  /** `Unhandled` when the function failed; the payload is then Lambda's error document. */
  functionError?: string;
}
