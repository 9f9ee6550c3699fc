import { gzipSync } from 'node:zlib';
import { decisionName } from '../../functions/adapters/decision-name.ts';
import { createOpenByHand } from '../../functions/adapters/open-by-hand.ts';
import { reportOutcome } from '../../functions/adapters/report-outcome.ts';
import { sealNumber } from '../../functions/adapters/sealing.ts';
import { STATE_ITEM } from '../../functions/adapters/subjects-table.ts';
import { caseServers } from '../../functions/officers-api/serve-cases.ts';
import type { Visit } from '../../functions/send-warnings/send-warning.ts';
import type { Officer } from '../../lib/api/officer.ts';
import { ProblemError } from '../../lib/api/problem.ts';
import type { CaseHead } from '../../lib/domain/ladder/case-head.ts';
import { caseByHand } from '../../lib/domain/subject/decide.ts';
import { dissuasionDefinition } from '../../lib/infrastructure/dissuasion-definition.ts';
import { stageDefaults } from '../../lib/infrastructure/stage-config.ts';
import type { StreamRecord } from '../../lib/local/event-sources/stream-record.ts';
import { aggregate } from '../../lib/wire/kpl-aggregate.ts';
import { TEST_CONTEXT } from '../support/in-memory-pipeline.ts';
import { Cloud, putRecord } from './aws/cloud.ts';
import type { Item } from './aws/expressions.ts';
import { type Environment, Lambda } from './aws/lambda.ts';
import { Queue } from './aws/queue.ts';
import { Stream } from './aws/stream.ts';
import { StreamConsumer } from './aws/stream-consumer.ts';
import { type Outlet, Tables } from './aws/tables.ts';
import { Texts } from './aws/texts.ts';
import { Workflows } from './aws/workflows.ts';
import { randomLike } from './draw.ts';
import { e164Of, FIRST_PERSON, MOST_NUMBERS, numberOf, START } from './draw-history.ts';
import type {
  Actor,
  BatchFault,
  BatchFaultKind,
  CallFault,
  HandFault,
  History,
  Incident,
  PlannedRecord,
  SourceName,
} from './history.ts';
import { prepare } from './policies.ts';
import { Privacy } from './privacy.ts';
import {
  auditTrail,
  type Bug,
  createProduct,
  ladderStores,
  logEvent,
  QUEUES,
  TABLES,
} from './product.ts';
import { Scheduler } from './scheduler.ts';
import { SEALER } from './sealer.ts';

/** A report of an officer that was accepted. */
export interface AcceptedReport {
  readonly taskId: string;
  readonly by: string;
  readonly outcome: string;
}

export interface ClosedByHand {
  readonly outcome: string;
  /** Epoch ms. */
  readonly toldAt: number;
}

/** All that a history left behind. */
export interface Aftermath {
  readonly history: History;
  /** Whether everything came to rest. */
  readonly cameToRest: boolean;
  readonly unfinished: readonly string[];
  readonly tables: Tables;
  readonly streams: Readonly<Record<'calls' | 'legs' | 'exposures', Stream>>;
  readonly objects: ReadonlyMap<string, string>;
  readonly pushed: readonly {
    readonly record: PlannedRecord;
    readonly shardId: string;
    readonly sequenceNumber: string;
  }[];
  /** By subject, the sequence numbers that its state was written with, one after the other. */
  readonly watermarks: ReadonlyMap<string, readonly string[]>;
  readonly texts: Texts;
  readonly workflows: Workflows;
  readonly visits: readonly Visit[];
  /** Environments of send-warnings that died, each of which may have sent a text that nobody noted down. */
  readonly sendersDied: number;
  readonly discarded: readonly string[];
  readonly dead: readonly string[];
  readonly accepted: readonly AcceptedReport[];
  /** The cases that a supervisor was told to have closed. */
  readonly closedByHand: ReadonlyMap<string, ClosedByHand>;
  /** Keys of looks at numbers that were answered. */
  readonly reveals: readonly string[];
  readonly audited: Environment;
  readonly privacy: Privacy;
  /** Faults of calls and batches that came about, by what they hit. */
  readonly fired: ReadonlySet<string>;
  /** How often each function made each request: by `ACTOR OPERATION`. */
  readonly made: ReadonlyMap<string, number>;
  readonly steps: number;
}

