/** Problem details after RFC 9457: what an error answer says. */
export interface ProblemDetails {
  /** A URN: there is no page behind it. */
  readonly type: `urn:forewarn:problem:${ProblemCode}`;
  readonly title: string;
  readonly status: number;
  /** For people: what is wrong here and what to do. */
  readonly detail: string;
  /** The request, as logs name it. */
  readonly instance?: string;
  /** Of a request that is not as it should be: each fault with its place. */
  readonly faults?: readonly string[];
}

/** Every problem that the API answers with, its status and its title. */
export const PROBLEMS = {
  'bad-request': [400, 'The request is not as it should be'],
  'key-missing': [400, 'A write needs an idempotency key'],
  unauthenticated: [401, 'The token does not say who you are'],
  'not-allowed': [403, 'Your groups may not do this'],
  'not-found': [404, 'There is no such thing here'],
  'task-taken': [409, 'Somebody else has this task'],
  'task-closed': [409, 'The task is over'],
  'task-not-yours': [409, 'You do not hold this task'],
  'case-closed': [409, 'The case is closed'],
  'campaign-state': [409, 'The campaign does not stand so'],
  'no-change': [409, 'Nothing would change'],
  'on-other-list': [409, 'The number is on another list'],
  'in-progress': [409, 'The same request is being worked on'],
  'too-large': [413, 'The request is too large'],
  'not-json': [415, 'The body is not JSON'],
  'key-reused': [422, 'The idempotency key belongs to another request'],
  'too-many': [429, 'Too many requests'],
  internal: [500, 'Something failed here'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** A request that cannot be done as it stands. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly faults: readonly string[];

  /** @param detail for people; never repeats a number or what a stranger wrote */
  constructor(code: ProblemCode, detail: string, faults: readonly string[] = []) {
    super(detail);
    this.code = code;
    this.faults = faults;
  }
}

/** What is answered for a problem. @param instance names the request */
export function problemDetails(
  { code, faults, message }: Pick<ProblemError, 'code' | 'faults' | 'message'>,
  instance?: string,
): ProblemDetails {
  const [status, title] = PROBLEMS[code];
  return {
    type: `urn:forewarn:problem:${code}`,
    title,
    status,
    detail: message,
    ...(instance !== undefined && { instance }),
    ...(faults.length > 0 && { faults }),
  };
}
