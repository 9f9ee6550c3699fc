import { readdirSync, readFileSync } from 'node:fs';

interface RunningProcess {
  readonly parent: number;
  readonly bytes: number;
}

function processes(): Map<number, RunningProcess> {
  const found = new Map<number, RunningProcess>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const [, parent] = /^PPid:\s+(\d+)/m.exec(status) ?? [];
      const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(status) ?? [];
      found.set(Number(name), { parent: Number(parent), bytes: Number(kilobytes ?? 0) * 1024 });
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

/** Resident memory of this process and all that it started, in bytes. Linux only. */
export function residentBytes(): number {
  const all = processes();
  const isOurs = (pid: number): boolean => {
    if (pid === process.pid) return true;
    const parent = all.get(pid)?.parent;
    return parent !== undefined && parent > 0 && isOurs(parent);
  };
  let bytes = 0;
  for (const [pid, one] of all) if (isOurs(pid)) bytes += one.bytes;
  return bytes;
}
