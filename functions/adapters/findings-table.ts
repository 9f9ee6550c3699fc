import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { isByClues, type Judgement } from '../../lib/domain/profile/fold-legs.ts';
import { DECISIONS_INDEX } from './decisions-index.ts';
import type { PageRequest } from './list-page.ts';
import { decodeCursor, encodeCursor, hasForm, isText } from './page-cursor.ts';

/**
 * Findings stand in the subjects' table under the caller they are about: `FINDING#<track>#<at>`. So all that is
 * known of a number, as a caller and as a subject, is one partition, and one query explains it.
 */
export const FINDING_PREFIX = 'FINDING#';

/**
 * Findings that only clues led to stand in a partition of their own of the index of decisions, in which every other
 * partition is a day: nothing is done about them but by people, who must see them somewhere.
 */
const BY_CLUES = 'by-clues';
const DEFAULT_PAGE = 100;

const isForPeople = ({ finding, track }: Judgement) => track === 'live' && isByClues(finding);

/** A finding to keep, and when it may be forgotten (epoch seconds). */
export interface KeptFinding {
  readonly judgement: Judgement;
  readonly expiresAt: number;
}

/** Keeps findings. The same one again writes the same item. */
export async function putFindings(
  client: DynamoDBClient,
  table: string,
  findings: readonly KeptFinding[],
): Promise<void> {
  await Promise.all(
    findings.map(({ judgement, expiresAt }) =>
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            subject: { S: judgement.caller },
            item: { S: `${FINDING_PREFIX}${judgement.track}#${judgement.finding.at}` },
            finding: { S: JSON.stringify(judgement) },
            expiresAt: { N: String(expiresAt) },
            ...(isForPeople(judgement) && {
              decidedOn: { S: BY_CLUES },
              decidedAt: { N: String(judgement.finding.at) },
            }),
          },
        }),
      ),
    ),
  );
}

/** The finding in an item of the table; undefined for an item of another sort. */
function findingOfItem(item: Record<string, AttributeValue>): Judgement | undefined {
  const text = item.finding?.S;
  return text === undefined ? undefined : (JSON.parse(text) as Judgement);
}

export interface ClueFindings {
  readonly findings: readonly Judgement[];
  readonly next?: string;
}

/** Where a page of {@link ClueFindings} ended. */
interface FindingPlace {
  readonly subject: string;
  readonly item: string;
  readonly at: number;
}
const isFindingPlace = (value: unknown) =>
  hasForm(value, { subject: isText, item: isText, at: Number.isSafeInteger });

/** Findings that only clues led to, the newest first. @throws {CursorError} */
export async function readClueFindings(
  client: DynamoDBClient,
  table: string,
  { limit = DEFAULT_PAGE, next }: PageRequest,
): Promise<ClueFindings> {
  const after = decodeCursor<FindingPlace>(next, isFindingPlace);
  const { Items = [], LastEvaluatedKey: last } = await client.send(
    new QueryCommand({
      TableName: table,
      IndexName: DECISIONS_INDEX,
      KeyConditionExpression: 'decidedOn = :on',
      ExpressionAttributeValues: { ':on': { S: BY_CLUES } },
      ScanIndexForward: false,
      Limit: limit,
      ...(after !== undefined && {
        ExclusiveStartKey: {
          subject: { S: after.subject },
          item: { S: after.item },
          decidedOn: { S: BY_CLUES },
          decidedAt: { N: String(after.at) },
        },
      }),
    }),
  );
  const findings = Items.flatMap((item) => findingOfItem(item) ?? []);
  return {
    findings,
    ...(last !== undefined && {
      next: encodeCursor({
        subject: last.subject?.S,
        item: last.item?.S,
        at: Number(last.decidedAt?.N),
      }),
    }),
  };
}

/** All findings about a caller that are still kept, oldest first within each track. */
export async function readFindings(
  client: DynamoDBClient,
  table: string,
  caller: NumberToken,
): Promise<Judgement[]> {
  const findings: Judgement[] = [];
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      KeyConditionExpression: 'subject = :caller AND begins_with(#item, :prefix)',
      ExpressionAttributeNames: { '#item': 'item' },
      ExpressionAttributeValues: { ':caller': { S: caller }, ':prefix': { S: FINDING_PREFIX } },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const finding = findingOfItem(item);
      if (finding !== undefined) findings.push(finding);
    }
  }
  return findings;
}
