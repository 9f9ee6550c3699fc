import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { TRACKS, type Track } from '../../lib/domain/exposure.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Case, Warning } from '../../lib/domain/subject/decide.ts';
import type { Tier } from '../../lib/domain/tiers.ts';
import { decisionsOf, TRACK_ITEMS } from './subjects-table.ts';

/** Index of the subjects table: the decisions of a day and track, in order of time. */
export const DECISIONS_INDEX = 'decisions';

/** A decision as it is kept, of the policy in force or of its shadow. */
export type StoredDecision = { readonly track: Track; readonly status: string } & (
  | { readonly what: 'warning'; readonly warning: Warning }
  | { readonly what: 'case'; readonly case: Case /** As it stands now. */; readonly tier: Tier }
);

function decisionOfItem(
  item: Record<string, AttributeValue>,
  track: Track,
): StoredDecision | undefined {
  const name = item.item?.S ?? '';
  const status = item.status?.S ?? '';
  if (name.startsWith(TRACK_ITEMS[track].warning) && item.warning?.S !== undefined) {
    return { what: 'warning', track, status, warning: JSON.parse(item.warning.S) as Warning };
  }
  if (name.startsWith(TRACK_ITEMS[track].case) && item.case?.S !== undefined) {
    const opened = JSON.parse(item.case.S) as Case;
    // An officer's own: no policy decided on it.
    if (opened.openedBy !== undefined) return undefined;
    return {
      what: 'case',
      track,
      status,
      case: opened,
      tier: (item.tier?.S ?? opened.tier) as Tier,
    };
  }
  return undefined;
}

/**
 * Lists what was decided on a day, in order of the time of decision. The index follows the table within moments.
 *
 * @param day UTC day of the decisions, as `2026-11-24`
 */
export async function* listDecisions(
  client: DynamoDBClient,
  table: string,
  day: string,
  track: Track,
): AsyncGenerator<StoredDecision> {
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      IndexName: DECISIONS_INDEX,
      KeyConditionExpression: 'decidedOn = :on',
      ExpressionAttributeValues: { ':on': { S: decisionsOf(track, day) } },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const decision = decisionOfItem(item, track);
      if (decision !== undefined) yield decision;
    }
  }
}

/** All decisions about one person that are still kept, of both tracks. */
export async function readDecisions(
  client: DynamoDBClient,
  table: string,
  subject: NumberToken,
): Promise<StoredDecision[]> {
  const decisions: StoredDecision[] = [];
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      KeyConditionExpression: 'subject = :subject',
      ExpressionAttributeValues: { ':subject': { S: subject } },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      for (const track of TRACKS) {
        const decision = decisionOfItem(item, track);
        if (decision !== undefined) decisions.push(decision);
      }
    }
  }
  return decisions;
}
