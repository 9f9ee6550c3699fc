import { hash } from 'node:crypto';
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import type { Exposure } from '../../lib/domain/exposure.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { type Decision, decide, type NameDecisions } from '../../lib/domain/subject/decide.ts';
import { unpackExposures } from '../../lib/wire/frames.ts';
import { TableError } from '../adapters/errors.ts';
import { ALL_DONE, compareSequenceNumbers } from '../adapters/stream-batch.ts';
import type { SubjectStore } from '../adapters/subjects-table.ts';

export interface ScoreSubjectsPorts {
  readonly subjects: SubjectStore;
  readonly count: (decisions: readonly Decision[]) => void;
}

interface SubjectExposures {
  readonly exposures: Exposure[];
  readonly sequenceNumbers: string[];
}

/** Tries per subject before the batch is given back; each lost one means that another writer won. */
const MOST_TRIES = 5;
/** Subjects worked on at once; different subjects never touch the same item. */
const CONCURRENCY = 8;

/** Names a decision after what it is about, so that deciding again names it alike. Fits a Step Functions name. */
export const nameOfDecision: NameDecisions = (subject, what, ordinal) =>
  hash('sha256', `${what}|${subject}|${ordinal}`, 'base64url').slice(0, 22);

function groupBySubject(event: KinesisStreamEvent): Map<NumberToken, SubjectExposures> {
  const groups = new Map<NumberToken, SubjectExposures>();
  for (const { kinesis } of event.Records) {
    for (const exposure of unpackExposures(Buffer.from(kinesis.data, 'base64'))) {
      const group = groups.get(exposure.subject) ?? { exposures: [], sequenceNumbers: [] };
      group.exposures.push(exposure);
      group.sequenceNumbers.push(kinesis.sequenceNumber);
      groups.set(exposure.subject, group);
    }
  }
  return groups;
}

async function decideOn(
  subject: NumberToken,
  group: SubjectExposures,
  policy: Policy,
  retentionSeconds: number,
  subjects: SubjectStore,
): Promise<Decision | undefined> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const stored = await subjects.read(subject);
    const fresh = group.exposures.filter(
      (_, i) =>
        stored === undefined ||
        compareSequenceNumbers(group.sequenceNumbers[i] ?? '', stored.sequenceNumber) > 0,
    );
    if (fresh.length === 0) return undefined;
    const decision = decide(stored?.state, fresh, policy, nameOfDecision);
    const arrived = fresh.reduce((latest, exposure) => Math.max(latest, exposure.arrivedAt), 0);
    const written = await subjects.write(
      subject,
      stored?.sequenceNumber,
      group.sequenceNumbers.at(-1) ?? '',
      decision,
      Math.floor(arrived / 1000) + retentionSeconds,
    );
    if (written) return decision;
  }
  throw new TableError('a subject kept changing under us');
}

/** One batch of the exposures stream: state and decision of each subject in one transaction. */
export async function processExposures(
  event: KinesisStreamEvent,
  policy: Policy,
  retentionSeconds: number,
  ports: ScoreSubjectsPorts,
): Promise<KinesisStreamBatchResponse> {
  const groups = [...groupBySubject(event)];
  const decisions: Decision[] = [];
  let next = 0;
  const worker = async () => {
    for (let group = groups[next++]; group !== undefined; group = groups[next++]) {
      const decision = await decideOn(group[0], group[1], policy, retentionSeconds, ports.subjects);
      if (decision !== undefined) decisions.push(decision);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  ports.count(decisions);
  return ALL_DONE;
}
