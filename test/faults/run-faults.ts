import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Command, CommanderError } from 'commander';
import { EXIT } from '../../bin/exit-codes.ts';
import { positiveInteger, wholeNumber } from '../../bin/option-values.ts';
import { drawHistory } from './draw-history.ts';
import type { History } from './history.ts';
import { type Violation, violationsOf } from './invariants.ts';
import { runHistory } from './run-history.ts';
import type { RunShare, SeedResult, Tally } from './run-seeds.ts';
import { SEEDED_BUGS } from './seeded-bugs.ts';
import { shrink, sizeOf } from './shrink.ts';
import { tellStory, wordsOf } from './story.ts';
import { SWEPT_KINDS, sweepWrites } from './sweep.ts';

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly only?: number;
  readonly jobs: number;
  readonly sweep?: readonly number[];
  readonly bugs?: true;
  readonly json?: true;
}

const HELP = `
Each seed is one history: operators push some calls, things go wrong, and the product's own functions work through
it in virtual time, on services in memory that answer as AWS documents. Then everything that was promised is checked.
What is simulated, and how to read a story: docs/faults.md.

Examples:
  $ npm run faults -- --runs 10000
  $ npm run faults -- --runs 500 --seed 20000 --jobs 1
  $ npm run faults -- --only 1234
  $ npm run faults -- --runs 1000 --json > result.json
  $ npm run faults -- --sweep 414,650
  $ npm run faults -- --bugs

Exit codes:
  0  every promise was kept        2  wrong usage
  1  a promise was broken          130  interrupted; what was found so far is printed
`;

const EMPTY: Tally = { calls: 0, faults: 0, texts: 0, cases: 0, steps: 0 };
const PROGRESS_MS = 500;
/** Of the histories that broke a promise, so many are told. */
const MOST_STORIES = 3;

interface Outcome {
  runs: number;
  tally: Tally;
  readonly failed: SeedResult[];
}

function added(sum: Tally, more: Tally): Tally {
  const keys = Object.keys(sum) as (keyof Tally)[];
  return Object.fromEntries(keys.map((key) => [key, sum[key] + more[key]])) as unknown as Tally;
}

