import { isDeepStrictEqual } from 'node:util';
import { createAuditTable } from '../../functions/adapters/audit-table.ts';
import type { QuarantineObject } from '../../functions/adapters/quarantine-bucket.ts';
import { warningOfItem } from '../../functions/adapters/subjects-table.ts';
import { taskOf } from '../../functions/adapters/tasks-table.ts';
import { type AuditEntry, checkChain } from '../../lib/domain/audit/audit-chain.ts';
import type { Call } from '../../lib/domain/call-record.ts';
import { parseCallLine } from '../../lib/domain/call-record.ts';
import type { CaseHead } from '../../lib/domain/ladder/case-head.ts';
import type { TimelineEvent } from '../../lib/domain/ladder/timeline-event.ts';
import type { Leg } from '../../lib/domain/leg.ts';
import { callKey } from '../../lib/domain/legs-of-call.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { dailyLimit } from '../../lib/domain/subject/burden-budget.ts';
import type { SubjectState } from '../../lib/domain/subject/subject-state.ts';
import { unpackExposures, unpackLegs } from '../../lib/wire/frames.ts';
import { TEST_CONTEXT } from '../support/in-memory-pipeline.ts';
import type { Item } from './aws/expressions.ts';
import type { Stream } from './aws/stream.ts';
import { START } from './draw-history.ts';
import type { History } from './history.ts';
import {
  type Arrival,
  exposureIdentity,
  legIdentity,
  modelOfExposures,
  modelOfLegs,
} from './model.ts';
import { POLICIES } from './policies.ts';
import { QUARANTINE, TABLES } from './product.ts';
import { type Aftermath, payloadOf, tokenOf } from './run-history.ts';
import { SEALER } from './sealer.ts';

/** Something that must never happen, and did. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

type Report = (rule: string, what: string) => void;

interface KinesisEvent {
  readonly kinesis: { readonly data: string };
}

/** A text may have been asked for before the person opted out, and be late. */
const TEXT_UNDER_WAY_MS = 180_000;
/** Texts that a function may have under way when it dies, as many as it works on at once; what it counted dies, too. */
const MOST_TEXTS_AT_ONCE = 8;
/** A task may be offered while its case is closed, by a function that dies and is tried again. */
const CALLED_OFF_WITHIN_MS = 600_000;
const FINAL = new Set(['sent', 'opted-out', 'undeliverable', 'expired', 'over-budget']);
const ENDS: ReadonlySet<string> = new Set(['task-ended', 'task-overdue', 'task-cancelled']);

/** All records of a stream, the oldest first. */
function recordsOf(stream: Stream): { readonly sequenceNumber: string; readonly data: Buffer }[] {
  return stream.shards
    .flatMap(({ records }) => records)
    .sort((a, b) => Number(a.sequenceNumber) - Number(b.sequenceNumber))
    .map(({ event, sequenceNumber }) => ({
      sequenceNumber,
      data: Buffer.from((event as KinesisEvent).kinesis.data, 'base64'),
    }));
}

/** Checks all that was promised of what a history left behind. */
export async function violationsOf(after: Aftermath): Promise<Violation[]> {
  const violations: Violation[] = [];
  const report: Report = (rule, what) => violations.push({ rule, what });
  checkRest(after, report);
  checkQuarantine(after, report);
  checkPipeline(after, report);
  checkWarnings(after, report);
  checkBudgets(after, report);
  checkCases(after, report);
  await checkAudit(after, report);
  for (const leak of after.privacy.leaks) report('no clear number is written', leak);
  return violations;
}

function checkRest(after: Aftermath, report: Report): void {
  const rule = 'everything comes to rest';
  if (!after.cameToRest) report(rule, `after ${after.steps} steps something still goes on`);
  for (const source of after.unfinished) report(rule, `${source} is not read to its end`);
  for (const what of after.discarded) report('no record is given up', what);
  for (const what of after.dead) report('no message is given up', what);
  for (const { name, status } of after.workflows.executions.values()) {
    if (status !== 'SUCCEEDED') report(rule, `the workflow of ${name} goes on`);
  }
}

