import { randomBytes } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import type { JsonValue } from '../json-value.ts';
import { StateError } from './state-error.ts';

interface TaskToken {
  token: string;
  /**
   * Settles when the token is answered, its heartbeat stops, or it is cancelled; never when its
   * time passes: the interpreter raises States.Timeout itself, and takes an error of ours for one
   * that `States.TaskFailed` matches.
   */
  answered: Promise<JsonValue>;
  /** Settles when nobody can answer the token any more, for whatever reason. */
  ended: Promise<void>;
  cancel(reason: Error): void;
}

interface Waiting {
  resolve(output: JsonValue): void;
  reject(error: Error): void;
  beat(): void;
}

/** The tokens that tasks wait on. */
export interface TaskTokens {
  issue(wait: {
    stateMachineArn: string;
    timeoutSeconds: number;
    heartbeatSeconds?: number;
    /** One that an earlier run gave out; a new one by default. */
    token?: string | undefined;
  }): TaskToken;
  succeed(token: string, output: string): void;
  fail(token: string, error: string, cause: string): void;
  heartbeat(token: string): void;
  /** The machine that waits or waited on a token, for IAM: who may answer it is told so, even when that comes too late. */
  owner(token: string): string | undefined;
}

const RANDOM_BYTES = 96;

/** Opaque to those who get it; names its machine, as AWS's own does. */
function newToken(stateMachineArn: string): string {
  return Buffer.concat([randomBytes(RANDOM_BYTES), Buffer.from(stateMachineArn)]).toString(
    'base64',
  );
}

function ownerOf(token: string): string | undefined {
  return Buffer.from(token, 'base64').subarray(RANDOM_BYTES).toString() || undefined;
}

export function createTaskTokens(): TaskTokens {
  const waiting = new Map<string, Waiting>();

  const take = (token: string): Waiting => {
    const found = waiting.get(token);
    if (found === undefined) {
      // Step Functions answers so for a token that was answered, timed out, or was stopped.
      throw new AwsError(
        'TaskTimedOut',
        'Task Timed Out: the provided task does not exist anymore',
      );
    }
    return found;
  };

  return {
    issue({
      stateMachineArn,
      timeoutSeconds,
      heartbeatSeconds,
      token = newToken(stateMachineArn),
    }) {
      let heartbeatTimer: NodeJS.Timeout | undefined;
      const { promise, resolve, reject } = Promise.withResolvers<JsonValue>();
      const ended = Promise.withResolvers<void>();
      const end = (): void => {
        ended.resolve();
        waiting.delete(token);
        clearTimeout(heartbeatTimer);
        clearTimeout(timeoutTimer);
      };
      const timeoutTimer = setTimeout(end, timeoutSeconds * 1_000);
      const entry: Waiting = {
        resolve(output) {
          end();
          resolve(output);
        },
        reject(error) {
          end();
          reject(error);
        },
        beat() {
          if (heartbeatSeconds === undefined) return;
          clearTimeout(heartbeatTimer);
          heartbeatTimer = setTimeout(
            () =>
              entry.reject(new StateError('States.HeartbeatTimeout', 'States.HeartbeatTimeout')),
            heartbeatSeconds * 1_000,
          );
        },
      };
      entry.beat();
      waiting.set(token, entry);
      return {
        token,
        answered: promise,
        ended: ended.promise,
        cancel: (reason) => entry.reject(reason),
      };
    },
    succeed(token, output) {
      const entry = take(token);
      let parsed: JsonValue;
      try {
        parsed = JSON.parse(output) as JsonValue;
      } catch {
        throw new AwsError('InvalidOutput', "Invalid Output: 'output' is not JSON");
      }
      entry.resolve(parsed);
    },
    fail: (token, error, cause) => take(token).reject(new StateError(error, cause)),
    heartbeat: (token) => take(token).beat(),
    owner: ownerOf,
  };
}
