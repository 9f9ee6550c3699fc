import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import {
  FINDING_KINDS,
  type FindingKind,
  type FindingState,
  type StudyFinding,
} from '../../lib/domain/listing/study-finding.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { held } from './conditional-write.ts';
import { decisionName } from './decision-name.ts';
import { TableError } from './errors.ts';
import { type PageRequest, readListPage } from './list-page.ts';

export interface StudyFindingPage {
  readonly findings: readonly StudyFinding[];
  readonly next?: string;
}

/** What the daily study found, one item a number and kind, in the table of lists. */
export interface StudyFindingStore {
  /**
   * Changes a finding, or makes it.
   *
   * @param changeOf the finding afterwards; undefined leaves all as it is. Asked again when another was quicker
   * @returns the finding as it stands then; undefined where there is none
   */
  change(
    id: string,
    changeOf: (known: StudyFinding | undefined) => StudyFinding | undefined,
  ): Promise<StudyFinding | undefined>;
  /** All findings of a number. */
  ofNumber(number: NumberToken): Promise<readonly StudyFinding[]>;
  /** A page of findings in no particular order, perhaps of one state only; it may be short though there are more. */
  list(page: PageRequest & { readonly status?: FindingState }): Promise<StudyFindingPage>;
}

const FINDINGS = 'study-findings';

type Item = Record<string, AttributeValue>;

/** The id of a finding: the same whenever it is found again, and no way back to the number. */
export function findingId(number: NumberToken, kind: FindingKind): string {
  return decisionName(`${FINDINGS}|${number}|${kind}`);
}

const findingOf = ({ finding }: Item) => JSON.parse(finding?.S ?? '') as StudyFinding;

/**
 * @param keptSeconds how long a decision is remembered after it was taken
 */
export function createStudyFindingsTable(
  client: DynamoDBClient,
  table: string,
  keptSeconds: number,
  patience: Patience = DEFAULT_PATIENCE,
): StudyFindingStore {
  const keyOf = (id: string): Item => ({ list: { S: FINDINGS }, item: { S: id } });

  async function read(id: string): Promise<Item | undefined> {
    const { Item: item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }),
    );
    return item;
  }

  function endOf({ decisions, listedUntil = 0, until }: StudyFinding): number {
    const decided = decisions.at(-1)?.at;
    const remembered = decided === undefined ? 0 : Math.floor(decided / 1000) + keptSeconds;
    return Math.max(until, listedUntil, remembered);
  }

  /** @returns false where somebody else wrote since it was read */
  async function write(before: Item | undefined, after: StudyFinding): Promise<boolean> {
    const version = Number(before?.version?.N ?? 0);
    return held(
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...keyOf(after.id),
            finding: { S: JSON.stringify(after) },
            status: { S: after.status },
            version: { N: String(version + 1) },
            expiresAt: { N: String(endOf(after)) },
          },
          ...(before === undefined
            ? { ConditionExpression: 'attribute_not_exists(finding)' }
            : {
                ConditionExpression: 'version = :read',
                ExpressionAttributeValues: { ':read': { N: String(version) } },
              }),
        }),
      ),
    );
  }

  return {
    async change(id, changeOf) {
      for (let attempt = 0; attempt < patience.attempts; attempt++) {
        if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
        const item = await read(id);
        const known = item && findingOf(item);
        const after = changeOf(known);
        if (after === undefined) return known;
        if (JSON.stringify(after) === item?.finding?.S) return after;
        if (await write(item, after)) return after;
      }
      throw new TableError('a finding kept changing under us');
    },
    async ofNumber(number) {
      const items = await Promise.all(FINDING_KINDS.map((kind) => read(findingId(number, kind))));
      return items.flatMap((item) => (item === undefined ? [] : [findingOf(item)]));
    },
    async list({ status, ...page }) {
      const place = { client, table, list: FINDINGS };
      const { items, ...more } = await readListPage(place, findingOf, page, { status });
      return { findings: items, ...more };
    },
  };
}
