import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import type { StartOptions } from '../commands/start.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { orUsageError } from '../input-file.ts';
import { contactRows, loadDemoRegisters } from '../replay/demo-registers.ts';
import { hastenPolicy } from '../replay/hasten-policy.ts';
import {
  type CaseStory,
  type LadderReport,
  ladderTable,
  reportLadder,
  storyOfCase,
} from '../replay/ladder-report.ts';
import {
  createLadderWatch,
  type LadderWatch,
  showOfficers,
  untilCasesEnd,
  watchOn,
} from '../replay/ladder-watch.ts';
import { startLocalStack } from '../replay/local-stack.ts';
import { type LadderView, viewLadder } from '../replay/observe-ladder.ts';
import { observeResults } from '../replay/observe-results.ts';
import { workOnTasks } from '../replay/officers-at-work.ts';
import {
  DEMO_OFFICERS,
  DEMO_PASSWORD,
  officersOfLocalCloud,
  worksOnTasks,
} from '../replay/officers-of-local-cloud.ts';
import { type ReplayCounts, replayCalls } from '../replay/replay-calls.ts';
import { openReplayProgress, type ReplayProgress } from '../replay/replay-progress.ts';
import { makeReport, type ReplayReport, summaryTable } from '../replay/replay-report.ts';
import { createReplayScreen, type ReplayScreen } from '../replay/replay-screen.ts';
import { fileSource, type ReplaySource, simulatedSource } from '../replay/replay-source.ts';
import { print } from '../terminal/print.ts';

/** Longest that the pipeline may need to finish what was pushed. */
const SETTLE_MS = 300_000;
const WATCH_MS = 100;
/** Minutes of the ladder in a real one: a quarter of an hour passes in ten seconds. */
const LADDER_SPEED = 90;
/** Longest that the summary waits for cases to end: the longest way up a tier of the shipped ladder, and a bit. */
const CASES_END_MS = 75_000;

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
  ladder: LadderWatch,
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
      openCases: ladder.underWay(),
      riskyCallers: cloud.metrics.sum('RiskyCallersFound'),
    });
  }, WATCH_MS);
  return () => clearInterval(timer);
}

function whatNext(cloud: LocalCloud, { data, manual }: StartOptions): string {
  const env = `AWS_ENDPOINT_URL=${cloud.endpoint} AWS_REGION=${cloud.region} AWS_ACCESS_KEY_ID=${cloud.credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${cloud.credentials.secretAccessKey}`;
  const tasks = manual
    ? 'The tasks are yours.'
    : 'Simulated officers go on working the tasks; you may work beside them.';
  return `
The pipeline stays up at ${cloud.endpoint}. In another terminal:

  export ${env}
  npx forewarn quarantine list --stack Forewarn-local    what was refused, and why
  npx forewarn push FILE --stack Forewarn-local          calls of your own
  curl ${cloud.endpoint}/_forewarn/inbox                 the texts, as the handsets got them
  curl -X PUT '${cloud.endpoint}/_forewarn/handset?number=%2B86…&ends=unreachable'
                                                         how texts to a number end from now on

${tasks} The password is ${DEMO_PASSWORD} for everybody:
${DEMO_OFFICERS.map(({ name }) => name).join(', ')}.

  export FOREWARN_PASSWORD=${DEMO_PASSWORD}
  npx forewarn login --user desk-1 --stack Forewarn-local
  npx forewarn task list --stack Forewarn-local          what stands on your queue
  npx forewarn task claim TASK --stack Forewarn-local
  npx forewarn task complete TASK --outcome dissuaded --stack Forewarn-local

${
  data === undefined
    ? 'Ctrl-C ends everything and leaves nothing behind.'
    : `Ctrl-C ends everything; npm start -- --data ${data} goes on.`
}`;
}

function checkOptions({ calls, manual, mapping, once: ends }: StartOptions): void {
  if (mapping !== undefined && calls === undefined) {
    throw new UsageError('--mapping goes with --calls.');
  }
  if (manual && ends) {
    throw new UsageError(
      '--manual leaves the tasks to you, and --once would end before you could.',
    );
  }
}

/** Runs the pipeline here and replays a source through it; the exit code. */
export async function start(options: StartOptions): Promise<number> {
  checkOptions(options);
  const stop = interruption();
  const screen = createReplayScreen(options.quiet === true);
  const source =
    options.calls === undefined
      ? simulatedSource(options.seed)
      : await fileSource(options.calls, options.mapping);
  const cloud = await startLocalStack({
    port: options.port ?? 0,
    ...(options.data === undefined ? {} : { dataDir: options.data }),
    onLog: caseWatcher(screen),
    onStep: screen.step,
  });
  const done = new AbortController();
  const signal = AbortSignal.any([stop.signal, done.signal]);
  let ladder: Ladder | undefined;
  try {
    if (stop.signal.aborted) return EXIT.interrupted;
    const progress = await openReplayProgress(options.data);
    ladder = await climb(source, cloud, options, progress, screen, signal);
    const replayed = replay(source, cloud, options, progress, screen, ladder, signal);
    // Whatever breaks the officers' work ends the run: nobody would settle the cases any more.
    return await Promise.race([replayed, ladder.broken]);
  } finally {
    done.abort();
    await ladder?.ended();
    screen.done();
    await cloud.close();
  }
}

