import { join } from 'node:path';
import { findFreePort } from '../../lib/local/services/free-port.ts';
import { spawnGuarded } from '../../lib/local/services/guarded-process.ts';
import { DeployProofError } from './deploy-proof-error.ts';
import { eventually } from './eventually.ts';
import { tail } from './run-program.ts';

/** A text as it would have gone to a telephone. */
export interface Text {
  readonly number: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Emulator {
  readonly endpoint: string;
  /** The texts handed over so far. */
  texts(): Promise<Text[]>;
  /** Its last lines, for messages. */
  log(): string;
  stop(): Promise<void>;
}

const START_DEADLINE_MS = 60_000;

/**
 * Starts ministack, an emulator of AWS by others, on a free port of 127.0.0.1. It keeps all in memory
 * and runs functions as processes of the `node` on the given PATH.
 *
 * @param programs folder of the programs of its virtual environment
 * @param env its whole environment, apart from its own settings
 */
export async function startEmulator(
  programs: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Emulator> {
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const settings: Readonly<Record<string, string>> = {
    ...env,
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    AWS_ENDPOINT_URL: endpoint,
  };
  const emulator = spawnGuarded('env', [
    '-i',
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    join(programs, 'ministack'),
  ]);
  let ended = false;
  void emulator.exited.then(() => {
    ended = true;
  });
  try {
    await eventually('answer from the emulator', START_DEADLINE_MS, signal, async () => {
      if (ended) {
        throw new DeployProofError(
          'program-failed',
          `The emulator ended at its start. Its last lines:\n${tail(emulator.output())}`,
        );
      }
      return (await isReady(endpoint)) ? true : undefined;
    });
  } catch (error) {
    await emulator.stop();
    throw error;
  }
  return {
    endpoint,
    texts: () => textsOf(endpoint),
    log: () => emulator.output(),
    stop: () => emulator.stop(),
  };
}

async function isReady(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_ministack/ready`)).ok;
  } catch {
    // Nobody listens yet: the caller asks again until its deadline.
    return false;
  }
}

interface SmsMessages {
  readonly sms_messages: Readonly<
    Record<
      string,
      readonly { readonly Message: string; readonly MessageAttributes?: Record<string, unknown> }[]
    >
  >;
}

async function textsOf(endpoint: string): Promise<Text[]> {
  const answer = await fetch(`${endpoint}/_ministack/sns/sms-messages`);
  const { sms_messages: byNumber } = (await answer.json()) as SmsMessages;
  return Object.entries(byNumber).flatMap(([number, messages]) =>
    messages.map(({ Message: message, MessageAttributes: attributes = {} }) => ({
      number,
      message,
      attributes,
    })),
  );
}
