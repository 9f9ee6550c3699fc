import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { longestCaseMs } from '../../lib/domain/ladder/longest-case.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Case } from '../../lib/domain/subject/decide.ts';
import { newSubject, withCaseByHand } from '../../lib/domain/subject/subject-state.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { TableError } from './errors.ts';
import {
  CASE_PREFIX,
  caseItem,
  caseOfItem,
  createSubjectsTable,
  isOpenItem,
  stateWrite,
} from './subjects-table.ts';
import { transact } from './transact.ts';

/**
 * Opens a case of a person as a decision of the pipeline would: the table's stream carries it on, and what the person
 * is exposed to while it is under way belongs to it.
 *
 * @param now epoch ms
 * @returns the name of the person's case under way: this one, or one that there was
 */
export type OpenByHand = (opened: Case, now: number) => Promise<string>;

/** The sequence number of a state that no exposure has made: before every other. */
const BEFORE_ALL = '0';

/** @param careGroupOf by the register, which is asked once: when a person is first heard of */
export function createOpenByHand(
  client: DynamoDBClient,
  table: string,
  retentionSeconds: number,
  careGroupOf: (subject: NumberToken) => Promise<string | undefined>,
  patience: Patience = DEFAULT_PATIENCE,
): OpenByHand {
  const subjects = createSubjectsTable(client, table);

  /** The person's open case; or the one of this name, whatever has become of it: the same request came before. */
  async function caseUnderWay(subject: NumberToken, id: string): Promise<string | undefined> {
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'subject = :subject AND begins_with(#item, :case)',
        ExpressionAttributeNames: { '#item': 'item' },
        ExpressionAttributeValues: { ':subject': { S: subject }, ':case': { S: CASE_PREFIX } },
      },
    );
    for await (const { Items = [] } of pages) {
      const known = Items.find((one) => isOpenItem(one) || one.item?.S === CASE_PREFIX + id);
      if (known !== undefined) return caseOfItem(known)?.id;
    }
    return undefined;
  }

  return async (opened, now) => {
    const { id, ladder, subject } = opened;
    const expiresAt = Math.floor(now / 1000) + retentionSeconds;
    const formerCase = { id, until: Math.ceil((now + longestCaseMs(ladder)) / 1000) };
    for (let attempt = 0; attempt < patience.attempts; attempt++) {
      // Read before the cases are looked for: a case that is opened in between is a later version.
      const stored = await subjects.read(subject, 'live');
      const underWay = await caseUnderWay(subject, id);
      if (underWay !== undefined) return underWay;
      const state = stored?.state ?? newSubject(await careGroupOf(subject));
      const sequenceNumber = stored?.sequenceNumber ?? BEFORE_ALL;
      const lost = await transact(client, [
        stateWrite(
          table,
          subject,
          'live',
          stored?.version,
          sequenceNumber,
          withCaseByHand(state, formerCase),
          expiresAt,
          `${sequenceNumber} ${id}`,
        ),
        { Put: { TableName: table, Item: caseItem(opened, 'live', expiresAt) } },
      ]);
      if (lost.length === 0) return id;
      await patience.delay(backoffMs(attempt, patience.random));
    }
    throw new TableError('a subject kept changing under us');
  };
}
