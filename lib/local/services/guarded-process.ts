import { type ChildProcess, spawn } from 'node:child_process';

/**
 * The shell that stands between us and a child: it ends the child when our end of its input
 * closes, which also happens when we are killed, and ends itself when the child does. A child
 * that does not end when told is killed with its whole group, the shell included.
 */
const guard = (graceSeconds: number): string => `
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
# The shell says how a child died; nobody may listen any more, and it has to go on.
trap '' PIPE
{ read -r _ <&3; kill -TERM $child; sleep ${graceSeconds}; kill -KILL 0; } >/dev/null 2>&1 &
reader=$!
exec 3<&-
wait $child
status=$?
kill $reader 2>/dev/null
exit $status
`;

export interface GuardedProcess {
  /** Of the group that it is in. */
  pid: number | undefined;
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
 *
 * @param graceSeconds what it gets to end by itself once told, before it is killed
 */
export function spawnGuarded(
  command: string,
  args: readonly string[],
  graceSeconds = 10,
): GuardedProcess {
  const child: ChildProcess = spawn(
    '/bin/sh',
    ['-c', guard(graceSeconds), 'sh', command, ...args],
    {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
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
    pid: child.pid,
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
      // Whatever the child started may hold the other ends, and would keep us from ending.
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
  };
}
