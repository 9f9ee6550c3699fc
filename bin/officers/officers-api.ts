import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createOfficersClient,
  type OfficersClient,
  RefusedError,
} from '../../lib/api/officers-client.ts';
import { UsageError } from '../exit-codes.ts';
import { ApiUnreachableError, LoginRefusedError, SessionEndedError } from './errors.ts';
import { patientClient } from './patient-client.ts';
import {
  readSession,
  type Session,
  sessionPath,
  type Tokens,
  writeSession,
} from './session-file.ts';
import { loginCommand, type SessionOptions } from './session-options.ts';

/** A little more than API Gateway waits for a function. */
const LONGEST_ANSWER_MS = 35_000;
/** An ID token with less left than this is refreshed before it is used. */
const ABOUT_TO_EXPIRE_MS = 2 * 60_000;

/** Where the API is, and with what to call it. */
interface Access {
  readonly url: string;
  readonly idToken: () => Promise<string>;
  /** What to do when the API takes the token no more. */
  readonly whenRefused: string;
}

/**
 * The API as the officer who is logged in, or as the token in `FOREWARN_ID_TOKEN` says.
 *
 * @throws {SessionEndedError} when nobody is logged in
 */
export async function openOfficersApi(options: SessionOptions): Promise<OfficersClient> {
  const { idToken, url, whenRefused } = accessOfEnvironment() ?? (await accessOfSession(options));
  const client = createOfficersClient({ url, idToken, newKey: randomUUID, fetch: reach });
  const named: OfficersClient = async (name, parts) => {
    try {
      return await client(name, parts);
    } catch (cause) {
      const ended = cause instanceof RefusedError && cause.problem.status === 401;
      if (ended) throw new SessionEndedError(whenRefused, { cause });
      throw cause;
    }
  };
  return patientClient(named, { delay, random: Math.random, newKey: randomUUID });
}

/**
 * An address of the API without a slash at its end.
 *
 * @throws {UsageError} for one over which a token would travel in the clear
 */
export function apiAddress(text: string): string {
  const url = URL.parse(text);
  const isHere = url !== null && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) {
    return text.replace(/\/+$/, '');
  }
  throw new UsageError('The address of the API must begin with https://.');
}

function accessOfEnvironment(environment = process.env): Access | undefined {
  const { FOREWARN_API_URL: url, FOREWARN_ID_TOKEN: token } = environment;
  if (token === undefined && url === undefined) return undefined;
  if (token === undefined || url === undefined) {
    throw new UsageError('FOREWARN_ID_TOKEN and FOREWARN_API_URL go together: set both, or none.');
  }
  return {
    url: apiAddress(url),
    idToken: async () => token,
    whenRefused: 'The API does not take the token in FOREWARN_ID_TOKEN (any more).',
  };
}

type OpenSession = Session & { readonly tokens: Tokens };

function isOpen(session: Session | undefined): session is OpenSession {
  return session?.tokens !== undefined;
}

async function accessOfSession({ stack }: SessionOptions): Promise<Access> {
  const path = sessionPath(stack);
  const whenRefused = `Your session has ended: ${loginCommand(stack)}`;
  const kept = await readSession(path);
  if (!isOpen(kept)) throw new SessionEndedError(`You are not logged in: ${loginCommand(stack)}`);
  let session: OpenSession = kept;
  return {
    url: session.place.apiUrl,
    async idToken() {
      if (session.tokens.expiresAt - Date.now() < ABOUT_TO_EXPIRE_MS) {
        session = { ...session, tokens: await freshTokens(session, whenRefused) };
        await writeSession(path, session);
      }
      return session.tokens.id;
    },
    whenRefused,
  };
}

async function freshTokens({ place, tokens }: OpenSession, whenRefused: string): Promise<Tokens> {
  if (tokens.refresh === undefined) throw new SessionEndedError(whenRefused);
  // The SDK takes a while to load, and is not needed otherwise.
  const { refreshTokens, userPoolAt } = await import('./user-pool.ts');
  try {
    return await refreshTokens(userPoolAt(place), tokens.refresh, Date.now);
  } catch (cause) {
    if (cause instanceof LoginRefusedError) throw new SessionEndedError(whenRefused, { cause });
    throw cause;
  }
}

/** `fetch` that says where it got no answer, and does not wait for ever. */
const reach: typeof fetch = async (input, init = {}) => {
  const given = init.signal ?? undefined;
  const patience = AbortSignal.timeout(LONGEST_ANSWER_MS);
  try {
    return await fetch(input, {
      ...init,
      signal: given === undefined ? patience : AbortSignal.any([given, patience]),
    });
  } catch (cause) {
    if (given?.aborted) throw cause;
    const { host } = new URL(String(input));
    throw new ApiUnreachableError(`The officers' API at ${host} cannot be reached.`, { cause });
  }
};
