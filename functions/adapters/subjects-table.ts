import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Tier } from '../../lib/domain/policy.ts';
import type { Case, Decision, Warning } from '../../lib/domain/subject/decide.ts';
import type { SubjectState } from '../../lib/domain/subject/subject-state.ts';

/**
 * A subject, its warnings and its cases share a partition: `STATE`, `WARNING#<id>`, `CASE#<id>`, so that a
 * decision is one transaction and the table's stream carries it on (a transactional outbox).
 */
export const STATE_ITEM = 'STATE';
export const WARNING_PREFIX = 'WARNING#';
export const CASE_PREFIX = 'CASE#';
export const OPT_OUT_ITEM = 'OPTOUT';

export interface StoredSubject {
  readonly sequenceNumber: string;
  readonly state: SubjectState;
}

/** Life of a warning: decided → claimed → sent, or a recorded end of another kind. */
export type WarningStatus =
  | 'pending'
  | 'claimed'
  | 'deferred'
  | 'sent'
  | 'opted-out'
  | 'undeliverable'
  | 'expired';

export type CaseStatus = 'open' | 'closed';

type Item = Record<string, AttributeValue>;

const keyOf = (subject: NumberToken, item: string): Item => ({
  subject: { S: subject },
  item: { S: item },
});

/** Decided documents are one JSON attribute; what conditions and filters look at stands beside it. */
function warningItem(warning: Warning, expiresAt: number): Item {
  return {
    ...keyOf(warning.subject, WARNING_PREFIX + warning.id),
    warning: { S: JSON.stringify(warning) },
    status: { S: 'pending' satisfies WarningStatus },
    expiresAt: { N: String(expiresAt) },
  };
}

function caseItem(opened: Case, expiresAt: number): Item {
  return {
    ...keyOf(opened.subject, CASE_PREFIX + opened.id),
    case: { S: JSON.stringify(opened) },
    tier: { S: opened.tier },
    status: { S: 'open' satisfies CaseStatus },
    expiresAt: { N: String(expiresAt) },
  };
}

/** The warning in an item of the table or its stream; undefined for an item of another sort. */
export function warningOfItem(item: Item | undefined): Warning | undefined {
  const text = item?.warning?.S;
  return text === undefined ? undefined : (JSON.parse(text) as Warning);
}

/** The case in an item of the table or its stream; undefined for an item of another sort. */
export function caseOfItem(item: Item | undefined): Case | undefined {
  const text = item?.case?.S;
  return text === undefined ? undefined : (JSON.parse(text) as Case);
}

export interface SubjectStore {
  read(subject: NumberToken): Promise<StoredSubject | undefined>;
  /**
   * Writes the state and all that was decided, or nothing.
   *
   * @returns false when the subject changed since it was read
   */
  write(
    subject: NumberToken,
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

/** Cancellations that another try can mend: somebody else wrote first, or is writing now. */
const LOST_RACE: ReadonlySet<string> = new Set(['ConditionalCheckFailed', 'TransactionConflict']);

function stateWrite(
  table: string,
  subject: NumberToken,
  readAt: string | undefined,
  sequenceNumber: string,
  state: SubjectState,
  expiresAt: number,
): TransactWriteItem {
  return {
    Put: {
      TableName: table,
      Item: {
        ...keyOf(subject, STATE_ITEM),
        seq: { S: sequenceNumber },
        state: { S: JSON.stringify(state) },
        expiresAt: { N: String(expiresAt + STATE_OUTLIVES_SECONDS) },
      },
      ConditionExpression: readAt === undefined ? 'attribute_not_exists(subject)' : 'seq = :read',
      ...(readAt === undefined ? {} : { ExpressionAttributeValues: { ':read': { S: readAt } } }),
    },
  };
}

/** A case that was closed and forgotten meanwhile must not come back as a fragment. */
function tierWrite(
  table: string,
  subject: NumberToken,
  caseId: string,
  tier: Tier,
): TransactWriteItem {
  return {
    Update: {
      TableName: table,
      Key: keyOf(subject, CASE_PREFIX + caseId),
      UpdateExpression: 'SET tier = :tier',
      ExpressionAttributeValues: { ':tier': { S: tier } },
      ConditionExpression: 'attribute_exists(subject)',
    },
  };
}

export function createSubjectsTable(client: DynamoDBClient, table: string): SubjectStore {
  /** Writes all or nothing; the code of each item when it was nothing for a reason that may pass. */
  async function transact(items: TransactWriteItem[]): Promise<string[]> {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return [];
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code ?? '');
      if (codes.some((code) => LOST_RACE.has(code))) return codes;
      throw error;
    }
  }