/** The ladder while it is at work. */
interface Ladder {
  readonly view: LadderView;
  readonly watch: LadderWatch;
  readonly speed: number;
  /** Fails when the officers cannot go on; never resolves. */
  readonly broken: Promise<never>;
  ended(): Promise<void>;
}

/** Cases keep the policy that opened them, so a folder keeps its speed. @throws {UsageError} when another is asked for */
function speedOf({ data, ladderSpeed, manual }: StartOptions, progress: ReplayProgress): number {
  const kept = progress.ladderSpeed;
  if (kept !== undefined && ladderSpeed !== undefined && kept !== ladderSpeed) {
    throw new UsageError(
      `The ladder in ${data} runs ${kept} times as fast: leave --ladder-speed out, or give another folder.`,
    );
  }
  return kept ?? ladderSpeed ?? (manual ? 1 : LADDER_SPEED);
}

/** Sets the ladder up, registers, accounts and all, and puts its people to work. */
async function climb(
  source: ReplaySource,
  cloud: LocalCloud,
  options: StartOptions,
  progress: ReplayProgress,
  screen: ReplayScreen,
  signal: AbortSignal,
): Promise<Ladder> {
  screen.step('setting up registers, officers and their ladder');
  const { manual = false, seed } = options;
  const speed = speedOf(options, progress);
  const [view, clientOf] = await Promise.all([
    viewLadder(cloud, source.truth),
    officersOfLocalCloud(cloud),
    progress.ladderSpeed === undefined ? hastenPolicy(cloud, speed) : undefined,
    loadDemoRegisters(cloud, contactRows(source.households?.() ?? new Map(), seed)),
  ]);
  progress.keepLadderSpeed(speed);
  const watch = createLadderWatch(view, screen);
  const atWork = manual ? [] : DEMO_OFFICERS.filter(worksOnTasks);
  const working = Promise.all([
    watchOn(watch, signal),
    workOnTasks({
      officers: atWork.map(({ name }) => ({ name, client: clientOf(name) })),
      seed,
      speed,
      personOf: view.personOf,
      onNews: showOfficers(screen),
      signal,
    }),
  ]);
  return {
    view,
    watch,
    speed,
    broken: working.then(() => new Promise<never>(() => undefined)),
    async ended() {
      // Its failure has been told by `broken`.
      await working.catch(() => undefined);
      view.close();
    },
  };
}

async function replay(
  source: ReplaySource,
  cloud: LocalCloud,
  options: StartOptions,
  progress: ReplayProgress,
  screen: ReplayScreen,
  ladder: Ladder,
  signal: AbortSignal,
): Promise<number> {
  const after = progress.arrived(source.id);
  const goesOn = after === 0 ? '' : ` from line ${after + 1} on: the others are in already`;
  screen.step(`ready at ${cloud.endpoint}; replaying ${source.name}${goesOn}`);
  cloud.inbox.on('text', screen.text);
  const counts: ReplayCounts = { pushed: 0 };
  const unwatch = watch(source, cloud, counts, ladder.watch, screen);
  const startedAt = performance.now();
  let seconds = 0;
  try {
    await replayCalls(source, cloud, { speed: options.speed }, counts, signal, {
      after,
      onArrived: (line) => progress.keepArrived(source.id, line),
    });
    if (!signal.aborted) await cloud.settled(SETTLE_MS);
    seconds = (performance.now() - startedAt) / 1000;
    if (!options.manual) await untilCasesEnd(ladder.watch, CASES_END_MS, signal);
  } finally {
    unwatch();
    screen.done();
  }
  if (signal.aborted) return EXIT.interrupted;
  const report = makeReport(
    source,
    cloud,
    await observeResults(cloud),
    reportLadder(await storiesOf(ladder, options), ladder.speed),
    { pushed: counts.pushed, seconds },
  );
  print(`\n${summaryTable(report)}`);
  if (report.ladder.cases.length > 0) print(ladderTable(report.ladder));
  if (!options.manual && report.ladder.stillOpen > 0) print(stillOpen(report.ladder));
  await writeReports(report, options);
  if (options.once) return EXIT.ok;
  print(whatNext(cloud, options));
  if (!signal.aborted) await once(signal, 'abort');
  return EXIT.ok;
}

async function storiesOf(
  { speed, view }: Ladder,
  { manual, seed }: StartOptions,
): Promise<CaseStory[]> {
  const recorded = await view.record();
  const now = Date.now();
  return Promise.all(
    recorded.map(async (one) => {
      const person = manual ? undefined : await view.personOf(one.head.caseId);
      return storyOfCase(one, speed, now, person && { seed, person });
    }),
  );
}

function stillOpen({ cases }: LadderReport): string {
  const names = cases.flatMap(({ caseId, end }) => (end === 'open' ? [caseId] : []));
  return `Still under way after ${CASES_END_MS / 1000} s: ${names.join(', ')}`;
}

async function writeReports(report: ReplayReport, { html, report: json }: StartOptions) {
  if (json !== undefined) {
    const text = `${JSON.stringify(report, undefined, 2)}\n`;
    await orUsageError(writeFile(json, text), json);
  }
  if (html !== undefined) {
    // Loaded only where it is asked for: drawing takes its time to load.
    const { ladderPage } = await import('../replay/ladder-page.ts');
    await orUsageError(writeFile(html, ladderPage(report.ladder, report.source)), html);
  }
}
