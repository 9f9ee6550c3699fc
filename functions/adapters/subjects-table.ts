import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DeliveryState } from '../../lib/domain/delivery/text-delivery.ts';
import type { Track } from '../../lib/domain/exposure.ts';
import type { CaseProgress, CaseText } from '../../lib/domain/ladder/case-news.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { BudgetSeat } from '../../lib/domain/subject/burden-budget.ts';
import type { Case, Decision, Warning } from '../../lib/domain/subject/decide.ts';
import type { SubjectState } from '../../lib/domain/subject/subject-state.ts';
import type { Tier } from '../../lib/domain/tiers.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { countDropped, takeSeat } from './budget-ledger.ts';
import { held } from './conditional-write.ts';
import { TableError } from './errors.ts';
import { pointToWarning } from './text-pointers.ts';
import { CONDITION_FAILED, LOST_RACE, transact } from './transact.ts';

/**
 * A subject, its warnings and its cases share a partition: `STATE`, `WARNING#<id>`, `CASE#<id>`, so that a
 * decision is one transaction and the table's stream carries it on (a transactional outbox). What a shadow policy
 * makes of the same person stands beside it under names that no filter on work takes.
 */
export const STATE_ITEM = 'STATE';
export const WARNING_PREFIX = 'WARNING#';
export const CASE_PREFIX = 'CASE#';
export const OPT_OUT_ITEM = 'OPTOUT';

/** The names of a track's items. */
export const TRACK_ITEMS: Record<Track, { state: string; warning: string; case: string }> = {
  live: { state: STATE_ITEM, warning: WARNING_PREFIX, case: CASE_PREFIX },
  shadow: { state: 'SHADOW', warning: `SHADOW${WARNING_PREFIX}`, case: `SHADOW${CASE_PREFIX}` },
};

export interface StoredSubject {
  /** Last exposure that was folded in. */
  readonly sequenceNumber: string;
  /** What a writer compares: another after every write, of exposures or by an officer's hand. */
  readonly version: string;
  readonly state: SubjectState;
}

/**
 * Life of a warning: decided → claimed → sent, or a recorded end of another kind. What is sent may still fail, or wait
 * to be sent again: what became of the text itself is the attribute `delivery`.
 */
export type WarningStatus =
  | 'pending'
  | 'claimed'
  | 'deferred'
  | 'sent'
  | 'opted-out'
  | 'undeliverable'
  | 'expired'
  | 'over-budget'
  /** What it rested on was taken back before it was sent. */
  | 'withdrawn';

export type CaseStatus = 'open' | 'closed';

type Item = Record<string, AttributeValue>;

/** The key of an item of a person's. */
export const keyOf = (subject: NumberToken, item: string): Item => ({
  subject: { S: subject },
  item: { S: item },
});

/** The day (UTC) of a decision in the index of decisions. */
export function decisionsOf(track: Track, day: string): string {
  return `${track}#${day}`;
}

/** Where a decision stands in the index of decisions. */
function indexed(track: Track, decidedAt: number): Item {
  const day = new Date(decidedAt * 1000).toISOString().slice(0, 10);
  return { decidedOn: { S: decisionsOf(track, day) }, decidedAt: { N: String(decidedAt) } };
}

/** Decided documents are one JSON attribute; what conditions and filters look at stands beside it. */
function warningItem(warning: Warning, track: Track, expiresAt: number): Item {
  return {
    ...keyOf(warning.subject, TRACK_ITEMS[track].warning + warning.id),
    warning: { S: JSON.stringify(warning) },
    status: { S: 'pending' satisfies WarningStatus },
    ...indexed(track, warning.decidedAt),
    expiresAt: { N: String(expiresAt) },
  };
}

export function caseItem(opened: Case, track: Track, expiresAt: number): Item {
  return {
    ...keyOf(opened.subject, TRACK_ITEMS[track].case + opened.id),
    case: { S: JSON.stringify(opened) },
    tier: { S: opened.tier },
    status: { S: 'open' satisfies CaseStatus },
    ...indexed(track, opened.openedAt),
    expiresAt: { N: String(expiresAt) },
  };
}

function isNamed(item: Item | undefined, prefix: string): boolean {
  return item?.item?.S?.startsWith(prefix) === true;
}

