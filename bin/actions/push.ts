import { createWriteStream, type WriteStream } from 'node:fs';
import Table from 'cli-table3';
import { type ParsedCall, parseCallRecord } from '../../lib/domain/call-record.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import { parseMapping } from '../../lib/feeds/mapping.ts';
import type { Mapping } from '../../lib/feeds/mapping-schema.ts';
import {
  emptyTally,
  type FeedTally,
  type LineProblem,
  pushFeed,
} from '../../lib/feeds/push-feed.ts';
import { RecordPusher, type SendRecords } from '../../lib/feeds/push-records.ts';
import { createRateLimit, type RateLimit, systemTimer } from '../../lib/feeds/rate-limit.ts';
import {
  fileIdentity,
  type ResumePoint,
  readResumePoint,
  removeResumePoint,
  writeResumePoint,
} from '../../lib/feeds/resume-point.ts';
import type { PushOptions } from '../commands/push.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { openInput, readText, sizeOf } from '../input-file.ts';
import { interruptible } from '../interruption.ts';
import { showProgress } from '../progress.ts';
import { safeJson } from '../terminal/plain-text.ts';
import { print, remark } from '../terminal/print.ts';

/** Time alone decides nothing here: how old a record may be is the stage's own setting. */
const ANY_TIME = {
  nowMs: 0,
  retentionMs: Number.POSITIVE_INFINITY,
  maxFutureMs: Number.POSITIVE_INFINITY,
};
const SHOWN_PROBLEMS = 10;
const BETWEEN_RESUME_POINTS_MS = 2000;

/** What one run of the command shares between its files. */
interface Run {
  readonly options: PushOptions;
  readonly mapping: Mapping | undefined;
  readonly check: ((record: unknown) => ParsedCall) | undefined;
  readonly send: SendRecords | undefined;
  readonly rateLimit: RateLimit | undefined;
  readonly resumeFile: string | undefined;
  readonly signal: AbortSignal;
  readonly tally: FeedTally;
  readonly report: (file: string, problem: LineProblem) => void;
  readonly progress: { advance(fileBytes: number): void; arrived(calls: number): void };
  /** Files pushed in full. */
  readonly done: string[];
  /** Said when the progress bar is gone. */
  readonly notices: string[];
}

/** Pushes the files, prints what came of it, and returns the exit code. */
export async function push(files: readonly string[], options: PushOptions): Promise<number> {
  checkUsage(files, options);
  const mapping = await readMapping(options.mapping);
  const sizes = await Promise.all(files.map(sizeOf));
  const resumeFile = resumeFileOf(files, options);
  const from = resumeFile === undefined ? undefined : await resumePoint(resumeFile, files, options);
  const throttling = { refusals: 0 };
  const send = options.dryRun ? undefined : await connect(options, throttling);
  const interruption = interruptible();
  const problems = problemReporter(options.rejects);
  const progress = progressOver(sizes, options.quiet === true);
  const run: Run = {
    options,
    mapping,
    check: options.validate ? validator(options.country) : undefined,
    send,
    rateLimit: options.rate === undefined ? undefined : createRateLimit(options.rate, systemTimer),
    resumeFile,
    signal: interruption.signal,
    tally: emptyTally(),
    report: problems.report,
    progress,
    done: [...(from?.done ?? [])],
    notices: [],
  };
  const startedAt = performance.now();
  try {
    await pushFiles(files, run, from);
  } finally {
    progress.stop();
    interruption.release();
    await problems.close();
    problems.print();
    run.notices.forEach(say);
    const seconds = (performance.now() - startedAt) / 1000;
    const arrived = options.dryRun ? 0 : progress.calls();
    printSummary(run, { seconds, arrived, refusals: throttling.refusals });
  }
  if (interruption.signal.aborted) return EXIT.interrupted;
  return run.tally.rejected.size > 0 ? EXIT.rejected : EXIT.ok;
}

function checkUsage(files: readonly string[], options: PushOptions): void {
  if (options.stream !== undefined && options.stack !== undefined) {
    throw new UsageError('Give either --stream or --stack.');
  }
  if (files.includes('-') && files.length > 1) {
    throw new UsageError('Standard input (-) cannot be pushed together with files.');
  }
  if (files.includes('-') && options.resume) {
    throw new UsageError('Standard input cannot be resumed: it cannot be read from its beginning.');
  }
}

async function readMapping(path: string | undefined): Promise<Mapping | undefined> {
  if (path === undefined) return undefined;
  return parseMapping(await readText(path), path);
}

function resumeFileOf(files: readonly string[], options: PushOptions): string | undefined {
  const [first] = files;
  if (options.dryRun || first === undefined || first === '-') return undefined;
  return options.resumeFile ?? `${first}.resume.json`;
}

async function resumePoint(
  resumeFile: string,
  files: readonly string[],
  options: PushOptions,
): Promise<ResumePoint | undefined> {
  const point = await readResumePoint(resumeFile);
  if (!options.resume) {
    if (point !== undefined && !options.quiet) {
      say(
        `An earlier push stopped after line ${point.line} of ${point.file}; --resume goes on there.`,
      );
    }
    return undefined;
  }
  if (point === undefined) {
    throw new UsageError(`There is nothing to resume: ${resumeFile} does not exist.`);
  }
  if (!files.includes(point.file)) {
    throw new UsageError(`${resumeFile} is about ${point.file}, which is not among the files.`);
  }
  if ((await fileIdentity(point.file)) !== point.identity) {
    throw new UsageError(
      `${point.file} is not the file that was pushed before; remove ${resumeFile} to push it from its beginning.`,
    );
  }
  return point;
}

