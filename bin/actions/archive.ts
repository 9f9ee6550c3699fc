import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { type Sealer, sealNumber } from '../../functions/adapters/sealing.ts';
import {
  type AnswerRow,
  DEFAULT_ENGINE_LIMITS,
  DuckDbArchive,
} from '../../lib/archive/duckdb-archive.ts';
import { ArchiveError } from '../../lib/archive/errors.ts';
import { type Imported, importHistory } from '../../lib/archive/import-history.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import { parseMapping } from '../../lib/feeds/mapping.ts';
import {
  type ArchiveDescription,
  readDescription,
  writeDescription,
} from '../archive/archive-description.ts';
import { openKeyFile, readKeyFile, sealerOfForgottenKey } from '../archive/key-file.ts';
import type {
  ArchiveAskOptions,
  ArchiveDaysOptions,
  ArchiveImportOptions,
  ArchiveKeyOptions,
} from '../commands/archive.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { openInput, readText, sizeOf } from '../input-file.ts';
import { interruptible } from '../interruption.ts';
import { showProgress } from '../progress.ts';
import { fittedTable } from '../terminal/fitted-table.ts';
import { plainValue, safeJson } from '../terminal/plain-text.ts';
import { print, remark } from '../terminal/print.ts';

/** By which nothing but the key is known again. */
const NOBODY = { kind: 'service', number: ':0' } as const;

/** Takes a file of calls into an archive, and returns the exit code. */
export async function importCalls(options: ArchiveImportOptions): Promise<number> {
  const { archive: folder, calls, country, mapping: mappingFile } = options;
  const mapping =
    mappingFile === undefined ? undefined : parseMapping(await readText(mappingFile), mappingFile);
  const bytes = await sizeOf(calls);
  const known = await readDescription(folder);
  const sealer = await chosenSealer(options, known);
  const description = agreedDescription(options, known, sealer);
  const progress = showProgress(bytes, options.quiet === true, 'importing');
  const interruption = interruptible();
  const startedAt = performance.now();
  let imported: Imported;
  try {
    await using archive = await openArchive(folder, options.memory);
    // Before the calls: what an interruption leaves behind must not be sealed with an unknown key.
    await writeDescription(folder, description);
    imported = await importHistory(openInput(calls), archive, {
      country,
      mapping,
      utcOffsetMinutes: description.utcOffsetMinutes,
      tokenOf: (party) => sealNumber(party, sealer),
      mayReplace: options.replace === true,
      onProgress: progress.update,
      onWriting: () => {
        progress.stop();
        if (!options.quiet) remark('All is read; sealing and writing …');
      },
      signal: interruption.signal,
    });
  } catch (error) {
    if (!interruption.signal.aborted) throw asUsageError(error);
    remark('Stopped; the archive is as it was.');
    return EXIT.interrupted;
  } finally {
    progress.stop();
    interruption.release();
  }
  reportImport(imported, options, (performance.now() - startedAt) / 1000);
  return imported.records === 0 ? EXIT.rejected : EXIT.ok;
}

async function chosenSealer(
  { archive, key, quiet }: ArchiveImportOptions,
  known: ArchiveDescription | undefined,
): Promise<Sealer> {
  if (key !== undefined) {
    const { sealer, made } = await openKeyFile(key);
    if (made && !quiet) remark(`A new key is in ${key}: keep it apart from the archive.`);
    return sealer;
  }
  if (known !== undefined) {
    throw new UsageError(
      `${archive} is sealed with a key already: give it with --key, or import into another folder.`,
    );
  }
  if (!quiet) {
    remark(
      'Without --key, numbers are sealed with a key that is forgotten: nobody can read them back, and nothing can be added later.',
    );
  }
  return sealerOfForgottenKey();
}

function agreedDescription(
  { archive, utcOffset }: ArchiveImportOptions,
  known: ArchiveDescription | undefined,
  sealer: Sealer,
): ArchiveDescription {
  const sealedNothing = sealNumber(NOBODY, sealer);
  if (known === undefined) {
    const utcOffsetMinutes = utcOffset ?? loadDefaultPolicy().subjects.utcOffsetMinutes;
    return { schema: 'forewarn-archive/1', utcOffsetMinutes, sealedNothing };
  }
  if (known.sealedNothing !== sealedNothing) {
    throw new UsageError(
      `${archive} is sealed with another key: its numbers and yours would not be the same.`,
    );
  }
  if (utcOffset !== undefined && utcOffset !== known.utcOffsetMinutes) {
    throw new UsageError(`The days of ${archive} begin by another local time: see --utc-offset.`);
  }
  return known;
}