/** Every line that was not taken lies in quarantine, once for each record that brought it, with its reason. */
function checkQuarantine({ objects, pushed }: Aftermath, report: Report): void {
  const rule = 'every rejected line is in quarantine once, with its reason';
  const expected = new Map<string, string>();
  for (const { record, sequenceNumber, shardId } of pushed) {
    const lines =
      record.damaged !== undefined
        ? [`${record.damaged} ${Buffer.from(payloadOf(record)).toString('base64')}`]
        : record.lines.flatMap(({ line, rejected }) =>
            rejected === undefined ? [] : [`${rejected} ${line}`],
          );
    if (lines.length > 0) expected.set(`${shardId}-${sequenceNumber}`, lines.join('\n'));
  }
  const found = new Map<string, string>();
  for (const text of objects.values()) {
    const { entries, sequenceNumber, shardId } = JSON.parse(text) as QuarantineObject;
    found.set(
      `${shardId}-${sequenceNumber}`,
      entries.map(({ raw, reason }) => `${reason} ${raw}`).join('\n'),
    );
  }
  if (objects.size !== found.size)
    report(rule, `${objects.size} objects for ${found.size} records`);
  for (const [key, lines] of expected) {
    if (found.get(key) !== lines) {
      report(rule, `record ${key} of ${QUARANTINE}: ${found.get(key) ?? 'not there'}`);
    }
  }
  for (const key of found.keys()) {
    if (!expected.has(key)) report(rule, `record ${key} had nothing wrong with it`);
  }
}

/** Both legs of every call that was taken, by the operators' lines themselves. */
function expectedLegs({ pushed }: Aftermath): Set<string> {
  const legs = new Set<string>();
  for (const { record } of pushed) {
    for (const { line, rejected } of record.lines) {
      if (rejected !== undefined) continue;
      const parsed = parseCallLine(line, {
        ...TEST_CONTEXT,
        nowMs: START,
        retentionMs: START,
        maxFutureMs: START,
      });
      if (!parsed.ok) continue;
      const call: Call = parsed.call;
      const [sealed] = SEALER.seal([call]);
      const key = callKey(call);
      for (const number of [sealed?.caller, sealed?.callee])
        legs.add(`${number} ${key} ${call.phase}`);
    }
  }
  return legs;
}

function checkPipeline(after: Aftermath, report: Report): void {
  const { history, streams, tables } = after;
  const policy = POLICIES[history.policy] ?? POLICIES[0];
  if (policy === undefined) return;
  const legs: Leg[] = recordsOf(streams.legs).flatMap(({ data }) => unpackLegs(data));
  const found = new Set(legs.map(legIdentity));
  const expected = expectedLegs(after);
  for (const leg of expected) if (!found.has(leg)) report('no call is lost', `leg ${leg}`);
  for (const leg of found) if (!expected.has(leg)) report('no call is invented', `leg ${leg}`);

  const model = modelOfLegs(legs, policy);
  const profiles = new Map(
    tables.itemsOf(TABLES.profiles).map((item) => [item.number?.S ?? '', item.profile?.B]),
  );
  for (const [number, profile] of model.profiles) {
    const stored = profiles.get(number);
    if (stored === undefined) report('every call is in its profiles once', `no profile ${number}`);
    else if (!profile.equals(stored)) {
      report('every call is in its profiles once', `the profile of ${number} is another`);
    }
  }
  for (const number of profiles.keys()) {
    if (!model.profiles.has(number)) report('no call is invented', `a profile of ${number}`);
  }

  const arrivals = recordsOf(streams.exposures).flatMap(({ data, sequenceNumber }) =>
    unpackExposures(data).map((exposure): Arrival => ({ exposure, sequenceNumber })),
  );
  const emitted = new Set(arrivals.map(({ exposure }) => exposureIdentity(exposure)));
  for (const exposure of model.exposures.keys()) {
    if (!emitted.has(exposure)) report('no exposure is lost', exposure);
  }
  for (const exposure of emitted) {
    if (!model.exposures.has(exposure)) report('no exposure is invented', exposure);
  }
  checkSubjects(after, arrivals, report);
}