/** Loaded only where it is needed: a dry run starts faster without AWS. */
async function connect(
  options: PushOptions,
  throttling: { refusals: number },
): Promise<SendRecords> {
  const { callsStream } = await import('../calls-stream.ts');
  return callsStream(options, throttling);
}

function validator(country: string): (record: unknown) => ParsedCall {
  const context = { ...ANY_TIME, normaliseNumber: createNumberNormaliser(country) };
  return (record) => parseCallRecord(record, context);
}

function problemReporter(rejectsFile: string | undefined) {
  const rejects: WriteStream | undefined =
    rejectsFile === undefined ? undefined : createWriteStream(rejectsFile);
  const shown: string[] = [];
  let total = 0;
  return {
    report(file: string, problem: LineProblem): void {
      total++;
      if (shown.length < SHOWN_PROBLEMS) {
        shown.push(`${file}:${problem.line}: ${problem.reason}: ${problem.detail}`);
      }
      rejects?.write(`${JSON.stringify({ file, ...problem })}\n`);
    },
    print(): void {
      for (const text of shown) say(text);
      if (total > shown.length) say(`… and ${total - shown.length} more`);
    },
    close: () => new Promise<void>((done) => (rejects ? rejects.end(done) : done())),
  };
}

function progressOver(sizes: readonly (number | undefined)[], quiet: boolean) {
  const total = sizes.reduce<number | undefined>(
    (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
  const bar = showProgress(total, quiet);
  let calls = 0;
  return {
    advance: (bytes: number) => bar.update(bytes, calls),
    arrived: (more: number) => {
      calls += more;
    },
    calls: () => calls,
    stop: () => bar.stop(),
  };
}

async function pushFiles(
  files: readonly string[],
  run: Run,
  from: ResumePoint | undefined,
): Promise<void> {
  let bytesBefore = 0;
  for (const file of files) {
    if (run.signal.aborted) return;
    if (!run.done.includes(file)) {
      await pushFile(file, run, file === from?.file ? from.line : 0, bytesBefore);
      if (!run.signal.aborted) run.done.push(file);
    }
    bytesBefore += (await sizeOf(file)) ?? 0;
  }
  if (run.resumeFile !== undefined && !run.signal.aborted) await removeResumePoint(run.resumeFile);
}

async function pushFile(
  file: string,
  run: Run,
  afterLine: number,
  bytesBefore: number,
): Promise<void> {
  const { send, resumeFile, done, progress } = run;
  const pusher =
    send && new RecordPusher({ send, timer: systemTimer, onArrived: progress.arrived });
  const identity = resumeFile === undefined ? '' : await fileIdentity(file);
  const note = async () => {
    if (pusher === undefined || resumeFile === undefined) return;
    const line = Math.max(afterLine, pusher.arrivedUpTo);
    await writeResumePoint(resumeFile, { version: 1, done, file, identity, line });
  };
  let notedAt = performance.now();
  try {
    await pushFeed(openInput(file), {
      mapping: run.mapping,
      check: run.check,
      pusher,
      rateLimit: run.rateLimit,
      afterLine,
      tally: run.tally,
      signal: run.signal,
      onProblem: (problem) => run.report(file, problem),
      onBatch: (bytesRead) => {
        progress.advance(bytesBefore + bytesRead);
        if (performance.now() - notedAt < BETWEEN_RESUME_POINTS_MS) return undefined;
        notedAt = performance.now();
        return note();
      },
    });
    if (run.signal.aborted) await stoppedAt(note, pusher, file, run);
  } catch (error) {
    await stoppedAt(note, pusher, file, run);
    throw error;
  }
}

async function stoppedAt(
  note: () => Promise<void>,
  pusher: RecordPusher | undefined,
  file: string,
  run: Run,
): Promise<void> {
  if (pusher === undefined) return;
  await note();
  const stopped = `Stopped; everything up to line ${pusher.arrivedUpTo} of ${file} has arrived.`;
  run.notices.push(
    run.resumeFile === undefined ? stopped : `${stopped} To go on: the same command with --resume`,
  );
}

function printSummary(
  { options, tally, signal }: Run,
  result: { seconds: number; arrived: number; refusals: number },
): void {
  const pushed = options.dryRun ? tally.accepted : result.arrived;
  const rejected = [...tally.rejected.values()].reduce((sum, count) => sum + count, 0);
  const period = Number.isFinite(tally.firstStartMs)
    ? {
        firstStart: new Date(tally.firstStartMs).toISOString(),
        lastStart: new Date(tally.lastStartMs).toISOString(),
      }
    : {};
  if (options.json) {
    const summary = {
      dryRun: options.dryRun === true,
      interrupted: signal.aborted,
      read: tally.read,
      [options.dryRun ? 'valid' : 'pushed']: pushed,
      skipped: tally.skipped,
      rejected,
      rejectedByReason: Object.fromEntries(tally.rejected),
      ...period,
      refusals: result.refusals,
      seconds: Math.round(result.seconds * 1000) / 1000,
      callsPerSecond: Math.round(pushed / Math.max(result.seconds, 0.001)),
    };
    print(safeJson(summary, 2));
    return;
  }
  if (options.quiet) return;
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  table.push(['calls read', tally.read]);
  table.push([options.dryRun ? 'valid (dry run: not pushed)' : 'pushed', pushed]);
  if (tally.skipped > 0) table.push(['left out by the mapping', tally.skipped]);
  for (const [reason, count] of tally.rejected) table.push([`not valid: ${reason}`, count]);
  if (period.firstStart !== undefined) {
    table.push(['first call', period.firstStart], ['last call', period.lastStart]);
  }
  if (result.refusals > 0) table.push(['times the stream asked to slow down', result.refusals]);
  table.push(['seconds', result.seconds.toFixed(1)]);
  print(table.toString());
}

function say(text: string): void {
  remark(text);
}
