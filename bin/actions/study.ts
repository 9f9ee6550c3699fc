import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_ENGINE_LIMITS, DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { DuckDbStudyArchive } from '../../lib/study/duckdb-study-archive.ts';
import { loadDefaultReference, parseReference } from '../../lib/study/measures/read-reference.ts';
import { studyDay } from '../../lib/study/study-day.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import type { StudyCommandOptions } from '../commands/study.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { orUsageError, readText } from '../input-file.ts';
import { interruptible } from '../interruption.ts';
import { readPolicyFile } from '../policy/policy-file.ts';
import { studyTables } from '../study/study-tables.ts';
import { writeStudyReport } from '../study/write-report.ts';
import { print, remark } from '../terminal/print.ts';

const TOKEN = /^[A-Za-z0-9_-]{23}$/;

/** Studies a day, prints what was found, and returns the exit code. */
export async function study(options: StudyCommandOptions): Promise<number> {
  const { archive: folder, day, out, quiet } = options;
  const found = await orUsageError(stat(folder), folder);
  if (!found.isDirectory()) throw new UsageError(`${folder} is no folder, and so no archive.`);
  const policy =
    options.policy === undefined ? loadDefaultPolicy() : await readPolicyFile(options.policy);
  const known = options.known === undefined ? [] : await readTokens(options.known);
  const reference =
    options.reference === undefined
      ? loadDefaultReference()
      : parseReference(await readText(options.reference), options.reference);
  const interruption = interruptible();
  const startedAt = performance.now();
  let result: StudyResult;
  try {
    await using archive = await DuckDbArchive.open(folder, {
      ...DEFAULT_ENGINE_LIMITS,
      memoryMiB: options.memory,
    });
    // A question may take a while: the engine is told, too.
    interruption.signal.addEventListener('abort', () => archive.connection.interrupt());
    result = await studyDay(await DuckDbStudyArchive.open(archive), {
      day,
      policy,
      known,
      reference,
      windowDays: options.window,
      onStep: quiet ? () => undefined : showStep,
      signal: interruption.signal,
    });
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    remark('Stopped; nothing was written but summaries of days, which are whole.');
    return EXIT.interrupted;
  } finally {
    interruption.release();
  }
  const file = out === undefined ? undefined : await save(out, result);
  const seconds = (performance.now() - startedAt) / 1000;
  const { html, language, pdf } = options;
  if (html !== undefined || pdf !== undefined) {
    await writeStudyReport(result, { html, pdf, language });
  }
  print(
    options.json
      ? JSON.stringify(result, undefined, 2)
      : studyTables(result, options.language, seconds),
  );
  if (file !== undefined && !quiet) remark(`Result: ${file}`);
  return EXIT.ok;
}

/** One line that is written over, where there is a terminal. */
function showStep(done: number, steps: number, what: string): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(
    done === steps ? '\r\u001b[K' : `\r\u001b[K[${done + 1}/${steps}] ${what} …`,
  );
}

async function readTokens(file: string): Promise<string[]> {
  const lines = (await readText(file)).split('\n').map((line) => line.trim());
  const tokens = lines.filter((line) => line !== '');
  const bad = tokens.findIndex((token) => !TOKEN.test(token));
  if (bad >= 0) {
    throw new UsageError(`${file}: entry ${bad + 1} is no number token of 23 characters.`);
  }
  return tokens;
}

/** Under its name only when it is whole; a study of the same day before is replaced. */
async function save(out: string, result: StudyResult): Promise<string> {
  const file = join(out, `study-${result.day}.json`);
  await orUsageError(mkdir(out, { recursive: true }), out);
  await orUsageError(
    writeFile(`${file}.partial`, `${JSON.stringify(result, undefined, 1)}\n`),
    out,
  );
  await rename(`${file}.partial`, file);
  return file;
}
