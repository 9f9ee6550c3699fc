import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { startLocalStack } from '../replay/local-stack.ts';
import { observeResults } from '../replay/observe-results.ts';
import { type ReplayCounts, replayCalls } from '../replay/replay-calls.ts';
import { makeReport, summaryTable } from '../replay/replay-report.ts';
import { createReplayScreen, type ReplayScreen } from '../replay/replay-screen.ts';
import { fileSource, type ReplaySource, simulatedSource } from '../replay/replay-source.ts';

interface StartOptions {
  readonly once?: true;
  readonly calls?: string;
  readonly mapping?: string;
  readonly report?: string;
  readonly seed: number;
  readonly speed?: number;
  readonly port?: number;
  readonly quiet?: true;
}

const EXAMPLES = `
Examples:
  $ npm start                                          a simulated morning, then stay up
  $ npm start -- --once --seed 7 --report r.json       another morning, then end
  $ npm start -- --speed 60                            a minute of the morning per second
  $ npm start -- --calls export.csv.gz --mapping our-switch.json --once

Exit codes:
  0  done     1  the pipeline did not come to rest     2  wrong usage or input     130  interrupted
`;

/** Longest that the pipeline may need to finish what was pushed. */
const SETTLE_MS = 300_000;
const WATCH_MS = 100;

function number(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };
}

/** `forewarn start`, which is `npm start`. */
export function startCommand(exitWith: (code: number) => void): Command {
  return new Command('start')
    .description('Run the whole pipeline on this machine and replay calls through it')
    .option('--once', 'end after the summary')
    .option(
      '--calls <file>',
      "replay an operator's file (CSV or JSON Lines, either gzipped) instead of the simulation",
    )
    .option('--mapping <file>', "how the file's columns become call records")
    .option('--report <file>', 'write the summary as JSON')
    .option('--seed <n>', 'of the simulation', number(0, Number.MAX_SAFE_INTEGER), 1)
    .option(
      '--speed <n>',
      'record time over real time, such as 60; default: as fast as it goes',
      number(0.01, 1e6),
    )
    .option('--port <n>', 'of the local cloud; default: a free one', number(0, 65_535))
    .option('--quiet', 'the summary only')
    .addHelpText('after', EXAMPLES)
    .action(async (options: StartOptions) => exitWith(await start(options)));
}

/** Ctrl-C and a polite kill end the run; a second one does not wait. */
function interruption(): AbortController {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return controller;
}

/** Shows what the functions say of cases as they open. */
function caseWatcher(screen: ReplayScreen): (functionName: string, line: string) => void {
  return (_, line) => {
    if (!line.startsWith('{') || !line.includes('"case opened"')) return;
    const { caseId, tier } = JSON.parse(line) as { caseId: string; tier: string };
    screen.caseOpened(tier, caseId);
  };
}

function watch(
  source: ReplaySource,
  cloud: LocalCloud,
  counts: ReplayCounts,
  screen: ReplayScreen,
): () => void {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const seconds = (performance.now() - startedAt) / 1000;
    const done =
      source.total === undefined ? undefined : Math.min(1, source.progress() / source.total);
    screen.update({
      done,
      pushed: counts.pushed,
      perSecond: counts.pushed / seconds,
      secondsLeft: done === undefined || done === 0 ? undefined : (seconds * (1 - done)) / done,
      texts: cloud.inbox.texts.length,
      cases: cloud.metrics.sum('CasesOpened'),
      riskyCallers: cloud.metrics.sum('RiskyCallersFound'),
    });
  }, WATCH_MS);
  return () => clearInterval(timer);
}

function whatNext(cloud: LocalCloud): string {
  const env = `AWS_ENDPOINT_URL=${cloud.endpoint} AWS_REGION=${cloud.region} AWS_ACCESS_KEY_ID=${cloud.credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${cloud.credentials.secretAccessKey}`;
  return `
The pipeline stays up at ${cloud.endpoint}. In another terminal:

  export ${env}
  npx forewarn task list --stack Forewarn-local          the police calls that are due
  npx forewarn quarantine list --stack Forewarn-local    what was refused, and why
  npx forewarn push FILE --stack Forewarn-local          calls of your own
  curl ${cloud.endpoint}/_forewarn/inbox                 the texts, as the handsets got them

Ctrl-C ends everything and leaves nothing behind.`;
}

async function start(options: StartOptions): Promise<number> {
  if (options.mapping !== undefined && options.calls === undefined) {
    throw new UsageError('--mapping goes with --calls.');
  }
  const stop = interruption();
  const screen = createReplayScreen(options.quiet === true);
  const source =
    options.calls === undefined
      ? simulatedSource(options.seed)
      : await fileSource(options.calls, options.mapping);
  const cloud = await startLocalStack({
    port: options.port ?? 0,
    onLog: caseWatcher(screen),
    onStep: screen.step,
  });
  try {
    return await replay(source, cloud, options, screen, stop.signal);
  } finally {
    screen.done();
    await cloud.close();
  }
}

async function replay(
  source: ReplaySource,
  cloud: LocalCloud,
  options: StartOptions,
  screen: ReplayScreen,
  signal: AbortSignal,
): Promise<number> {
  if (signal.aborted) return EXIT.interrupted;
  screen.step(`ready at ${cloud.endpoint}; replaying ${source.name}`);
  cloud.inbox.on('text', screen.text);
  const counts: ReplayCounts = { pushed: 0 };
  const unwatch = watch(source, cloud, counts, screen);
  const startedAt = performance.now();
  try {
    await replayCalls(source, cloud, { speed: options.speed }, counts, signal);
    if (!signal.aborted) await cloud.settled(SETTLE_MS);
  } finally {
    unwatch();
    screen.done();
  }
  if (signal.aborted) return EXIT.interrupted;
  const seconds = (performance.now() - startedAt) / 1000;
  const results = await observeResults(cloud);
  const report = makeReport(source, cloud, results, { pushed: counts.pushed, seconds });
  process.stdout.write(`\n${summaryTable(report)}\n`);
  if (options.report !== undefined) {
    await writeFile(options.report, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  if (options.once) return EXIT.ok;
  process.stdout.write(`${whatNext(cloud)}\n`);
  if (!signal.aborted) await once(signal, 'abort');
  return EXIT.ok;
}
