import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Judgement } from '../../lib/domain/profile/fold-legs.ts';

/**
 * Findings stand in the subjects' table under the caller they are about: `FINDING#<track>#<at>`. So all that is
 * known of a number, as a caller and as a subject, is one partition, and one query explains it.
 */
export const FINDING_PREFIX = 'FINDING#';

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
