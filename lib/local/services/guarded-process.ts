import { type ChildProcess, spawn } from 'node:child_process';

/**
 * The shell that stands between us and a child: it ends the child when our end of its input
 * closes, which also happens when we are killed, and ends itself when the child does.
 */
const guard = `
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
{ read -r _ <&3; kill -TERM $child; } 2>/dev/null &
reader=$!
exec 3<&-
wait $child
status=$?
kill $reader 2>/dev/null
exit $status
`;

export interface GuardedProcess {
  /** Settles with the exit status once the process has ended. */
  exited: Promise<number>;
  /** The last output of the process, for error messages. */
  output(): string;
  /** Resolves when the process has printed `text`; rejects if it ends before. */
  printed(text: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a helper process that outlives neither `stop()` nor us, however we end. It gets no
 * Ctrl-C of its own: it is in a process group of its own and ends when we tell it to.
 */
export function spawnGuarded(command: string, args: readonly string[]): GuardedProcess {
  const child: ChildProcess = spawn('/bin/sh', ['-c', guard, 'sh', command, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4_000);
    for (const listener of listeners) listener();
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.stdin?.on('error', () => undefined);
  const exited = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(-1);
    });
    child.once('exit', (status) => resolve(status ?? -1));
  });
  return {
    exited,
    output: () => output,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!output.includes(text)) return;
          listeners.delete(check);
          resolve();
        };
        listeners.add(check);
        check();
        void exited.then((status) => {
          listeners.delete(check);
          reject(new Error(`${command} ended with status ${status}: ${output.trim()}`));
        });
      }),
    async stop() {
      child.stdin?.end();
      await exited;
    },
  };
}