function checkSubjects(
  { history, tables, watermarks }: Aftermath,
  arrivals: readonly Arrival[],
  report: Report,
): void {
  const rule = 'every risky call is in its subject once';
  const policy = POLICIES[history.policy];
  if (policy === undefined) return;
  const { cases, subjects, warnings } = modelOfExposures(
    arrivals,
    (subject) => watermarks.get(subject) ?? [],
    policy,
  );
  const items = tables.itemsOf(TABLES.subjects);
  const states = new Map<string, SubjectState>();
  for (const { item, state, subject } of items) {
    if (item?.S === 'STATE')
      states.set(subject?.S ?? '', JSON.parse(state?.S ?? '') as SubjectState);
  }
  // A policy may change between two decisions, and an officer's case leaves its mark on the state.
  const isUnsettled = history.faults.some(({ on }) => on === 'policy' || on === 'by-hand');
  const byHand = new Set(
    history.faults.flatMap((fault) => (fault.on === 'by-hand' ? [tokenOf(fault.person)] : [])),
  );
  for (const [subject, state] of subjects) {
    const stored = states.get(subject);
    const isSame = isUnsettled
      ? isDeepStrictEqual(stored?.exposures ?? [], state.exposures)
      : isDeepStrictEqual(stored, JSON.parse(JSON.stringify(state)));
    if (!isSame)
      report(rule, `${subject}: ${JSON.stringify(stored)} instead of ${JSON.stringify(state)}`);
  }
  for (const subject of states.keys()) {
    if (!subjects.has(subject) && !byHand.has(subject))
      report(rule, `${subject} was called by nobody risky`);
  }
  if (isUnsettled) return;
  const stored = items.flatMap((item) => warningOfItem(item) ?? []);
  for (const [id, decided] of warnings) {
    const kept = stored.find((one) => one.id === id);
    if (kept === undefined) report('no warning vanishes', id);
    else if (!isDeepStrictEqual(kept, JSON.parse(JSON.stringify(decided)))) {
      report(
        'a warning says what was decided',
        `${JSON.stringify(kept)} instead of ${JSON.stringify(decided)}`,
      );
    }
  }
  for (const { id } of stored) if (!warnings.has(id)) report('no warning is invented', id);
  for (const [id, tier] of cases) {
    const item = items.find((one) => one.item?.S === `CASE#${id}`);
    if (item === undefined) report('every case is opened', id);
    else if (item.tier?.S !== tier)
      report('every case has its tier', `${id}: ${item.tier?.S}, not ${tier}`);
  }
}

function checkWarnings({ sendersDied, tables, texts, visits }: Aftermath, report: Report): void {
  const items = tables.itemsOf(TABLES.subjects).filter((item) => warningOfItem(item) !== undefined);
  const mayBeTexted = new Map<string, number>();
  for (const item of items) {
    const warning = warningOfItem(item);
    if (warning === undefined) continue;
    const { number } = SEALER.unseal(warning.subject);
    const status = item.status?.S ?? '';
    if (!FINAL.has(status)) report('every warning ends', `${warning.id} is ${status}`);
    const { messageId } = item;
    if (status === 'sent' && !texts.taken.some((text) => text.messageId === messageId?.S)) {
      report('what is sent was taken by the carrier', warning.id);
    }
    const arrived = texts.reported.get(messageId?.S ?? '');
    const isTold = arrived ? item.delivery?.S === 'delivered' : item.delivery?.S !== 'accepted';
    if (arrived !== undefined && !isTold) {
      const what = `${warning.id}: ${messageId?.S} is ${item.delivery?.S}`;
      report('what the carrier says of a text is on its warning', what);
    }
    // A warning that ended without a text allows none, unless it says that one may be out.
    const isTexted = messageId !== undefined || item.reason?.S?.startsWith('perhaps sent') === true;
    const allowed = isTexted ? 1 + Number(item.resends?.N ?? 0) : 0;
    mayBeTexted.set(number, (mayBeTexted.get(number) ?? 0) + allowed);
  }
  const texted = new Map<string, number>();
  for (const { at, optedOutFor, to } of texts.taken) {
    texted.set(to, (texted.get(to) ?? 0) + 1);
    // No warning waits for a register that does not answer.
    const unasked = texts.unasked.get(to) ?? [];
    const couldAsk = unasked.every((time) => Math.abs(at - time) > TEXT_UNDER_WAY_MS);
    if (optedOutFor > TEXT_UNDER_WAY_MS && couldAsk) report('nobody who opted out is texted', to);
  }
  let tooMany = 0;
  for (const [to, count] of texted) tooMany += Math.max(0, count - (mayBeTexted.get(to) ?? 0));
  const counted = visits.filter(({ status, takenOver }) => status === 'sent' && takenOver === true);
  if (tooMany > counted.length + sendersDied * MOST_TEXTS_AT_ONCE) {
    report(
      'a second text follows only a crash, and is counted',
      `${tooMany} too many, ${counted.length} counted, ${sendersDied} senders died`,
    );
  }
}

