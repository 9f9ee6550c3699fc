import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { startOfDay } from '../../lib/archive/archived-call.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { parseMapping } from '../../lib/feeds/mapping.ts';
import { countCallers } from '../../lib/study/measures/count-callers.ts';
import { boundsOfPolicy, FeatureCounts, referenceOf } from '../../lib/study/measures/drift.ts';
import type { ReferenceOptions } from '../commands/reference.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { openInput, orUsageError, readText, sizeOf } from '../input-file.ts';
import { interruptible } from '../interruption.ts';
import { readPolicyFile } from '../policy/policy-file.ts';
import { showProgress } from '../progress.ts';
import { remark } from '../terminal/print.ts';

const DAY_MS = 86_400_000;

/** Writes a reference of a day, and returns the exit code. */
export async function reference(options: ReferenceOptions): Promise<number> {
  const { calls, country, out, source = `${options.day}, ${basename(calls)}` } = options;
  if (existsSync(out) && options.force !== true) {
    throw new UsageError(`${out} exists already; --force replaces it.`);
  }
  const policy =
    options.policy === undefined ? loadDefaultPolicy() : await readPolicyFile(options.policy);
  const mapping =
    options.mapping === undefined
      ? undefined
      : parseMapping(await readText(options.mapping), options.mapping);
  const fromMs = startOfDay(options.day, options.utcOffsetMinutes) * 1000;
  const counts = new FeatureCounts(boundsOfPolicy(policy));
  const progress = showProgress(await sizeOf(calls), options.quiet === true, 'reading');
  const interruption = interruptible();
  try {
    await countCallers(openInput(calls), counts, {
      policy,
      country,
      day: { fromMs, toMs: fromMs + DAY_MS },
      mapping,
      onProgress: progress.update,
      signal: interruption.signal,
    });
  } finally {
    progress.stop();
    interruption.release();
  }
  if (interruption.signal.aborted) {
    remark('Stopped; nothing was written.');
    return EXIT.interrupted;
  }
  if (counts.callers === 0) {
    remark(
      `On ${options.day} nobody made the ${policy.scoring.minimumCallsMade} calls from which callers are judged; nothing was written.`,
    );
    return EXIT.rejected;
  }
  const text = `${JSON.stringify(referenceOf(counts, source), rounded, 2)}\n`;
  await orUsageError(writeFile(out, text), out);
  if (!options.quiet) remark(`${counts.callers} callers of ${options.day} in ${out}`);
  return EXIT.ok;
}

/** More digits would be chance. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value;
}
