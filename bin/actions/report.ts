import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { parseMapping } from '../../lib/feeds/mapping.ts';
import { parseTruthFile } from '../../lib/simulation/truth-file.ts';
import { loadDefaultReference, parseReference } from '../../lib/study/measures/read-reference.ts';
import type { StudyMeasures } from '../../lib/study/measures/study-measures.ts';
import { parseStudy } from '../../lib/study/read-study.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import type { ReportOptions } from '../commands/report.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { readText, sizeOf } from '../input-file.ts';
import { interruptible } from '../interruption.ts';
import { readPolicyFile } from '../policy/policy-file.ts';
import { measureCalls } from '../study/measure-calls.ts';
import { measuresOfStatistics, parseStatistics } from '../study/read-statistics.ts';
import { writeStudyReport } from '../study/write-report.ts';
import { remark } from '../terminal/print.ts';

const STANDARD_INPUT = '-';

/** Writes the report of a study, and returns the exit code. */
export async function report(options: ReportOptions): Promise<number> {
  const { html, language, pdf } = options;
  if (html === undefined && pdf === undefined) {
    throw new UsageError('Say where the report is to go: --html FILE, --pdf FILE, or both.');
  }
  const result = parseStudy(await readText(options.study), options.study);
  const officers = await ofStatistics(options);
  const calls = await ofCalls(result, options);
  if (calls === undefined) {
    remark('Stopped; nothing was written.');
    return EXIT.interrupted;
  }
  const measures: StudyMeasures = { ...result.measures, ...officers, ...calls };
  const measured = Object.keys(measures).length === 0 ? result : { ...result, measures };
  await writeStudyReport(measured, { html, pdf, language });
  if (!options.quiet) {
    const files = [html, pdf].filter((file) => file !== undefined);
    remark(`Report of ${result.day}: ${files.join(', ')}`);
  }
  return EXIT.ok;
}

async function ofStatistics({ statistics }: ReportOptions): Promise<StudyMeasures> {
  if (statistics === undefined) return {};
  return measuresOfStatistics(parseStatistics(await readText(statistics), statistics));
}

/** Undefined when it was interrupted. */
async function ofCalls(
  result: StudyResult,
  options: ReportOptions,
): Promise<StudyMeasures | undefined> {
  const { calls } = options;
  if (calls === undefined) return {};
  if (calls === STANDARD_INPUT) {
    throw new UsageError('--calls must be a file: it is read more than once.');
  }
  await sizeOf(calls);
  const given = await callsOfDay(calls, options);
  const interruption = interruptible();
  try {
    const measures = await measureCalls(result, {
      ...given,
      onReading: (done, of) => {
        if (!options.quiet) remark(`Calls read ${done} of ${of} times`);
      },
      signal: interruption.signal,
    });
    return interruption.signal.aborted ? undefined : measures;
  } finally {
    interruption.release();
  }
}

async function callsOfDay(calls: string, options: ReportOptions) {
  const { country, mapping, policy, reference, truth } = options;
  return {
    calls,
    country,
    policy: policy === undefined ? loadDefaultPolicy() : await readPolicyFile(policy),
    reference:
      reference === undefined
        ? loadDefaultReference()
        : parseReference(await readText(reference), reference),
    truth: truth === undefined ? undefined : parseTruthFile(await readText(truth), truth),
    mapping: mapping === undefined ? undefined : parseMapping(await readText(mapping), mapping),
  };
}
