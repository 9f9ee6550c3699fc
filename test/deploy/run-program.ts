import { type ChildProcess, spawn } from 'node:child_process';
import { DeployProofError } from './deploy-proof-error.ts';

export interface ProgramOptions {
  /** The whole environment: nothing of this machine's AWS configuration may reach a deployer. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Gets the program's output as it comes. */
  readonly onOutput?: (text: string) => void;
}

const SHOWN_LINES = 40;
const GRACE_MS = 5_000;

/**
 * Runs a program to its end and answers what it wrote to its standard output.
 *
 * @throws {DeployProofError} with its last lines when it fails, runs too long, or `signal` aborts
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<string> {
  options.signal.throwIfAborted();
  // A group of its own: ending the group also ends what the program has started.
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let all = '';
  const keep = (text: string): void => {
    all += text;
    options.onOutput?.(text);
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    keep(text);
  });
  child.stderr.setEncoding('utf8').on('data', keep);

  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.deadlineMs)]);
  const onLimit = (): void => endGroup(child);
  limit.addEventListener('abort', onLimit);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    options.signal.throwIfAborted();
    const shown = `${command} ${args.join(' ')}`;
    if (limit.aborted) {
      throw new DeployProofError(
        'too-late',
        `${shown} did not end within ${options.deadlineMs / 1000} s. Its last lines:\n${tail(all)}`,
      );
    }
    if (status !== 0) {
      throw new DeployProofError(
        'program-failed',
        `${shown} ended with status ${status}. Its last lines:\n${tail(all)}`,
      );
    }
    return stdout;
  } finally {
    limit.removeEventListener('abort', onLimit);
  }
}

/** The last lines of an output. */
export function tail(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .slice(-SHOWN_LINES)
    .map((line) => `    ${line}`)
    .join('\n');
}

function endGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  child.once('close', () => clearTimeout(timer));
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // It has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
