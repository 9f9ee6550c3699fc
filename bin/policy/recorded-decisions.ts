import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { listDecisions, type StoredDecision } from '../../functions/adapters/decisions-index.ts';
import { readFindings } from '../../functions/adapters/findings-table.ts';
import type { Reason, Track } from '../../lib/domain/exposure.ts';
import type { Tier } from '../../lib/domain/tiers.ts';

/** A text or a case that a policy decided on; the shadow's are never acted on. */
export interface RecordedDecision {
  readonly what: StoredDecision['what'];
  /** Number tokens: sealed, so that nobody can read the number off them. */
  readonly subject: string;
  readonly caller: string;
  readonly kind: string;
  readonly tier: Tier;
  /** Epoch seconds. */
  readonly decidedAt: number;
  /** Strongest first. */
  readonly reasons: readonly Reason[];
  readonly policyVersion: number;
}

function recorded(decision: StoredDecision): RecordedDecision {
  const { what } = decision;
  if (what === 'warning') {
    const { caller, decidedAt, kind, policyVersion, reasons, subject, tier } = decision.warning;
    return { what, subject, caller, kind, tier, decidedAt, reasons, policyVersion };
  }
  const { finding, kind, openedAt, policyVersion, reasons, subject } = decision.case;
  return {
    what,
    subject,
    caller: finding.caller,
    kind,
    tier: decision.tier,
    decidedAt: openedAt,
    reasons,
    policyVersion,
  };
}

/**
 * What a track decided on a day, in order. What the budget dropped was decided, but warned nobody: it is left out.
 *
 * @param day UTC, such as `2026-11-24`
 */
export async function decisionsOfDay(
  client: DynamoDBClient,
  table: string,
  track: Track,
  day: string,
): Promise<RecordedDecision[]> {
  const decisions: RecordedDecision[] = [];
  for await (const decision of listDecisions(client, table, day, track)) {
    if (decision.status !== 'over-budget' && decision.status !== 'withdrawn')
      decisions.push(recorded(decision));
  }
  return decisions;
}

/** The points of a track's last finding about a caller; undefined when it never was risky to it. */
export async function pointsOfCaller(
  client: DynamoDBClient,
  table: string,
  track: Track,
  caller: string,
): Promise<number | undefined> {
  const findings = await readFindings(client, table, caller);
  return findings.findLast((one) => one.track === track)?.finding.points;
}
