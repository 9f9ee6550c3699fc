import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { SeededRandom } from '../../lib/simulation/seeded-random.ts';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import { Crash, InMemoryPipeline, kinesisRecord } from '../support/in-memory-pipeline.ts';

/** A record of a small simulated morning, with the minute in which it was pushed. */
interface PushedLine {
  readonly line: string;
  readonly minute: number;
}

const LINES_PER_RECORD = 40;
const RECORDS_PER_BATCH = 4;

/** The morning as it was pushed. Broken lines stay out: some name a real call, at another time. */
function pushedLines(seed: number, calls: number): PushedLine[] {
  const lines: PushedLine[] = [];
  let now = 0;
  for (const record of simulateMorning({ seed, calls }).records()) {
    if (typeof record === 'string') continue;
    const start = typeof record.start === 'number' ? record.start : Date.parse(record.start);
    const talk = record.event === 'call.started' ? 0 : (record.duration ?? 0) * 1000;
    now = Math.max(now, start + talk);
    lines.push({ line: JSON.stringify(record), minute: Math.floor(now / 60_000) });
  }
  return lines;
}

function shuffledWithinMinutes(lines: readonly PushedLine[], random: SeededRandom): string[] {
  return lines
    .map(({ line, minute }) => ({ line, place: minute + random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ line }) => line);
}

/** Runs a batch until it is taken; a crash brings it back whole, or from some record on, as Lambda may. */
async function deliver(
  records: readonly KinesisStreamRecord[],
  run: (event: KinesisStreamEvent) => Promise<void>,
  random: SeededRandom,
): Promise<void> {
  let batches = [records];
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    if (batch.length === 0) continue;
    try {
      await run({ Records: [...batch] });
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      const cut = random.below(batch.length);
      batches = [batch.slice(0, cut), batch.slice(cut), ...batches];
    }
  }
}

/** Replays lines; dies before or after about `crashShare` of all effects, and delivers some batches twice. */
async function replay(
  lines: readonly string[],
  random: SeededRandom,
  crashShare: number,
): Promise<InMemoryPipeline> {
  let crashes = 0;
  const pipeline = new InMemoryPipeline(loadDefaultPolicy(), () => {
    if (!random.chance(crashShare)) return;
    crashes++;
    throw new Crash();
  });
  const takeAll = async (
    records: KinesisStreamRecord[],
    run: (event: KinesisStreamEvent) => Promise<void>,
  ) => {
    while (records.length > 0) {
      const batch = records.splice(0, 1 + random.below(20));
      await deliver(batch, run, random);
      if (crashShare > 0 && random.chance(0.2)) await deliver(batch, run, random);
    }
  };
  const step = LINES_PER_RECORD * RECORDS_PER_BATCH;
  for (let i = 0; i < lines.length; i += step) {
    const calls: KinesisStreamRecord[] = [];
    for (let from = i; from < Math.min(i + step, lines.length); from += LINES_PER_RECORD) {
      const data = lines.slice(from, Math.min(from + LINES_PER_RECORD, i + step)).join('\n');
      calls.push(kinesisRecord(data, pipeline.nextSequence()));
    }
    await takeAll(calls, (event) => pipeline.intake(event));
    await takeAll(pipeline.legFrames, (event) => pipeline.scoreNumbers(event));
    await takeAll(pipeline.exposureFrames, (event) => pipeline.scoreSubjects(event));
  }
  if (crashShare > 0) expect(crashes).toBeGreaterThan(10);
  return pipeline;
}

/** Everything that a run leaves behind, but for its positions in the streams. */
function outcomeOf({ profiles, subjects }: InMemoryPipeline) {
  return {
    profiles: [...profiles.items]
      .map(([number, { profile }]) => `${number} ${Buffer.from(profile ?? []).toString('base64')}`)
      .sort(),
    subjects: [...subjects.items]
      .map(([subject, { state }]) => `${subject} ${JSON.stringify(state)}`)
      .sort(),
    warnings: [...subjects.warnings.values()].map(({ id, subject }) => `${id} ${subject}`).sort(),
    cases: [...subjects.cases.values()].map(({ id, tier }) => `${id} ${tier}`).sort(),
    repeated: subjects.repeated,
  };
}

describe('a simulated morning', () => {
  const lines = pushedLines(3, 6_000);
  let undisturbed: ReturnType<typeof outcomeOf>;

  beforeAll(async () => {
    const inOrder = lines.map(({ line }) => line);
    undisturbed = outcomeOf(await replay(inOrder, new SeededRandom(0), 0));
  });

  test('warns people, or the other tests would say nothing', () => {
    expect(undisturbed.warnings.length).toBeGreaterThan(5);
    expect(undisturbed.cases.length).toBeGreaterThan(0);
    expect(undisturbed.repeated).toEqual([]);
  });

  test('ends the same, pushed twice, shuffled within each minute, with crashes and redelivery', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = new SeededRandom(seed);
        const twice = [
          ...shuffledWithinMinutes(lines, random),
          ...shuffledWithinMinutes(lines, random),
        ];
        expect(outcomeOf(await replay(twice, random, 0.002))).toEqual(undisturbed);
      }),
      // A replay is thousands of calls already, and shrinking a seed says nothing.
      { numRuns: 3, endOnFailure: true },
    );
  });
});
