import type { RefusedError } from '../lib/api/officers-client.ts';
import { EXIT } from './exit-codes.ts';
import { explainRefusal } from './officers/explain-refusal.ts';

interface Explanation {
  readonly message: string;
  readonly code: number;
}

/**
 * The codes of errors whose message tells the user what to mend. By code, because loading the classes
 * would load all that a command may need.
 */
const USERS_OWN: ReadonlySet<unknown> = new Set([
  'usage',
  'bad-mapping',
  'bad-truth',
  'bad-reference',
  'bad-study',
  'missing-column',
  'unreadable-feed',
  'bad-resume-file',
  'no-stack-output',
  'login-refused',
  'session-ended',
  'no-such-day',
  'not-an-archive',
  'data-folder-in-use',
  'data-folder-foreign',
]);

/** The codes of errors that say in full what AWS, or the disk, did not do, and what to do about it. */
const SAID_IN_FULL: ReadonlySet<unknown> = new Set([
  'publishing-refused',
  'simulation-not-written',
  'api-unreachable',
  'not-printed',
]);

/** What AWS's libraries say where the user has to set something up, and what he has to set up. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/Region is missing/i, 'No region is known: give --region, set AWS_REGION, or name a --profile.'],
  [
    /Could not load credentials|CredentialsProvider/i,
    'No credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give --profile.',
  ],
  [/ECONNREFUSED|ENOTFOUND/, 'The endpoint cannot be reached: is it up, and --endpoint right?'],
];

/** One message for the user, and the exit code, for anything that may go wrong. */
export function explainError(error: unknown): Explanation {
  if (error instanceof Error && 'code' in error && USERS_OWN.has(error.code)) {
    return { message: error.message, code: EXIT.usage };
  }
  if (error instanceof Error && 'code' in error && SAID_IN_FULL.has(error.code)) {
    return { message: error.message, code: EXIT.aws };
  }
  if (isRefusal(error)) return explainRefusal(error.problem);
  const said = causes(error).map((cause) => `${cause.name}: ${cause.message}`);
  const hint = HINTS.find(([pattern]) => said.some((text) => pattern.test(text)));
  if (hint !== undefined) return { message: hint[1], code: EXIT.aws };
  return { message: said.join('\n  because of ') || String(error), code: EXIT.aws };
}

function isRefusal(error: unknown): error is RefusedError {
  return error instanceof Error && 'code' in error && error.code === 'REFUSED';
}

function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return [error, ...causes(inner)];
}
