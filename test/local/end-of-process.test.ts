import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

/** The command lines of all processes that mention a text. */
function processesNaming(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        // It ended while we looked.
        return '';
      }
    })
    .filter((command) => command.includes(text));
}

function folders(pid: number): string[] {
  return ['/dev/shm', '/tmp']
    .flatMap((parent) => readdirSync(parent))
    .filter((name) => name.startsWith(`forewarn-local-${pid}-`));
}

describe('a process that runs a local cloud', () => {
  let assembly: SmallAssembly;

  beforeAll(async () => {
    assembly = await writeSmallAssembly({
      resources: {
        Stream: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } },
      },
    });
  });
  afterAll(() => assembly?.remove());

  const start = async (): Promise<{ pid: number; ended: Promise<unknown> }> => {
    const program = `
      import { startLocalCloud } from '${new URL('../../lib/local/local-cloud.ts', import.meta.url).href}';
      const cloud = await startLocalCloud(${JSON.stringify(assembly)});
      process.once('SIGINT', async () => { await cloud.close(); });
      console.log('READY');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      void ended.then((status) => reject(new Error(`ended with ${status} before it was ready`)));
    });
    return { pid: child.pid ?? 0, ended };
  };

  it('ends by itself after close, and leaves nothing', async () => {
    const { pid, ended } = await start();
    expect(processesNaming(`forewarn-local-${pid}-`)).not.toEqual([]);
    process.kill(pid, 'SIGINT');
    expect(await ended).toBe(0);
    expect(processesNaming(`forewarn-local-${pid}-`)).toEqual([]);
    expect(folders(pid)).toEqual([]);
  });

  it('takes its children along when it is killed, and the next start removes its files', async () => {
    const killed = await start();
    process.kill(killed.pid, 'SIGKILL');
    await killed.ended;
    await vi.waitFor(() => expect(processesNaming(`forewarn-local-${killed.pid}-`)).toEqual([]), {
      timeout: 20_000,
    });
    expect(folders(killed.pid)).not.toEqual([]);
    const next = await start();
    expect(folders(killed.pid)).toEqual([]);
    process.kill(next.pid, 'SIGINT');
    expect(await next.ended).toBe(0);
  });
});