/** The warning in an item of the table or its stream; undefined for an item of another sort, a shadow's too. */
export function warningOfItem(item: Item | undefined): Warning | undefined {
  const text = isNamed(item, WARNING_PREFIX) ? item?.warning?.S : undefined;
  return text === undefined ? undefined : (JSON.parse(text) as Warning);
}

/** What an item of a case says beside the case itself, as later decisions changed it. */
export function progressOfItem(item: Item | undefined, { tier }: Case): CaseProgress {
  const undeliverable = item?.undeliverable?.S;
  const text = item?.textState?.S;
  return {
    tier: (item?.tier?.S ?? tier) as Tier,
    calls: Number(item?.callsSince?.N ?? 0),
    lineFreeAt: Number(item?.lineFreeAt?.N ?? 0),
    ...(undeliverable !== undefined && { undeliverable }),
    ...(text !== undefined && { text: JSON.parse(text) as CaseText }),
  };
}

/** Whether the case in an item has no outcome yet. */
export function isOpenItem(item: Item | undefined): boolean {
  return item?.status?.S === ('open' satisfies CaseStatus);
}

/** The case in an item of the table or its stream; undefined for an item of another sort, a shadow's too. */
export function caseOfItem(item: Item | undefined): Case | undefined {
  const text = isNamed(item, CASE_PREFIX) ? item?.case?.S : undefined;
  return text === undefined ? undefined : (JSON.parse(text) as Case);
}

export interface SubjectStore {
  read(subject: NumberToken, track: Track): Promise<StoredSubject | undefined>;
  /**
   * Writes the state and all that was decided, or nothing.
   *
   * @param readAt the version that was read
   * @returns false when the subject changed since it was read
   */
  write(
    subject: NumberToken,
    track: Track,
    readAt: string | undefined,
    sequenceNumber: string,
    decision: Decision,
    expiresAt: number,
  ): Promise<boolean>;
}

/**
 * A state that is forgotten before its warnings would count episodes anew and name a new warning like an old
 * one, which is then no insert for the stream. DynamoDB deletes expired items within days, in any order.
 */
const STATE_OUTLIVES_SECONDS = 14 * 86_400;

export function stateWrite(
  table: string,
  subject: NumberToken,
  track: Track,
  readAt: string | undefined,
  sequenceNumber: string,
  state: SubjectState,
  expiresAt: number,
  version: string = sequenceNumber,
): TransactWriteItem {
  return {
    Put: {
      TableName: table,
      Item: {
        ...keyOf(subject, TRACK_ITEMS[track].state),
        seq: { S: sequenceNumber },
        version: { S: version },
        state: { S: JSON.stringify(state) },
        expiresAt: { N: String(expiresAt + STATE_OUTLIVES_SECONDS) },
      },
      ConditionExpression:
        readAt === undefined ? 'attribute_not_exists(subject)' : 'version = :read',
      ...(readAt === undefined ? {} : { ExpressionAttributeValues: { ':read': { S: readAt } } }),
    },
  };
}

