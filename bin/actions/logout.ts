import { EXIT } from '../exit-codes.ts';
import { readSession, sessionPath, writeSession } from '../officers/session-file.ts';
import type { SessionOptions } from '../officers/session-options.ts';
import { revoke, userPoolAt } from '../officers/user-pool.ts';
import { print, remark } from '../terminal/print.ts';

/** Ends a session. Where the API is stays known for the next one. Returns the exit code. */
export async function logout({ stack }: SessionOptions): Promise<number> {
  const path = sessionPath(stack);
  const session = await readSession(path);
  if (session?.tokens === undefined) {
    print('You are not logged in.');
    return EXIT.ok;
  }
  const { tokens, ...kept } = session;
  // Here first: a pool that cannot be reached must not keep anybody logged in.
  await writeSession(path, kept);
  print(`${session.user} is logged out.`);
  if (tokens.refresh === undefined) return EXIT.ok;
  try {
    await revoke(userPoolAt(session.place), tokens.refresh);
    return EXIT.ok;
  } catch {
    remark(
      'The user pool could not be told: a copy of the session would be good until it expires.',
    );
    return EXIT.aws;
  }
}
