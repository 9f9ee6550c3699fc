import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file whole or not at all, for its owner's eyes only. */
export function replaceFile(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  renameSync(unfinished, file);
}