function checkBudgets({ history, tables }: Aftermath, report: Report): void {
  const items = tables.itemsOf(TABLES.subjects);
  const seats = new Map<string, number>();
  for (const { bookedOn } of items) {
    if (bookedOn?.S !== undefined) seats.set(bookedOn.S, (seats.get(bookedOn.S) ?? 0) + 1);
  }
  const booked = new Map<string, number>();
  for (const { booked: count, subject } of items) {
    const [prefix, day = ''] = (subject?.S ?? '').split('#');
    if (prefix === 'BUDGET' && count?.N !== undefined) booked.set(day, Number(count.N));
  }
  for (const day of new Set([...seats.keys(), ...booked.keys()])) {
    if (seats.get(day) !== booked.get(day)) {
      report(
        'a text has one seat in the budget',
        `${day}: ${booked.get(day)} for ${seats.get(day)}`,
      );
    }
  }
  const { budget, limits } = loosestOf(history);
  for (const [day, count] of booked) {
    if (count > budget) report('the budget of a day holds', `${day}: ${count} of ${budget}`);
  }
  checkCooldowns(items, limits, report);
}

/** What holds of all policies that are in force at some time: their changes take nothing back. */
function loosestOf({ faults, policy }: History): {
  readonly budget: number;
  readonly limits: Pick<Policy['warnings'], 'cap' | 'cooldownHours'>;
} {
  const variants = [policy, ...faults.flatMap((one) => (one.on === 'policy' ? [one.variant] : []))];
  const all = variants.flatMap((variant) => POLICIES[variant]?.warnings ?? []);
  return {
    budget: Math.max(...all.map(({ budget }) => dailyLimit(budget))),
    limits: {
      cooldownHours: Math.min(...all.map(({ cooldownHours }) => cooldownHours)),
      cap: {
        texts: Math.max(...all.map(({ cap }) => cap.texts)),
        days: Math.min(...all.map(({ cap }) => cap.days)),
      },
    },
  };
}

/** A warning by both of its times: that of its decision, and that from which its person's state counts it by now. */
interface Warned {
  readonly subject: string;
  readonly decidedAt: number;
  readonly countedAt: number;
}

/** News of an earlier call moves a warning back, and may join two episodes: one of the two times must hold. */
function checkCooldowns(
  items: readonly Item[],
  { cap, cooldownHours }: Pick<Policy['warnings'], 'cap' | 'cooldownHours'>,
  report: Report,
): void {
  const counted = new Map<string, number>();
  for (const { item, state } of items) {
    if (item?.S !== 'STATE') continue;
    for (const { at, id } of (JSON.parse(state?.S ?? '') as SubjectState).warnings) {
      counted.set(id, at);
    }
  }
  const warned = items.flatMap((item): Warned[] => {
    const warning = warningOfItem(item);
    if (warning === undefined) return [];
    const { decidedAt, id, subject } = warning;
    return [{ subject, decidedAt, countedAt: counted.get(id) ?? decidedAt }];
  });
  for (const one of warned) {
    const others = warned.filter((other) => other.subject === one.subject && other !== one);
    const gapTo = (other: Warned) =>
      Math.max(
        Math.abs(one.decidedAt - other.decidedAt),
        Math.abs(one.countedAt - other.countedAt),
      );
    const closest = Math.min(...others.map(gapTo));
    if (closest < cooldownHours * 3600) {
      report('cooldowns hold', `${one.subject}: ${closest} s apart`);
    }
    const before = others.filter(
      (other) => other.decidedAt <= one.decidedAt && gapTo(other) < cap.days * 86_400,
    );
    if (before.length >= cap.texts)
      report('caps hold', `${one.subject}: ${before.length + 1} texts`);
  }
}

