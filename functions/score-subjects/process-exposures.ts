import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import type { Exposure, Track } from '../../lib/domain/exposure.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Decide, Decision, NameDecisions } from '../../lib/domain/subject/decide.ts';
import { newSubject } from '../../lib/domain/subject/subject-state.ts';
import { unpackExposures } from '../../lib/wire/frames.ts';
import { decisionName } from '../adapters/decision-name.ts';
import { TableError } from '../adapters/errors.ts';
import { ALL_DONE, compareSequenceNumbers } from '../adapters/stream-batch.ts';
import type { SubjectStore } from '../adapters/subjects-table.ts';

/** The policies in force, prepared. */
export interface Deciders {
  readonly live: Decide;
  /** Beside the live one: its decisions are kept and counted, and never acted on. */
  readonly shadow: Decide | undefined;
}

/** What a batch came to. */
export interface Decided {
  readonly live: readonly Decision[];
  readonly shadow: readonly Decision[];
  /** Exposures found by a shadow policy that is no longer there. */
  readonly shadowExposuresIgnored: number;
}

export interface ScoreSubjectsPorts {
  readonly subjects: SubjectStore;
  /** By the register of people in care, which is asked once: when somebody is first exposed. */
  readonly careGroupOf: (subject: NumberToken) => Promise<string | undefined>;
  readonly count: (decided: Decided) => void;
}

interface SubjectExposures {
  readonly subject: NumberToken;
  readonly track: Track;
  readonly exposures: Exposure[];
  readonly sequenceNumbers: string[];
}

/** Tries per subject before the batch is given back; each lost one means that another writer won. */
const MOST_TRIES = 5;
/** Subjects worked on at once; different subjects never touch the same item. */
const CONCURRENCY = 8;

/** Names a decision after what it is about, so that deciding again names it alike. */
export function nameOfDecision(track: Track): NameDecisions {
  const prefix = track === 'live' ? '' : `${track} `;
  return (subject, what, ordinal) => decisionName(`${prefix}${what}|${subject}|${ordinal}`);
}

const NAMES: Record<Track, NameDecisions> = {
  live: nameOfDecision('live'),
  shadow: nameOfDecision('shadow'),
};

/** A subject's exposures of each track: a group is folded into an item of its own. */
function groupBySubject(event: KinesisStreamEvent): SubjectExposures[] {
  const groups = new Map<string, SubjectExposures>();
  for (const { kinesis } of event.Records) {
    for (const exposure of unpackExposures(Buffer.from(kinesis.data, 'base64'))) {
      const { subject, track } = exposure;
      const key = track + subject;
      let group = groups.get(key);
      if (group === undefined) {
        group = { subject, track, exposures: [], sequenceNumbers: [] };
        groups.set(key, group);
      }
      group.exposures.push(exposure);
      group.sequenceNumbers.push(kinesis.sequenceNumber);
    }
  }
  return [...groups.values()];
}

async function decideOn(
  group: SubjectExposures,
  decide: Decide,
  retentionSeconds: number,
  { careGroupOf, subjects }: ScoreSubjectsPorts,
): Promise<Decision | undefined> {
  const { subject, track } = group;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const stored = await subjects.read(subject, track);
    const fresh = group.exposures.filter(
      (_, i) =>
        stored === undefined ||
        compareSequenceNumbers(group.sequenceNumbers[i] ?? '', stored.sequenceNumber) > 0,
    );
    if (fresh.length === 0) return undefined;
    const state = stored?.state ?? newSubject(await careGroupOf(subject));
    const decision = decide(state, fresh, NAMES[track]);
    const arrived = fresh.reduce((latest, exposure) => Math.max(latest, exposure.arrivedAt), 0);
    const written = await subjects.write(
      subject,
      track,
      stored?.version,
      group.sequenceNumbers.at(-1) ?? '',
      decision,
      Math.floor(arrived / 1000) + retentionSeconds,
    );
    if (written) return decision;
  }
  throw new TableError('a subject kept changing under us');
}

/** One batch of the exposures stream: state and decision of each subject and track in one transaction. */
export async function processExposures(
  event: KinesisStreamEvent,
  deciders: Deciders,
  retentionSeconds: number,
  ports: ScoreSubjectsPorts,
): Promise<KinesisStreamBatchResponse> {
  const groups = groupBySubject(event);
  const decided: Record<Track, Decision[]> = { live: [], shadow: [] };
  let shadowExposuresIgnored = 0;
  let next = 0;
  const worker = async () => {
    for (let group = groups[next++]; group !== undefined; group = groups[next++]) {
      const decide = deciders[group.track];
      if (decide === undefined) {
        shadowExposuresIgnored += group.exposures.length;
        continue;
      }
      const decision = await decideOn(group, decide, retentionSeconds, ports);
      if (decision !== undefined) decided[group.track].push(decision);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  ports.count({ ...decided, shadowExposuresIgnored });
  return ALL_DONE;
}
