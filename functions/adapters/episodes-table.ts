import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Case, Warning } from '../../lib/domain/subject/decide.ts';
import type { HeldExposure, SubjectState } from '../../lib/domain/subject/subject-state.ts';
import { caseOfItem, STATE_ITEM, warningOfItem } from './subjects-table.ts';

/** A warning with what became of it. */
export interface SettledWarning {
  readonly warning: Warning;
  readonly status: string;
  /** Epoch ms. */
  readonly settledAt?: number;
  readonly reason?: string;
}

/** What stands of a person beside the case itself. */
export interface PersonRecord {
  /** Why the case was opened; absent where it was forgotten, or opened by hand. */
  readonly grounds?: Case;
  /** Those of the case, oldest first. */
  readonly warnings: readonly SettledWarning[];
  /** The risky calls that are remembered of the person, oldest first. */
  readonly exposures: readonly HeldExposure[];
}

/** Reads what stands of a person, for those who work on a case. */
export async function readPerson(
  client: DynamoDBClient,
  table: string,
  subject: NumberToken,
  caseId: string,
): Promise<PersonRecord> {
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      KeyConditionExpression: 'subject = :subject',
      ExpressionAttributeValues: { ':subject': { S: subject } },
    },
  );
  let grounds: Case | undefined;
  const warnings: SettledWarning[] = [];
  let exposures: readonly HeldExposure[] = [];
  for await (const { Items } of pages) {
    for (const item of Items ?? []) {
      const warning = warningOfItem(item);
      const opened = caseOfItem(item);
      if (warning?.caseId === caseId) {
        const settledAt = item.settledAt?.N;
        const reason = item.reason?.S;
        warnings.push({
          warning,
          status: item.status?.S ?? '',
          ...(settledAt !== undefined && { settledAt: Number(settledAt) }),
          ...(reason !== undefined && reason !== '' && { reason }),
        });
      } else if (opened?.id === caseId) {
        grounds = opened;
      } else if (item.item?.S === STATE_ITEM && item.state?.S !== undefined) {
        exposures = (JSON.parse(item.state.S) as SubjectState).exposures;
      }
    }
  }
  warnings.sort((a, b) => a.warning.decidedAt - b.warning.decidedAt);
  return { ...(grounds !== undefined && { grounds }), warnings, exposures };
}