function checkCases(
  { accepted, closedByHand, history, tables, workflows }: Aftermath,
  report: Report,
): void {
  const heads = new Map<string, CaseHead>();
  const timelines = new Map<string, TimelineEvent[]>();
  for (const { caseId, event, head, item } of tables
    .itemsOf(TABLES.cases)
    .sort((a, b) => ((a.item?.S ?? '') < (b.item?.S ?? '') ? -1 : 1))) {
    const id = caseId?.S ?? '';
    if (item?.S === 'CASE') heads.set(id, JSON.parse(head?.S ?? '') as CaseHead);
    else
      timelines.set(id, [
        ...(timelines.get(id) ?? []),
        JSON.parse(event?.S ?? '') as TimelineEvent,
      ]);
  }
  const opened = tables
    .itemsOf(TABLES.subjects)
    .filter((item) => item.item?.S?.startsWith('CASE#') === true && item.case !== undefined);
  for (const item of opened) {
    checkCase(item, heads, timelines, workflows.executions, history.skewMs === 0, report);
  }
  for (const [id, { outcome }] of closedByHand) {
    if (heads.get(id)?.outcome !== outcome) {
      report('every case is closed', `${id}: not as ${outcome}, as the supervisor was told`);
    }
  }
  for (const id of heads.keys()) {
    if (!opened.some(({ item }) => item?.S === `CASE#${id}`)) report('no case is invented', id);
  }
  const rule = 'every task ends, as its first report says';
  for (const item of tables.itemsOf(TABLES.tasks)) {
    const task = taskOf(item);
    if (task.closed === undefined) {
      report(rule, `${task.taskId} is open`);
      continue;
    }
    const toldAt = closedByHand.get(task.caseId)?.toldAt ?? Number.POSITIVE_INFINITY;
    if (task.closed.at > toldAt + CALLED_OFF_WITHIN_MS) {
      report('nobody works on a closed case', `${task.taskId} was left on its queue`);
    }
    const reports = accepted.filter(({ taskId }) => taskId === task.taskId);
    for (const { by, outcome } of reports) {
      if (task.closed.by !== by || task.closed.outcome !== outcome) {
        report(rule, `${task.taskId}: ${by} was told that ${outcome} counts`);
      }
    }
    const ended = (timelines.get(task.caseId) ?? []).filter(
      ({ kind, taskId }) => taskId === task.taskId && ENDS.has(kind),
    );
    if (ended.length !== 1) report(rule, `${task.taskId} ended ${ended.length} times`);
  }
}

function checkCase(
  item: Item,
  heads: ReadonlyMap<string, CaseHead>,
  timelines: ReadonlyMap<string, readonly TimelineEvent[]>,
  executions: ReadonlyMap<string, unknown>,
  isOrdered: boolean,
  report: Report,
): void {
  const id = (item.item?.S ?? '').slice('CASE#'.length);
  const head = heads.get(id);
  if (head === undefined) {
    report('every case is opened', `${id} has no ladder`);
    return;
  }
  const isDuplicate = head.outcome === 'duplicate' && head.climb.length === 0;
  if (!executions.has(id) && !isDuplicate) report('every case is opened', `${id} has no workflow`);
  if (head.state !== 'closed' || head.outcome === undefined) {
    report('every case is closed', `${id} is ${head.state}`);
  }
  if (item.status?.S !== 'closed' || item.outcome?.S !== head.outcome) {
    report(
      'every case is closed',
      `${id}: its person's item is ${item.status?.S}, ${item.outcome?.S}`,
    );
  }
  const rule = 'every timeline is complete';
  const timeline = timelines.get(id) ?? [];
  const kinds = timeline.map(({ kind }) => kind);
  // A timeline stands in the order of the functions' clocks.
  if (isOrdered && kinds[0] !== 'opened') report(rule, `${id} begins with ${kinds[0]}`);
  if (kinds.filter((kind) => kind === 'opened').length !== 1)
    report(rule, `${id} was opened twice`);
  if (kinds.filter((kind) => kind === 'closed').length !== 1)
    report(rule, `${id}: ${kinds.join()}`);
  for (const { taskId } of timeline.filter(({ kind }) => kind === 'task-offered')) {
    const own = timeline.filter((event) => event.taskId === taskId);
    if (own.filter(({ kind }) => ENDS.has(kind)).length !== 1) report(rule, `${taskId} has no end`);
    if (own.filter(({ kind }) => kind === 'task-offered').length !== 1) {
      report(rule, `${taskId} was offered twice`);
    }
  }
  const ids = timeline.map((event) => event.id);
  if (new Set(ids).size !== ids.length) report(rule, `${id} tells something twice`);
}

async function checkAudit({ reveals, tables }: Aftermath, report: Report): Promise<void> {
  const client = {
    send: async (command: { input: unknown }) => tables.execute('Query', command.input, undefined),
  };
  const trail = createAuditTable(client as never, TABLES.audit, { keptSeconds: 1 });
  const entries: AuditEntry[] = (await trail.list({ limit: 1000 })).entries;
  const { problem } = checkChain(entries);
  if (problem !== undefined) report('the audit chain verifies', problem);
  for (const key of new Set(reveals)) {
    const looks = entries.filter(({ taskId }) => `look-${taskId}` === key);
    if (looks.length !== 1) report('every look is audited once', `${key}: ${looks.length}`);
  }
}
