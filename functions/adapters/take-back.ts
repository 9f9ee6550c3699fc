import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Warning } from '../../lib/domain/subject/decide.ts';
import { forgetListing } from '../../lib/domain/subject/forget-listing.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { held } from './conditional-write.ts';
import { listDecisions, type StoredDecision } from './decisions-index.ts';
import { TableError } from './errors.ts';
import {
  createSubjectsTable,
  keyOf,
  stateWrite,
  WARNING_PREFIX,
  type WarningStatus,
} from './subjects-table.ts';
import { transact } from './transact.ts';

/** What came of decisions that should not have been made. */
export interface TakenBack {
  /** Texts that had not been sent, and will not be. */
  readonly withdrawn: number;
  /** Texts that were sent, or are being sent in this moment. */
  readonly sent: number;
  /** Cases that were opened; an officer closes them. */
  readonly cases: readonly string[];
  /** False where there were more decisions in that time than were looked through. */
  readonly complete: boolean;
}

/** What is taken back: all that a number led to, or only what the list of case numbers said of it. */
export type TakeBackScope = 'all' | 'list';

/**
 * Takes back what was decided because of a number and is not sent yet, and forgets what the list said of the number.
 *
 * @param others people who were exposed to it, beside those about whom something was decided
 * @param since epoch ms of the first decision that it may have led to
 * @param now epoch ms
 */
export type TakeBack = (
  number: NumberToken,
  scope: TakeBackScope,
  others: readonly NumberToken[],
  since: number,
  now: number,
) => Promise<TakenBack>;

const DAY_MS = 86_400_000;
/** So many decisions are read in a second or two: the request is waited for. */
const MOST_DECISIONS = 20_000;
const UNSENT: ReadonlySet<string> = new Set([
  'pending',
  'deferred',
] satisfies readonly WarningStatus[]);
const OUT: ReadonlySet<string> = new Set(['claimed', 'sent'] satisfies readonly WarningStatus[]);

/** The UTC days of a time, as the index of decisions names them. */
function daysBetween(since: number, now: number): string[] {
  const first = Math.floor(since / DAY_MS);
  // A decision stands under the time of its call, and clocks differ.
  const last = Math.floor((now + DAY_MS) / DAY_MS);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    new Date((first + i) * DAY_MS).toISOString().slice(0, 10),
  );
}

const groundsOf = (decision: StoredDecision) =>
  decision.what === 'warning' ? decision.warning : decision.case;

export function createTakeBack(
  client: DynamoDBClient,
  table: string,
  retentionSeconds: number,
  patience: Patience = DEFAULT_PATIENCE,
): TakeBack {
  const subjects = createSubjectsTable(client, table);

  async function decisionsBy(number: NumberToken, scope: TakeBackScope, days: readonly string[]) {
    const found: StoredDecision[] = [];
    let read = 0;
    for (const day of days) {
      for await (const decision of listDecisions(client, table, day, 'live')) {
        if (read++ === MOST_DECISIONS) return { found, complete: false };
        const { finding } = groundsOf(decision);
        if (finding.caller !== number) continue;
        if (scope === 'all' || finding.side === 'list') found.push(decision);
      }
    }
    return { found, complete: true };
  }

  /** @returns false when it was taken up for sending meanwhile */
  async function withdraw({ id, subject }: Warning, at: number): Promise<boolean> {
    return held(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(subject, WARNING_PREFIX + id),
          UpdateExpression: 'SET #status = :withdrawn, settledAt = :at',
          ConditionExpression: '#status IN (:pending, :deferred)',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':withdrawn': { S: 'withdrawn' satisfies WarningStatus },
            ':pending': { S: 'pending' satisfies WarningStatus },
            ':deferred': { S: 'deferred' satisfies WarningStatus },
            ':at': { N: String(at) },
          },
        }),
      ),
    );
  }

  async function forget(
    subject: NumberToken,
    number: NumberToken,
    withdrawn: ReadonlySet<string>,
    now: number,
  ): Promise<void> {
    for (let attempt = 0; attempt < patience.attempts; attempt++) {
      if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
      const stored = await subjects.read(subject, 'live');
      const state = stored && forgetListing(stored.state, number, withdrawn);
      if (stored === undefined || state === undefined) return;
      const { sequenceNumber, version } = stored;
      const lost = await transact(client, [
        stateWrite(
          table,
          subject,
          'live',
          version,
          sequenceNumber,
          state,
          Math.floor(now / 1000) + retentionSeconds,
          `${sequenceNumber} without ${number} ${now}`,
        ),
      ]);
      if (lost.length === 0) return;
    }
    throw new TableError('a subject kept changing under us');
  }

  return async (number, scope, others, since, now) => {
    const { complete, found } = await decisionsBy(number, scope, daysBetween(since, now));
    const withdrawn = new Set<string>();
    const people = new Set<NumberToken>(others);
    const cases: string[] = [];
    let sent = 0;
    for (const decision of found) {
      people.add(groundsOf(decision).subject);
      if (decision.what === 'case') {
        cases.push(decision.case.id);
      } else if (UNSENT.has(decision.status) && (await withdraw(decision.warning, now))) {
        withdrawn.add(decision.warning.id);
      } else if (UNSENT.has(decision.status) || OUT.has(decision.status)) {
        sent++;
      }
    }
    for (const subject of people) await forget(subject, number, withdrawn, now);
    return { withdrawn: withdrawn.size, sent, cases, complete };
  };
}
