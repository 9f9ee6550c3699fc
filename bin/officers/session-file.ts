import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { DEFAULT_STACK } from '../connection-options.ts';
import { UsageError } from '../exit-codes.ts';

const text = Type.String({ minLength: 1 });

const SessionSchema = Type.Object({
  version: Type.Literal(1),
  place: Type.Object({
    /** Without a slash at its end. */
    apiUrl: text,
    clientId: text,
    region: text,
    /** Where the user pool answers, if not at AWS: the refresh token goes there and nowhere else. */
    endpoint: Type.Optional(text),
    /** Whether the officer named the place, and cannot be asked to read it off a stack. */
    named: Type.Boolean(),
  }),
  user: text,
  /** Absent after logging out. */
  tokens: Type.Optional(
    Type.Object({
      id: text,
      refresh: Type.Optional(text),
      /** Of the ID token; epoch ms. */
      expiresAt: Type.Integer(),
    }),
  ),
});

/** What is kept of an officer's login at one stack. */
export type Session = Type.Static<typeof SessionSchema>;
/** Where the API and its user pool are. */
export type Place = Session['place'];
export type Tokens = NonNullable<Session['tokens']>;

const validator = Compile(SessionSchema);
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;
const ONLY_THE_USER = 0o600;
const ONLY_THE_USERS_FOLDER = 0o700;

/** Where the session of a stack is kept. @throws {UsageError} for what can be no stack's name */
export function sessionPath(stack = DEFAULT_STACK, environment = process.env): string {
  if (!STACK_NAME.test(stack)) throw new UsageError(`${stack} cannot be the name of a stack.`);
  const given = environment.XDG_STATE_HOME ?? '';
  // The XDG specification has relative paths ignored.
  const state = isAbsolute(given) ? given : join(homedir(), '.local', 'state');
  return join(state, 'forewarn', `session-${stack}.json`);
}

/**
 * @returns undefined when there is none
 * @throws {UsageError} when the file is no session; the message says what to do
 */
export async function readSession(path: string): Promise<Session | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return parseSession(content, path);
}

/**
 * @param source how messages call the file
 * @throws {UsageError} when the text is no session; the message says what to do
 */
export function parseSession(text: string, source: string): Session {
  try {
    const value: unknown = JSON.parse(text);
    if (validator.Check(value)) return value;
  } catch {
    // Not JSON: the same as not a session.
  }
  throw new UsageError(`${source} is no session: remove it, and log in with forewarn login.`);
}

/** Writes it whole or not at all, for nobody else to read. */
export async function writeSession(path: string, session: Session): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: ONLY_THE_USERS_FOLDER });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(session, undefined, 2)}\n`, {
    mode: ONLY_THE_USER,
  });
  // A file that an interrupted write left behind keeps the mode that it had.
  await chmod(unfinished, ONLY_THE_USER);
  await rename(unfinished, path);
}
