import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import type { StartOptions } from '../commands/start.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { startLocalStack } from '../replay/local-stack.ts';
import { observeResults } from '../replay/observe-results.ts';
import { type ReplayCounts, replayCalls } from '../replay/replay-calls.ts';
import { makeReport, summaryTable } from '../replay/replay-report.ts';
import { createReplayScreen, type ReplayScreen } from '../replay/replay-screen.ts';
import { fileSource, type ReplaySource, simulatedSource } from '../replay/replay-source.ts';

/** Longest that the pipeline may need to finish what was pushed. */
const SETTLE_MS = 300_000;
const WATCH_MS = 100;

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
  curl -X PUT '${cloud.endpoint}/_forewarn/handset?number=%2B86…&ends=unreachable'
                                                         how texts to a number end from now on

Ctrl-C ends everything and leaves nothing behind.`;
}

/** Runs the pipeline here and replays a source through it; the exit code. */
export async function start(options: StartOptions): Promise<number> {
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