const DAY_MS = 86_400_000;
const LONGEST_MS = 60 * DAY_MS;
const MOST_STEPS = 200_000;
const POLICY_POLL_MS = 30_000;
/** Lambda tries an asynchronous invocation three times in all. */
const ASYNC_TRIES = 3;
const KEPT_SECONDS = 90 * 86_400;
const QUEUE_VISIBILITY_SECONDS = 360;

const DEFINITION = dissuasionDefinition({
  invoke: 'lambda:invoke',
  invokeAndWait: 'lambda:invoke.waitForTaskToken',
  planMoveArn: 'plan-move',
  offerTaskArn: 'offer-task',
  settleTaskArn: 'settle-task',
  awaitNewsArn: 'await-news',
  closeCaseArn: 'close-case',
}) as never;

export const ALL_NUMBERS: ReadonlySet<string> = new Set(
  Array.from({ length: MOST_NUMBERS }, (_, n) => numberOf(n)),
);

/** The token of the nth number. */
const tokens = Array.from({ length: MOST_NUMBERS }, (_, n) => {
  const party = TEST_CONTEXT.normaliseNumber(numberOf(n));
  if (party === undefined) throw new RangeError(`no number: ${numberOf(n)}`);
  return sealNumber(party, SEALER);
});

export function tokenOf(n: number): string {
  return tokens[n] ?? '';
}

function textOfError(cause: unknown): string {
  if (!(cause instanceof Error)) return JSON.stringify(cause) ?? '';
  const own = JSON.stringify(cause);
  return `${cause.name} ${cause.message} ${own} ${cause.stack ?? ''} ${textOfError(cause.cause)}`;
}

const SUPERVISOR: Officer = { name: 'sun', groups: ['supervisor'], districts: [] };

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'unknown');

export interface RunOptions {
  readonly bug?: Bug | undefined;
  /** Told what happens, for a story; times are epoch ms. */
  readonly tell?: ((at: number, what: string) => void) | undefined;
}