  return {
    async read(subject) {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: keyOf(subject, STATE_ITEM),
          ConsistentRead: true,
        }),
      );
      const { seq, state } = Item ?? {};
      if (seq?.S === undefined || state?.S === undefined) return undefined;
      return { sequenceNumber: seq.S, state: JSON.parse(state.S) as SubjectState };
    },
    async write(subject, readAt, sequenceNumber, decision, expiresAt) {
      const opened = new Set(decision.cases.map((one) => one.id));
      const finalTier = new Map(decision.raised.map(({ caseId, tier }) => [caseId, tier]));
      const written: TransactWriteItem[] = [
        stateWrite(table, subject, readAt, sequenceNumber, decision.state, expiresAt),
        ...decision.warnings.map((warning) => ({
          Put: { TableName: table, Item: warningItem(warning, expiresAt) },
        })),
        ...decision.cases.map((one) => ({
          Put: {
            TableName: table,
            Item: caseItem({ ...one, tier: finalTier.get(one.id) ?? one.tier }, expiresAt),
          },
        })),
      ];
      const raised = [...finalTier]
        .filter(([caseId]) => !opened.has(caseId))
        .map(([caseId, tier]) => tierWrite(table, subject, caseId, tier));
      const codes = await transact([...written, ...raised]);
      if (!codes.some((code) => LOST_RACE.has(code))) return true;
      const onlyCasesAreGone = !codes.slice(0, written.length).some((code) => LOST_RACE.has(code));
      // A case that expired keeps its tier for ever: the rest must not wait for it.
      if (!onlyCasesAreGone || codes.includes('TransactionConflict')) return false;
      return !(await transact(written)).some((code) => LOST_RACE.has(code));
    },
  };
}

/** What send-warnings needs of the table. */
export interface WarningStore {
  /** The warning as it stands, and whether its subject is known to have opted out. */
  read(subject: NumberToken, id: string): Promise<{ item: Item | undefined; optedOut: boolean }>;
  /**
   * Takes the warning for sending: a pending or deferred one, or one whose claim ran out (its claimant crashed).
   *
   * @param until epoch ms at which this claim runs out
   * @returns false when it is taken, or done
   */
  claim(subject: NumberToken, id: string, now: number, until: number): Promise<boolean>;
  /** Records what became of it. */
  settle(
    subject: NumberToken,
    id: string,
    status: WarningStatus,
    details: { readonly messageId?: string; readonly reason?: string; readonly at: number },
  ): Promise<void>;
  recordOptOut(subject: NumberToken, at: number, expiresAt: number): Promise<void>;
}

export function createWarningsTable(client: DynamoDBClient, table: string): WarningStore {
  const get = async (subject: NumberToken, item: string) =>
    (
      await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(subject, item), ConsistentRead: true }),
      )
    ).Item;
  return {
    async read(subject, id) {
      const [item, optOut] = await Promise.all([
        get(subject, WARNING_PREFIX + id),
        get(subject, OPT_OUT_ITEM),
      ]);
      return { item, optedOut: optOut !== undefined };
    },
    async claim(subject, id, now, until) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(subject, WARNING_PREFIX + id),
            UpdateExpression: 'SET #status = :claimed, claimedUntil = :until ADD attempts :one',
            ConditionExpression:
              '#status IN (:pending, :deferred) OR (#status = :claimed AND claimedUntil < :now)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':claimed': { S: 'claimed' },
              ':pending': { S: 'pending' },
              ':deferred': { S: 'deferred' },
              ':until': { N: String(until) },
              ':now': { N: String(now) },
              ':one': { N: '1' },
            },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
    async settle(subject, id, status, { messageId, reason, at }) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(subject, WARNING_PREFIX + id),
          UpdateExpression:
            'SET #status = :status, settledAt = :at, messageId = :message, reason = :reason',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':status': { S: status },
            ':at': { N: String(at) },
            ':message': { S: messageId ?? '' },
            ':reason': { S: reason ?? '' },
          },
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
  try {
    await client.send(
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
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