/** Runs a share of the seeds in a thread of its own. */
function runShare(share: RunShare, tell: (result: SeedResult) => void, stopping: AbortSignal) {
  const worker = new Worker(new URL('./faults-worker.ts', import.meta.url), { workerData: share });
  stopping.addEventListener('abort', () => void worker.terminate(), { once: true });
  worker.on('message', tell);
  return new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

/** Tells on standard error how far it has come, where that is a terminal. */
function progressOf(total: number) {
  let toldAt = 0;
  return ({ failed, runs }: Outcome) => {
    if (!process.stderr.isTTY || performance.now() - toldAt < PROGRESS_MS) return;
    toldAt = performance.now();
    process.stderr.write(`\r${runs} of ${total} histories, ${failed.length} broken `);
  };
}

async function runMany({ jobs, runs, seed }: Options, stopping: AbortSignal): Promise<Outcome> {
  const outcome: Outcome = { runs: 0, tally: EMPTY, failed: [] };
  const progress = progressOf(runs);
  const take = (result: SeedResult) => {
    outcome.runs++;
    outcome.tally = added(outcome.tally, result.tally);
    if (result.violations.length > 0) outcome.failed.push(result);
    progress(outcome);
  };
  const threads = Math.min(jobs, runs);
  const shares = Array.from({ length: threads }, (_, i) => ({
    first: seed + i,
    step: threads,
    runs: Math.ceil((runs - i) / threads),
  }));
  await Promise.all(shares.map((share) => runShare(share, take, stopping)));
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  outcome.failed.sort((a, b) => a.seed - b.seed);
  return outcome;
}

/** The shortest history that still breaks what a seed's breaks, as a story. */
async function storyOf(violations: readonly Violation[], whole: History) {
  const { seed } = whole;
  const { history, tried } = await shrink(whole, violations, undefined);
  const sizes = `${sizeOf(whole)} to ${sizeOf(history)} parts, in ${tried} tries`;
  return `--- seed ${seed}, shortened from ${sizes}\n${await tellStory(history, undefined)}\n`;
}

async function explainOne(seed: number): Promise<number> {
  const violations = await violationsOf(await runHistory(drawHistory(seed)));
  if (violations.length > 0) {
    console.log(await storyOf(violations, drawHistory(seed)));
    return EXIT.rejected;
  }
  console.log(await tellStory(drawHistory(seed), undefined));
  return EXIT.ok;
}

/** Breaks each write of some histories in turn, and tells what broke a promise. */
async function sweepAll(seeds: readonly number[], stopping: AbortSignal): Promise<number> {
  let broken = 0;
  for (const seed of seeds) {
    let runs = 0;
    for await (const { fault, history, violations } of sweepWrites(seed)) {
      // Between two histories a signal is seen; within one nothing else runs.
      await setImmediate();
      if (stopping.aborted) return EXIT.interrupted;
      runs++;
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kseed ${seed}: ${runs} histories`);
      const [first] = violations;
      if (first === undefined) continue;
      if (++broken > MOST_STORIES) console.log(`${wordsOf(fault)}: ${first.rule}: ${first.what}`);
      else console.log(await storyOf(violations, history));
    }
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    const writes = runs / SWEPT_KINDS.length;
    console.log(`seed ${seed}: ${writes} writes, each broken in ${SWEPT_KINDS.length} ways`);
  }
  console.log(`${broken} broke a promise.`);
  return broken > 0 ? EXIT.rejected : EXIT.ok;
}

/** Looks for the first seed that catches each seeded bug, and tells the rule that it breaks. */
async function catchBugs({ runs, seed }: Options): Promise<number> {
  let escaped = 0;
  for (const bug of SEEDED_BUGS) {
    let caught: string | undefined;
    for (let next = seed; caught === undefined && next < seed + runs; next++) {
      const [first] = await violationsOf(await runHistory(drawHistory(next), { bug }));
      if (first !== undefined) caught = `seed ${next}: ${first.rule}`;
    }
    if (caught === undefined) escaped++;
    console.log(`${bug.name}  ${caught ?? `not caught by ${runs} histories`}`);
  }
  return escaped > 0 ? EXIT.rejected : EXIT.ok;
}

async function run(options: Options): Promise<number> {
  if (options.only !== undefined) return explainOne(options.only);
  if (options.bugs) return catchBugs(options);
  const stopping = new AbortController();
  const interrupt = () => stopping.abort();
  process.once('SIGINT', interrupt);
  if (options.sweep !== undefined) return sweepAll(options.sweep, stopping.signal);
  const started = performance.now();
  const busy = process.cpuUsage();
  const outcome = await runMany(options, stopping.signal);
  process.off('SIGINT', interrupt);
  const { failed, runs, tally } = outcome;
  const seconds = (performance.now() - started) / 1000;
  const { system, user } = process.cpuUsage(busy);
  const cpuSeconds = (system + user) / 1e6;
  const rates = {
    seconds,
    cpuSeconds,
    runsPerSecond: runs / seconds,
    runsPerCpuSecond: runs / cpuSeconds,
  };
  if (options.json) {
    console.log(
      JSON.stringify({ runs, broken: failed.length, ...rates, ...tally, failed }, null, 2),
    );
  } else {
    console.log(
      `${runs} histories from seed ${options.seed}: ${tally.calls} lines pushed, ${tally.faults} faults planned, ` +
        `${tally.texts} texts, ${tally.cases} cases, ${tally.steps} steps.`,
    );
    console.log(
      `${failed.length} broke a promise. ${seconds.toFixed(1)} s on ${options.jobs} threads: ` +
        `${rates.runsPerSecond.toFixed(0)} histories/s, ${rates.runsPerCpuSecond.toFixed(0)} per second of a core.`,
    );
    for (const result of failed.slice(0, MOST_STORIES)) {
      const [first] = result.violations;
      const isPlain = stopping.signal.aborted || first?.rule === 'a history can be run';
      console.log(
        isPlain
          ? `seed ${result.seed}: ${first?.rule}: ${first?.what}`
          : await storyOf(result.violations, drawHistory(result.seed)),
      );
    }
    const rest = failed.slice(MOST_STORIES).map(({ seed }) => seed);
    if (rest.length > 0) console.log(`Broken, too (--only SEED tells): ${rest.join(', ')}`);
  }
  if (stopping.signal.aborted) return EXIT.interrupted;
  return failed.length > 0 ? EXIT.rejected : EXIT.ok;
}

const program = new Command('npm run faults --')
  .description('Prove by simulation that nothing is lost, doubled or leaked, whatever fails')
  .option('--runs <n>', 'how many histories', positiveInteger, 1_000)
  .option('--seed <n>', 'of the first; the others follow', wholeNumber, 1)
  .option(
    '--only <seed>',
    'run this one and tell its story, whether or not it breaks a promise',
    wholeNumber,
  )
  .option(
    '--sweep <seeds>',
    'break every write of these histories in turn, in every way; with commas between',
    (text: string) => text.split(',').map(wholeNumber),
  )
  .option('--jobs <n>', 'threads', positiveInteger, 2)
  .option('--bugs', 'tell which seed catches each bug that is kept to test the tests')
  .option('--json', 'print the result as JSON')
  .addHelpText('after', HELP)
  .exitOverride();
try {
  await program.parseAsync();
  process.exitCode = await run(program.opts<Options>());
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