/** Runs a history to its end. */
export async function runHistory(
  history: History,
  { bug, tell }: RunOptions = {},
): Promise<Aftermath> {
  const { seed } = history;
  const scheduler = new Scheduler(START);
  const say = tell === undefined ? () => {} : (what: string) => tell(scheduler.now, what);
  const privacy = new Privacy(ALL_NUMBERS);
  const firstSequence = 6 + Math.floor(randomLike(seed, 1) * 100);
  const stream = (name: string, shards: number) => new Stream(name, shards, firstSequence);
  const streams = {
    calls: stream('calls', 2),
    legs: stream('legs', 2),
    exposures: stream('exposures', 1),
  };
  // Both event sources of the subjects' table read all of its stream.
  const subjectStreams = [stream('subject-warnings', 1), stream('subject-cases', 1)] as const;
  const tableStream = fanOut(subjectStreams);
  const discarded: string[] = [];
  const visits: Visit[] = [];
  const accepted: AcceptedReport[] = [];
  const reveals: string[] = [];
  const closedByHand = new Map<string, ClosedByHand>();
  const watermarks = new Map<string, readonly string[]>();
  let sendersDied = 0;

  const officers = createOfficers();
  const supervisor = createSupervisor();
  const tables = new Tables({
    now: () => scheduler.now,
    staleMs: history.staleMs,
    wrote: (table, item) => {
      for (const [name, value] of Object.entries(item)) {
        const where = `${table}.${name}`;
        if (value.S !== undefined) privacy.saw(where, value.S);
        else if (value.B !== undefined) privacy.sawBytes(where, value.B);
        else privacy.saw(where, JSON.stringify(value));
      }
      if (table === TABLES.tasks) officers.see(item);
      if (table === TABLES.cases && item.head?.S !== undefined) supervisor.see(item.head.S);
      if (table === TABLES.subjects && item.item?.S === STATE_ITEM) {
        const subject = item.subject?.S ?? '';
        watermarks.set(subject, [...(watermarks.get(subject) ?? []), item.seq?.S ?? '']);
      }
    },
  });
  tables.create(TABLES.profiles, { hash: 'number' });
  tables.create(TABLES.subjects, { hash: 'subject', range: 'item' }, tableStream);
  tables.create(TABLES.registers, { hash: 'register', range: 'key' });
  tables.create(TABLES.cases, { hash: 'caseId', range: 'item' });
  tables.create(TABLES.tasks, {
    hash: 'taskId',
    indexes: {
      'by-queue': { hash: 'queue', range: 'dueAt' },
      'by-backup': { hash: 'backupQueue', range: 'dueAt' },
      'by-case': { hash: 'caseId', range: 'assignedAt' },
    },
  });
  tables.create(TABLES.audit, { hash: 'chain', range: 'sequence' });
  fillRegisters(tables, history);

  const isOn =
    <On extends Incident['on']>(on: On) =>
    (fault: { readonly on: string }): fault is Extract<Incident, { on: On }> =>
      fault.on === on;
  const texts: Texts = new Texts({
    now: () => scheduler.now,
    seed,
    refusals: history.faults
      .filter(isOn('texts-refused'))
      .map(({ at, error, until }) => ({ from: START + at, until: START + until, error })),
    spent: history.faults
      .filter(isOn('spend-limit'))
      .map(({ at, until }) => ({ from: START + at, until: START + until })),
    tell: say,
    report: (line, afterMs) => scheduler.after(afterMs, () => void deliverReport(line, 1)),
  });

  const batchesHit = new Set<string>();
  const nextBatch = batchFaults(history, (name, kind) => {
    batchesHit.add(name);
    say(`${name}: ${kind}`);
  });
  const source = stageDefaults[history.stage].sources;
  const { functions, warningRetries } = stageDefaults[history.stage];
  const workflows = new Workflows({
    scheduler,
    machine: DEFINITION,
    invoke: (name, payload) => invoke(name as Actor, payload),
    fault: () => nextBatch('workflow'),
    wrote: (text) => privacy.saw('a workflow', text),
    tell: say,
  });
  const queue = (name: SourceName, actor: Actor) =>
    new Queue({
      name,
      scheduler,
      batchSize: warningRetries.batchSize,
      maxReceives: warningRetries.maxReceives,
      visibilitySeconds: QUEUE_VISIBILITY_SECONDS,
      invoke: (payload) => invoke(actor, payload),
      fault: () => nextBatch(name),
    });
  const queues = {
    [QUEUES.retries]: queue('warning-retries', 'send-warnings'),
    [QUEUES.early]: queue('early-reports', 'record-delivery'),
  };
  const cloud = new Cloud({
    scheduler,
    seed,
    faults: history.faults.filter((fault): fault is CallFault => fault.on === 'call'),
    tables,
    texts,
    workflows: () => workflows,
    queues: {
      [QUEUES.retries]: () => queues[QUEUES.retries],
      [QUEUES.early]: () => queues[QUEUES.early],
    },
    streams,
    privacy,
    outages: history.faults.filter(isOn('outage')).map(({ at, service, until }) => ({
      service,
      from: START + at,
      until: START + until,
    })),
    tell: say,
  });

  const clientsFor = (environment: Environment) => {
    const clients = cloud.clientsFor(environment);
    return bug?.clients?.(clients, environment.actor) ?? clients;
  };
  let variant = history.policy;
  const product = createProduct({
    bug,
    clientsFor,
    policyFor: () => {
      let seen = prepare(variant);
      let dueAt = scheduler.now + POLICY_POLL_MS;
      return () => {
        if (scheduler.now >= dueAt) {
          seen = prepare(variant);
          dueAt = scheduler.now + POLICY_POLL_MS;
        }
        return seen;
      };
    },
    telemetry: {
      log: (actor, message, cause) => {
        privacy.saw(`the log of ${actor}`, `${message} ${textOfError(cause)}`);
        say(`${actor} logs: ${message} (${cause instanceof Error ? cause.name : 'no error'})`);
      },
      count: (actor, counts) => privacy.saw(`a metric of ${actor}`, JSON.stringify(counts)),
      visited: (some) => {
        visits.push(...some);
        privacy.saw('a metric of send-warnings', JSON.stringify(some));
      },
    },
  });
  const invoke = async (actor: Actor, event: unknown) => {
    if (tell === undefined) return lambda.invoke(actor, event);
    say(`${actor} is given ${briefly(event)}`);
    const result = await lambda.invoke(actor, event);
    if (result.functionError !== undefined) say(`${actor} failed`);
    else say(`${actor} answers ${JSON.stringify(result.payload)}`);
    return result;
  };
  const lambda: Lambda = new Lambda({
    scheduler,
    seed,
    skewMs: history.skewMs,
    timeoutSeconds: Object.fromEntries(
      Object.entries(functions).map(([name, { timeoutSeconds }]) => [name, timeoutSeconds]),
    ) as Record<Actor, number>,
    start: product,
    failed: (actor, error) => {
      privacy.saw(`the log of ${actor}`, textOfError(error));
      say(`${actor} fails: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`);
    },
    tell: (what) => {
      if (what.startsWith('send-warnings') && what.includes('dies')) sendersDied++;
      say(what);
    },
  });

  const consumers = new Map<SourceName, StreamConsumer>();
  const consume = (
    name: 'calls' | 'legs' | 'exposures' | 'subject-warnings' | 'subject-cases',
    from: Stream,
    actor: Actor,
    isWanted: (record: StreamRecord) => boolean = () => true,
  ) => {
    const consumer = new StreamConsumer({
      stream: from,
      settings: source[name],
      scheduler,
      isWanted,
      straggle: (payload) => lambda.straggle(actor, payload),
      invoke: (payload) => invoke(actor, payload),
      fault: () => nextBatch(name),
      discarded: (records, why) => discarded.push(`${records.length} of ${name}: ${why}`),
    });
    consumers.set(name, consumer);
  };
  consume('calls', streams.calls, 'intake');
  consume('legs', streams.legs, 'score-numbers');
  consume('exposures', streams.exposures, 'score-subjects');
  consume('subject-warnings', subjectStreams[0], 'send-warnings', isItem('WARNING#', false));
  consume('subject-cases', subjectStreams[1], 'open-cases', isItem('CASE#', true));

  async function deliverReport(line: string, tries: number): Promise<void> {
    const fault = nextBatch('delivery-log');
    const event = logEvent(line);
    if (fault === 'straggling') lambda.straggle('record-delivery', event);
    if (fault === 'redelivered') await invoke('record-delivery', event);
    const twin = fault === 'overlapping' ? invoke('record-delivery', event) : undefined;
    const result =
      fault === 'not-invoked'
        ? { functionError: 'throttled' }
        : await invoke('record-delivery', event);
    await twin;
    if (result.functionError === undefined && fault !== 'answer-lost') return;
    if (tries < ASYNC_TRIES) {
      scheduler.after(60_000 * tries, () => void deliverReport(line, tries + 1));
    } else discarded.push('a report of a carrier: out of tries');
  }

  /** Somebody who changes cases whatever they wait for. */
  function createSupervisor() {
    const begun = new Set<string>();
    const waiting = history.faults.filter((fault) => fault.on === 'supervisor');
    const act = async (what: HandFault, caseId: string, tries = 0): Promise<void> => {
      const environment = lambda.outside('officers-api');
      const clients = clientsFor(environment);
      const servers = caseServers({
        ...ladderStores(clients, environment),
        stepFunctions: clients.sfn,
        mask: async () => new Map(),
        readPerson: async () => ({ warnings: [], exposures: [] }),
      });
      const key = `${caseId}-${what.act}-${what.nth}`;
      const request = {
        officer: SUPERVISOR,
        parameters: { caseId },
        query: {},
        key,
        now: environment.now(),
        from: '',
      };
      const reason = 'he understood';
      try {
        if (what.act === 'close') {
          const outcome = 'not-a-fraud';
          await servers.closeCase({ ...request, body: { outcome, reason } });
          closedByHand.set(caseId, { outcome, toldAt: scheduler.now });
        } else {
          const tier = what.act === 'raise' ? 'urgent' : 'medium';
          await servers.setTier({ ...request, body: { tier, reason } });
        }
        say(`the supervisor ${what.act}s ${caseId}`);
      } catch (error) {
        say(`the supervisor cannot ${what.act} ${caseId}: ${nameOf(error)}`);
        if (error instanceof ProblemError) return;
        privacy.saw('the log of officers-api', textOfError(error));
        if (tries < 3) scheduler.after(20_000, () => void act(what, caseId, tries + 1));
      }
    };
    return {
      see(document: string) {
        if (waiting.length === 0) return;
        const { caseId, climb } = JSON.parse(document) as CaseHead;
        for (const { taskId } of climb) {
          if (begun.has(taskId)) continue;
          begun.add(taskId);
          for (const what of waiting) {
            if (what.nth === begun.size) {
              scheduler.after(what.afterMs, () => void act(what, caseId));
            }
          }
        }
      },
    };
  }

  /** People at their tasks: what they do is drawn beforehand, to whom it falls is not. */
  function createOfficers() {
    const seen = new Set<string>();
    const { reactions } = history;
    const report = async (
      taskId: string,
      by: string,
      outcome: string,
      tries = 0,
    ): Promise<void> => {
      const environment = lambda.outside('officers-api');
      const clients = clientsFor(environment);
      const stores = ladderStores(clients, environment);
      const told = { by, idempotencyKey: `${taskId}-${by}`, now: environment.now() };
      try {
        const result = await reportOutcome(stores, clients.sfn, taskId, {
          ...told,
          outcome: outcome as 'busy',
        });
        if (result === 'accepted') accepted.push({ taskId, by, outcome });
        say(`${by} reports ${outcome} on ${taskId}: ${result}`);
      } catch (error) {
        privacy.saw('the log of officers-api', textOfError(error));
        // The page says that it did not work, and the officer tries again.
        if (tries < 3) scheduler.after(20_000, () => void report(taskId, by, outcome, tries + 1));
      }
    };
    const reveal = async (taskId: string, tries = 0): Promise<void> => {
      const environment = lambda.outside('officers-api');
      const trail = auditTrail(clientsFor(environment), environment);
      const act = {
        at: environment.now(),
        by: 'ada',
        act: 'reveal',
        caseId: taskId,
        taskId,
        whose: 'subject',
        purpose: 'call',
      } as const;
      try {
        await trail.append(act, `look-${taskId}`);
        reveals.push(`look-${taskId}`);
      } catch {
        if (tries < 3) scheduler.after(5_000, () => void reveal(taskId, tries + 1));
      }
    };
    const open = async (person: number, request: number, tries = 0): Promise<void> => {
      const environment = lambda.outside('officers-api');
      const openByHand = createOpenByHand(
        clientsFor(environment).dynamoDB,
        TABLES.subjects,
        KEPT_SECONDS,
        async () => undefined,
        environment.patience,
      );
      const { ladder, subjects, version } = prepare(variant).policy;
      const now = environment.now();
      const opened = caseByHand({
        id: decisionName(`by hand|${request}`),
        subject: tokenOf(person),
        tier: 'high',
        kind: 'other',
        openedAt: Math.floor(now / 1000),
        openedBy: 'ada',
        policyVersion: version,
        ladder,
        utcOffsetMinutes: subjects.utcOffsetMinutes,
      });
      try {
        say(`ada opens ${await openByHand(opened, now)} by hand`);
      } catch {
        if (tries < 3) scheduler.after(10_000, () => void open(person, request, tries + 1));
      }
    };
    return {
      open,
      see(item: Item) {
        const taskId = item.taskId?.S ?? '';
        if (item.queue === undefined || seen.has(taskId)) return;
        const reaction = reactions[seen.size % reactions.length];
        seen.add(taskId);
        if (reaction === undefined) return;
        const at = scheduler.now + reaction.afterMinutes * 60_000;
        // Several officers may look at the same moment: the chain has one end.
        if (reaction.reveals) scheduler.at(scheduler.now + 1_000, () => void reveal(taskId));
        if (reaction.silent) return;
        if (reaction.claims) {
          scheduler.at(scheduler.now + 500, () => {
            const environment = lambda.outside('officers-api');
            const { tasks } = ladderStores(clientsFor(environment), environment);
            const until = environment.now() + 15 * 60_000;
            tasks.claim(taskId, 'ada', environment.now(), until).catch(() => {});
          });
        }
        scheduler.at(at, () => void report(taskId, 'ada', reaction.outcome));
        if (reaction.twice === 'repeat') {
          scheduler.at(at + 2_000, () => void report(taskId, 'ada', reaction.outcome));
        } else if (reaction.twice === 'colleague') {
          scheduler.at(at + 1_000, () => void report(taskId, 'bo', 'refused'));
        }
      },
    };
  }

  const pushed: { record: PlannedRecord; shardId: string; sequenceNumber: string }[] = [];
  for (const record of history.records) {
    const data = payloadOf(record);
    const push = () => {
      const place = putRecord(streams.calls, data, record.partitionKey, undefined, scheduler.now);
      pushed.push({ record, ...place });
      say(`an operator pushes record ${place.sequenceNumber}: ${record.lines.length} lines`);
    };
    scheduler.at(START + record.at, push);
    if (record.again !== undefined) scheduler.at(START + record.at + record.again, push);
  }
  for (const fault of history.faults) {
    if (fault.on === 'reshard') {
      scheduler.at(START + fault.at, () => {
        say(`${fault.stream}: ${streams[fault.stream].reshard(fault.where)}`);
      });
    } else if (fault.on === 'policy') {
      scheduler.at(START + fault.at, () => {
        variant = fault.variant;
        say(`policy ${variant} is in force from now on`);
      });
    } else if (fault.on === 'by-hand') {
      scheduler.at(START + fault.at, () => void officers.open(fault.person, fault.at));
    } else if (fault.on === 'opt-out') {
      scheduler.at(START + fault.at, () => {
        texts.optOuts.set(e164Of(fault.person), scheduler.now);
        say(`person ${fault.person} opts out of texts`);
      });
    }
  }

  // DynamoDB deletes what has expired within days.
  for (const days of [1, 3, 6]) scheduler.at(START + days * DAY_MS, () => tables.expire());
  const ended = await scheduler.run(START + LONGEST_MS, MOST_STEPS);
  const unfinished = [...consumers].filter(([, one]) => !one.isDone).map(([name]) => name);
  return {
    history,
    cameToRest: ended,
    unfinished,
    tables,
    streams,
    objects: cloud.objects,
    pushed,
    watermarks,
    texts,
    workflows,
    visits,
    sendersDied,
    discarded,
    dead: Object.values(queues).flatMap(({ dead }) => dead),
    accepted,
    closedByHand,
    reveals,
    audited: lambda.outside('officers-api'),
    privacy,
    fired: new Set([...cloud.fired, ...batchesHit]),
    made: cloud.made,
    steps: scheduler.steps,
  };
}