function reportImport(imported: Imported, options: ArchiveImportOptions, seconds: number): void {
  const rejected = Object.fromEntries(imported.rejected);
  if (options.json) {
    const rounded = Math.round(seconds * 1000) / 1000;
    print(safeJson({ ...imported, rejected, seconds: rounded }, 2));
    return;
  }
  const { calls, days, numbers, records } = imported;
  const rate = Math.round(records / Math.max(seconds, 0.001));
  print(
    `${records} records are ${calls} calls of ${numbers} numbers, in ${seconds.toFixed(1)} s (${rate}/s).`,
  );
  if (days.length > 0) print(`Days: ${days.join(', ')}.`);
  for (const [reason, count] of Object.entries(rejected)) {
    print(`${count} records were not valid: ${reason}.`);
  }
}

/** Lists the days of an archive, and returns the exit code. */
export async function listDays({ archive: folder, json }: ArchiveDaysOptions): Promise<number> {
  await existing(folder);
  await using archive = await openArchive(folder);
  const rows = await archive.ask<{ day: string; calls: number }>(
    'SELECT day, count(*) AS calls FROM calls GROUP BY day ORDER BY day',
  );
  const days = await Promise.all(
    rows.map(async (row) => ({
      ...row,
      bytes: await bytesOf(join(folder, 'calls', `day=${row.day}`)),
    })),
  );
  if (json) {
    print(safeJson(days, 2));
  } else if (days.length === 0) {
    print('The archive has no calls.');
  } else {
    print(
      fittedTable(
        [{ head: 'day' }, { head: 'calls', align: 'right' }, { head: 'MB', align: 'right' }],
        days.map(({ day, calls, bytes }) => [day, calls, (bytes / 1e6).toFixed(1)]),
      ),
    );
  }
  return EXIT.ok;
}

async function bytesOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Asks an archive, prints the rows, and returns the exit code. */
export async function ask(options: ArchiveAskOptions): Promise<number> {
  const { archive: folder, json, memory, question } = options;
  const sql = question === '-' ? await textOf(openInput('-')) : await readText(question);
  await existing(folder);
  const interruption = interruptible();
  let rows: readonly AnswerRow[];
  try {
    await using archive = await openArchive(folder, memory);
    await archive.confine();
    interruption.signal.addEventListener('abort', () => archive.connection.interrupt());
    rows = await archive.askReading(sql, options.value);
  } catch (error) {
    if (!interruption.signal.aborted) throw asUsageError(error);
    remark('Stopped.');
    return EXIT.interrupted;
  } finally {
    interruption.release();
  }
  if (json) print(safeJson(rows, 2));
  else if (rows.length === 0) print('No rows.');
  else print(tableOf(rows));
  return EXIT.ok;
}

function tableOf(rows: readonly AnswerRow[]): string {
  const plain = plainValue(rows);
  const columns = Object.keys(plain[0] ?? {}).map((head) => {
    const isNumber = plain.every((row) => typeof row[head] === 'number' || row[head] === null);
    return { head, ...(isNumber && { align: 'right' as const }) };
  });
  return fittedTable(
    columns,
    plain.map((row) => columns.map(({ head }) => cell(row[head]))),
  );
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Prints the token of a number, and returns the exit code. */
export async function tokenOfNumber(text: string, options: ArchiveKeyOptions): Promise<number> {
  const party = createNumberNormaliser(options.country)(text);
  if (party === undefined) throw new UsageError('That is no phone number.');
  print(sealNumber(party, await readKeyFile(options.key)));
  return EXIT.ok;
}

/** Prints the number behind a token, and returns the exit code. */
export async function numberOfToken(token: string, options: ArchiveKeyOptions): Promise<number> {
  const sealer = await readKeyFile(options.key);
  try {
    print(sealer.unseal(token).number);
  } catch (cause) {
    throw new UsageError('That token was not sealed with this key.', { cause });
  }
  return EXIT.ok;
}

function openArchive(folder: string, memoryMiB?: number): Promise<DuckDbArchive> {
  return DuckDbArchive.open(folder, {
    ...DEFAULT_ENGINE_LIMITS,
    ...(memoryMiB !== undefined && { memoryMiB }),
  });
}

/** To ask is not to make one. */
async function existing(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new UsageError(`${folder} is no archive: make one with forewarn archive import.`);
}

function asUsageError(error: unknown): unknown {
  if (!(error instanceof ArchiveError)) return error;
  if (error.code === 'day-there') {
    return new UsageError(
      `${error.message} Nothing was changed. With --replace, what the file says of them replaces them.`,
      { cause: error },
    );
  }
  return error.code === 'engine-failed' ? error : new UsageError(error.message, { cause: error });
}