/** The parts of an update that sets what an item does not have yet. */
function setsWhereMissing(fresh: Item) {
  const values = Object.entries(fresh);
  return {
    sets: values.map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`).join(', '),
    names: Object.fromEntries(values.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(values.map(([name, value]) => [`:${name}`, value])),
  };
}

/**
 * Opens a case. People may have it already, because no text reached the person: then it rises to the tier, and keeps
 * all else that was written of it, its end too.
 */
function caseOpening(
  table: string,
  opened: Case,
  track: Track,
  expiresAt: number,
): TransactWriteItem {
  const { item, subject, tier = { S: opened.tier }, ...fresh } = caseItem(opened, track, expiresAt);
  const missing = setsWhereMissing(fresh);
  return {
    Update: {
      TableName: table,
      Key: keyOf(subject?.S ?? '', item?.S ?? ''),
      UpdateExpression: `SET tier = :tier, ${missing.sets}`,
      ExpressionAttributeNames: missing.names,
      ExpressionAttributeValues: { ':tier': tier, ...missing.values },
    },
  };
}

/** What a case that was opened before is to be told, by case. */
interface CaseUpdate {
  readonly caseId: string;
  tier?: Tier;
  calls: number;
  lineFreeAt?: number;
}

function caseUpdates({ exposed, raised }: Decision): CaseUpdate[] {
  const updates = new Map<string, CaseUpdate>();
  const updateOf = (caseId: string): CaseUpdate => {
    const known = updates.get(caseId) ?? { caseId, calls: 0 };
    updates.set(caseId, known);
    return known;
  };
  for (const { caseId, tier } of raised) updateOf(caseId).tier = tier;
  for (const { caseId, calls, lineFreeAt } of exposed) {
    const update = updateOf(caseId);
    update.calls += calls;
    if (lineFreeAt !== undefined) update.lineFreeAt = lineFreeAt;
  }
  return [...updates.values()];
}

/** A case that was closed and forgotten meanwhile must not come back as a fragment. */
function caseWrite(
  table: string,
  subject: NumberToken,
  track: Track,
  { calls, caseId, lineFreeAt, tier }: CaseUpdate,
): TransactWriteItem {
  const sets = [
    ...(tier === undefined ? [] : ['tier = :tier']),
    ...(lineFreeAt === undefined ? [] : ['lineFreeAt = :free']),
  ];
  return {
    Update: {
      TableName: table,
      Key: keyOf(subject, TRACK_ITEMS[track].case + caseId),
      UpdateExpression: `${sets.length > 0 ? `SET ${sets.join(', ')} ` : ''}ADD callsSince :calls`,
      ExpressionAttributeValues: {
        ':calls': { N: String(calls) },
        ...(tier !== undefined && { ':tier': { S: tier } }),
        ...(lineFreeAt !== undefined && { ':free': { N: String(lineFreeAt) } }),
      },
      ConditionExpression: 'attribute_exists(subject)',
    },
  };
}

export function createSubjectsTable(client: DynamoDBClient, table: string): SubjectStore {
  return {
    async read(subject, track) {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: keyOf(subject, TRACK_ITEMS[track].state),
          ConsistentRead: true,
        }),
      );
      const { seq, state, version } = Item ?? {};
      if (seq?.S === undefined || state?.S === undefined) return undefined;
      return {
        sequenceNumber: seq.S,
        version: version?.S ?? '',
        state: JSON.parse(state.S) as SubjectState,
      };
    },
    async write(subject, track, readAt, sequenceNumber, decision, expiresAt) {
      const opened = new Set(decision.cases.map((one) => one.id));
      const finalTier = new Map(decision.raised.map(({ caseId, tier }) => [caseId, tier]));
      const written: TransactWriteItem[] = [
        stateWrite(table, subject, track, readAt, sequenceNumber, decision.state, expiresAt),
        ...decision.warnings.map((warning) => ({
          Put: { TableName: table, Item: warningItem(warning, track, expiresAt) },
        })),
        ...decision.cases.map((one) =>
          caseOpening(table, { ...one, tier: finalTier.get(one.id) ?? one.tier }, track, expiresAt),
        ),
      ];
      const updated = caseUpdates(decision)
        .filter(({ caseId }) => !opened.has(caseId))
        .map((update) => caseWrite(table, subject, track, update));
      const codes = await transact(client, [...written, ...updated]);
      if (!codes.some((code) => LOST_RACE.has(code))) return true;
      const onlyCasesAreGone = !codes.slice(0, written.length).some((code) => LOST_RACE.has(code));
      // A case that expired keeps its tier for ever: the rest must not wait for it.
      if (!onlyCasesAreGone || codes.includes('TransactionConflict')) return false;
      return !(await transact(client, written)).some((code) => LOST_RACE.has(code));
    },
  };
}

/** A seat in a day's budget of texts, for a warning that has none yet. */
export interface Booking extends BudgetSeat {
  /** Local day of the deployment, as `2026-11-24`. */
  readonly day: string;
}

/** What became of a claim. */
export type Claim = 'claimed' | 'taken' | 'over-budget';

/** What send-warnings needs of the table. */
export interface WarningStore {
  /** The warning as it stands, and whether its subject is known to have opted out. */
  read(subject: NumberToken, id: string): Promise<{ item: Item | undefined; optedOut: boolean }>;
  /**
   * Takes the warning for sending: a pending or deferred one, or one whose claim ran out (its claimant crashed).
   * With a booking, takes a seat of the day in the same transaction, or else ends the warning as over budget and
   * counts that; a warning that has its seat is never booked again.
   *
   * @param until epoch ms at which this claim runs out
   * @returns taken when another has it, or it is done
   */
  claim(
    subject: NumberToken,
    id: string,
    now: number,
    until: number,
    booking?: Booking,
  ): Promise<Claim>;
  /**
   * Records what became of it. A warning that is sent is from then on found by its text's message id, written in the
   * same transaction. One of whose earlier texts is known to have arrived stays delivered.
   */
  settle(
    subject: NumberToken,
    id: string,
    status: WarningStatus,
    details: { readonly messageId?: string; readonly reason?: string; readonly at: number },
  ): Promise<void>;
  recordOptOut(subject: NumberToken, at: number, expiresAt: number): Promise<void>;
  /**
   * Hands a person whom no text can reach to people: opens the case of the warning's episode, or tells it so.
   *
   * @param expiresAt epoch seconds
   */
  handToPeople(opened: Case, reason: string, expiresAt: number): Promise<void>;
}

/** What the end of a visit says of the text, where it says anything. */
const DELIVERY_OF: Partial<Record<WarningStatus, DeliveryState>> = {
  sent: 'accepted',
  'opted-out': 'opted-out',
  undeliverable: 'failed',
  expired: 'expired',
};

/** Carriers report for three days; then SNS itself gives up waiting for them. */
const REPORTS_COME_FOR_SECONDS = 4 * 86_400;

/** Whether a warning has its seat in a day's budget. */
export function isBooked(item: Item | undefined): boolean {
  return item?.bookedOn?.S !== undefined;
}

const CLAIMABLE =
  '(#status IN (:pending, :deferred) OR (#status = :claimed AND claimedUntil < :now))';
const UNBOOKED = 'attribute_not_exists(bookedOn)';

const claimableValues = (now: number): Item => ({
  ':claimed': { S: 'claimed' },
  ':pending': { S: 'pending' },
  ':deferred': { S: 'deferred' },
  ':now': { N: String(now) },
});

export function createWarningsTable(
  client: DynamoDBClient,
  table: string,
  patience: Patience = DEFAULT_PATIENCE,
): WarningStore {
  const get = async (subject: NumberToken, item: string) =>
    (
      await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(subject, item), ConsistentRead: true }),
      )
    ).Item;

  async function claimAlone(key: Item, now: number, until: number): Promise<Claim> {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key,
          UpdateExpression: 'SET #status = :claimed, claimedUntil = :until ADD attempts :one',
          ConditionExpression: CLAIMABLE,
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ...claimableValues(now),
            ':until': { N: String(until) },
            ':one': { N: '1' },
          },
        }),
      );
      return 'claimed';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'taken';
      throw error;
    }
  }

  /** A claim and its seat, or nothing. */
  const claimWithSeat = (
    key: Item,
    now: number,
    until: number,
    booking: Booking,
  ): TransactWriteItem[] => [
    {
      Update: {
        TableName: table,
        Key: key,
        UpdateExpression:
          'SET #status = :claimed, claimedUntil = :until, bookedOn = :day ADD attempts :one',
        ConditionExpression: `${CLAIMABLE} AND ${UNBOOKED}`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ...claimableValues(now),
          ':until': { N: String(until) },
          ':day': { S: booking.day },
          ':one': { N: '1' },
        },
      },
    },
    takeSeat(table, booking, now),
  ];

  /** The end of a warning for which the day has no seat, and its place in the day's count, or nothing. */
  const dropWithCount = (key: Item, now: number, booking: Booking): TransactWriteItem[] => [
    {
      Update: {
        TableName: table,
        Key: key,
        UpdateExpression: 'SET #status = :over, settledAt = :now, reason = :band',
        ConditionExpression: `${CLAIMABLE} AND ${UNBOOKED}`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ...claimableValues(now),
          ':over': { S: 'over-budget' satisfies WarningStatus },
          ':band': { S: booking.band },
        },
      },
    },
    countDropped(table, booking, now),
  ];

  async function claimBooked(
    key: Item,
    now: number,
    until: number,
    booking: Booking,
  ): Promise<Claim> {
    for (let attempt = 0; attempt < patience.attempts; attempt++) {
      const [warning, seat] = await transact(client, claimWithSeat(key, now, until, booking));
      if (warning === undefined) return 'claimed';
      if (warning === CONDITION_FAILED) return 'taken';
      if (seat === CONDITION_FAILED) {
        const [dropped] = await transact(client, dropWithCount(key, now, booking));
        if (dropped === undefined) return 'over-budget';
        if (dropped === CONDITION_FAILED) return 'taken';
      }
      // Others book on the same day: the count is one item.
      await patience.delay(backoffMs(attempt, patience.random));
    }
    throw new TableError('the budget of the day stayed busy');
  }

  return {
    async read(subject, id) {
      const [item, optOut] = await Promise.all([
        get(subject, WARNING_PREFIX + id),
        get(subject, OPT_OUT_ITEM),
      ]);
      return { item, optedOut: optOut !== undefined };
    },
    claim(subject, id, now, until, booking) {
      const key = keyOf(subject, WARNING_PREFIX + id);
      return booking === undefined
        ? claimAlone(key, now, until)
        : claimBooked(key, now, until, booking);
    },
    async settle(subject, id, status, { messageId = '', reason = '', at }) {
      const delivery = DELIVERY_OF[status];
      const text = messageId !== '';
      const update = (isDelivered: boolean): TransactWriteItem => {
        const state = isDelivered ? undefined : delivery;
        const sets = [
          '#status = :status, settledAt = :at, reason = :reason',
          ...(text ? ['messageId = :message'] : []),
          ...(state === undefined
            ? []
            : ['delivery = :delivery, deliveryAt = :at, deliveryReason = :why']),
        ];
        return {
          Update: {
            TableName: table,
            Key: keyOf(subject, WARNING_PREFIX + id),
            UpdateExpression: `SET ${sets.join(', ')}`,
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':status': { S: status },
              ':at': { N: String(at) },
              ':reason': { S: reason },
              ...(text && { ':message': { S: messageId } }),
              ...(state !== undefined && {
                ':delivery': { S: state },
                ':why': { S: state === 'accepted' ? '' : reason },
              }),
              ...(!isDelivered && { ':delivered': { S: 'delivered' satisfies DeliveryState } }),
            },
            ...(!isDelivered && {
              ConditionExpression: 'attribute_not_exists(delivery) OR delivery <> :delivered',
            }),
          },
        };
      };
      const reportsEnd = Math.floor(at / 1000) + REPORTS_COME_FOR_SECONDS;
      const pointers = text ? [pointToWarning(table, messageId, { subject, id }, reportsEnd)] : [];
      let writes = [update(false), ...pointers];
      for (let attempt = 0; attempt < patience.attempts; attempt++) {
        const [code] = await transact(client, writes);
        if (code === undefined) return;
        if (code === CONDITION_FAILED) {
          // Meanwhile an earlier text of it arrived: no other end is worth recording.
          if (!text) return;
          writes = [update(true), ...pointers];
        } else {
          // A report of an earlier text is being recorded.
          await patience.delay(backoffMs(attempt, patience.random));
        }
      }
      throw new TableError('a warning stayed busy');
    },
    async handToPeople(opened, reason, expiresAt) {
      const { item: _item, subject: _subject, ...fresh } = caseItem(opened, 'live', expiresAt);
      const missing = setsWhereMissing(fresh);
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(opened.subject, CASE_PREFIX + opened.id),
          UpdateExpression: `SET undeliverable = :reason, ${missing.sets}`,
          ExpressionAttributeNames: missing.names,
          ExpressionAttributeValues: { ':reason': { S: reason }, ...missing.values },
        }),
      );
    },
    async recordOptOut(subject, at, expiresAt) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(subject, OPT_OUT_ITEM),
          UpdateExpression: 'SET since = if_not_exists(since, :at), expiresAt = :expires',
          ExpressionAttributeValues: {
            ':at': { N: String(at) },
            ':expires': { N: String(expiresAt) },
          },
        }),
      );
    },
  };
}

/** Closes a case with what came of its task; a case closed before stays as it is. */
export async function closeCase(
  client: DynamoDBClient,
  table: string,
  subject: NumberToken,
  caseId: string,
  outcome: string,
  at: number,
): Promise<void> {
  await held(
    client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyOf(subject, CASE_PREFIX + caseId),
        UpdateExpression: 'SET #status = :closed, outcome = :outcome, closedAt = :at',
        ConditionExpression: '#status = :open',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':open': { S: 'open' satisfies CaseStatus },
          ':closed': { S: 'closed' satisfies CaseStatus },
          ':outcome': { S: outcome },
          ':at': { N: String(at) },
        },
      }),
    ),
  );
}