/** What an invocation is given, in a few words. */
function briefly(event: unknown): string {
  const { Records, awslogs } = event as {
    readonly awslogs?: unknown;
    readonly Records?: readonly {
      readonly messageId?: string;
      readonly kinesis?: { readonly sequenceNumber: string };
      readonly dynamodb?: { readonly SequenceNumber: string; readonly Keys: Item };
    }[];
  };
  if (awslogs !== undefined) return 'a line of the log of texts';
  if (Records === undefined) return JSON.stringify(event);
  const names = Records.map(
    ({ dynamodb, kinesis, messageId }) =>
      kinesis?.sequenceNumber ??
      messageId ??
      `${dynamodb?.SequenceNumber} ${dynamodb?.Keys.item?.S}`,
  );
  return `${names.length} records: ${names.join(', ')}`;
}

/** Bytes that no text in UTF-8 begins with. */
const NO_TEXT = Buffer.from([0xc3, 0x28]);

/** The bytes of a record, as its operator pushes them. */
export function payloadOf({ damaged, lines, packing, partitionKey }: PlannedRecord): Uint8Array {
  const texts = lines.map(({ line }) => Buffer.from(line));
  if (packing === 'aggregate') return aggregate(texts.map((data) => ({ partitionKey, data })));
  const text = Buffer.from(lines.map(({ line }) => line).join('\n'));
  if (damaged === 'bad-encoding') return Buffer.concat([NO_TEXT, text]);
  if (packing === 'plain') return text;
  const zipped = gzipSync(text);
  return damaged === 'bad-gzip' ? zipped.subarray(0, -12) : zipped;
}

