/** What the command line tells scripts. */
export const EXIT = {
  ok: 0,
  /** Some records were not accepted, or what was asked for is not there (any more), or somebody else's. */
  rejected: 1,
  /** The command, a mapping or an input file cannot be used as it is. */
  usage: 2,
  /** AWS, the officers' API, or the emulator in their place did not do what it was asked. */
  aws: 3,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** The user can mend it; the message says how. */
export class UsageError extends Error {
  readonly code = 'usage';
  override readonly name = 'UsageError';
}