/** What becomes of the next batch of each source. */
function batchFaults(history: History, hit: (name: string, kind: BatchFaultKind) => void) {
  const planned = new Map<string, BatchFaultKind>();
  for (const fault of history.faults) {
    if (fault.on !== 'batch') continue;
    const { kind, nth, source }: BatchFault = fault;
    planned.set(`${source} ${nth}`, kind);
  }
  const counts = new Map<SourceName, number>();
  return (source: SourceName): BatchFaultKind | undefined => {
    if (planned.size === 0) return undefined;
    const nth = (counts.get(source) ?? 0) + 1;
    counts.set(source, nth);
    const kind = planned.get(`${source} ${nth}`);
    if (kind !== undefined) hit(`batch ${nth} of ${source}`, kind);
    return kind;
  };
}

/** One table's stream, which two event sources read each at its own pace. */
function fanOut([first, second]: readonly [Stream, Stream]): Outlet {
  return {
    put: (...record) => {
      second.put(...record);
      return first.put(...record);
    },
  };
}

/** The filter of an event source of the subjects' table. */
function isItem(prefix: string, changesToo: boolean) {
  return ({ event }: StreamRecord): boolean => {
    const { dynamodb, eventName } = event as {
      readonly eventName: string;
      readonly dynamodb: { readonly Keys: Item };
    };
    const isWanted = changesToo || eventName === 'INSERT';
    return isWanted && dynamodb.Keys.item?.S?.startsWith(prefix) === true;
  };
}

/** Some people have relatives, or are in care, and their district has a station. */
function fillRegisters(tables: Tables, { seed }: History): void {
  const put = (register: string, key: string, value: unknown) =>
    tables.execute(
      'PutItem',
      {
        TableName: TABLES.registers,
        Item: { register: { S: register }, key: { S: key }, value: { S: JSON.stringify(value) } },
      },
      undefined,
    );
  const station = {
    id: 's1',
    name: 'Jinjiang',
    districts: ['510104'],
    opens: '08:00',
    closes: '20:00',
    dutyOfficer: 'bo',
  };
  put('stations', 's1', station);
  put('districts', '510104', 's1');
  put('places', String(510104 & 0xffff), '510104');
  for (let person = FIRST_PERSON; person < FIRST_PERSON + 4; person++) {
    if (randomLike(seed, person) < 0.5) {
      put('contacts', tokenOf(person), [
        { contact: tokenOf(90 + person - FIRST_PERSON), relation: 'daughter', order: 1 },
      ]);
    }
  }
}
