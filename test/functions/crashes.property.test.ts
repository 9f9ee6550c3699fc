import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { Crash, InMemoryPipeline, kinesisRecord } from '../support/in-memory-pipeline.ts';

const START = Date.parse('2026-11-02T09:00:00+08:00');

interface PlannedCall {
  readonly caller: number;
  readonly callee: number;
  readonly gapSeconds: number;
  readonly duration: number;
  readonly announced: boolean;
}

/** Two swindlers who dial on, and a few people who call each other. */
const history = fc.array(
  fc.record<PlannedCall>({
    caller: fc.integer({ min: 0, max: 5 }),
    callee: fc.integer({ min: 0, max: 40 }),
    gapSeconds: fc.integer({ min: 5, max: 200 }),
    duration: fc.constantFrom(0, 0, 20, 90, 900),
    announced: fc.boolean(),
  }),
  { minLength: 40, maxLength: 90 },
);

const numberOf = (i: number) => `1380000${String(1000 + i)}`;

/** The history as lines, in order of their calls' starts; odd callers dial a new stranger each time. */
function linesOf(calls: readonly PlannedCall[]): string[] {
  let start = START;
  return calls.flatMap((call, i) => {
    start += call.gapSeconds * 1000;
    const callee = call.caller < 2 ? 100 + i : 10 + call.callee;
    const record = {
      callId: `c${i}`,
      caller: numberOf(call.caller),
      callee: numberOf(callee),
      start,
    };
    const whole = JSON.stringify({ ...record, duration: call.duration });
    if (!call.announced || call.duration === 0) return [whole];
    return [
      JSON.stringify({ ...record, event: 'call.started', answered: true }),
      JSON.stringify({ ...record, event: 'call.ended', duration: call.duration }),
    ];
  });
}

/** Dies at the effects with these positions, once at each. */
function crashingAt(positions: ReadonlySet<number>): () => void {
  let effect = 0;
  return () => {
    if (positions.has(effect++)) throw new Crash();
  };
}

/** Delivers a batch until it is taken: a crash brings all of it back, at times in two halves, as bisecting does. */
async function deliver(
  records: readonly KinesisStreamRecord[],
  run: (event: KinesisStreamEvent) => Promise<void>,
): Promise<void> {
  if (records.length === 0) return;
  try {
    await run({ Records: [...records] });
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    const middle = records.length > 1 ? records.length >> 1 : 0;
    await deliver(records.slice(0, middle), run);
    await deliver(records.slice(middle), run);
  }
}

async function runWith(
  lines: readonly string[],
  options: { crashes?: ReadonlySet<number>; linesPerRecord: number; redeliver?: boolean },
): Promise<InMemoryPipeline> {
  const pipeline = new InMemoryPipeline(
    loadDefaultPolicy(),
    crashingAt(options.crashes ?? new Set()),
  );
  for (let i = 0; i < lines.length; i += options.linesPerRecord) {
    const data = lines.slice(i, i + options.linesPerRecord).join('\n');
    const calls = [kinesisRecord(data, pipeline.nextSequence())];
    for (let times = options.redeliver ? 2 : 1; times > 0; times--) {
      await deliver(calls, (event) => pipeline.intake(event));
    }
    const legs = pipeline.legFrames.splice(0);
    await deliver(legs, (event) => pipeline.scoreNumbers(event));
    if (options.redeliver) await deliver(legs, (event) => pipeline.scoreNumbers(event));
    const exposures = pipeline.exposureFrames.splice(0);
    await deliver(exposures, (event) => pipeline.scoreSubjects(event));
    if (options.redeliver) await deliver(exposures, (event) => pipeline.scoreSubjects(event));
  }
  return pipeline;
}

/** What a run comes to: everything but the positions in the streams. */
function outcomeOf({ profiles, subjects }: InMemoryPipeline) {
  return {
    profiles: Object.fromEntries(
      [...profiles.items].map(([number, { profile }]) => [
        number,
        Buffer.from(profile ?? []).toString('hex'),
      ]),
    ),
    subjects: Object.fromEntries(
      [...subjects.items].map(([subject, { state }]) => [subject, state]),
    ),
    warnings: [...subjects.warnings.keys()].sort(),
    cases: [...subjects.cases.values()].map(({ id, tier }) => `${id} ${tier}`).sort(),
    repeated: subjects.repeated,
  };
}

const crashPlan = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 40 });
const batching = fc.integer({ min: 1, max: 25 });

describe('the pipeline under crashes and repeats', () => {
  test('ends as if undisturbed, whatever effect a function dies before or after', async () => {
    let warned = 0;
    await fc.assert(
      fc.asyncProperty(history, crashPlan, batching, async (calls, plan, linesPerRecord) => {
        const lines = linesOf(calls);
        const undisturbed = await runWith(lines, { linesPerRecord });
        const crashed = await runWith(lines, { crashes: new Set(plan), linesPerRecord });
        expect(outcomeOf(crashed)).toEqual(outcomeOf(undisturbed));
        warned += undisturbed.subjects.warnings.size;
      }),
      { numRuns: 120 },
    );
    expect(warned).toBeGreaterThan(0);
  });

  test('ends alike when every batch of every stream is delivered twice', async () => {
    await fc.assert(
      fc.asyncProperty(history, batching, async (calls, linesPerRecord) => {
        const lines = linesOf(calls);
        const once = await runWith(lines, { linesPerRecord });
        const twice = await runWith(lines, { linesPerRecord, redeliver: true });
        expect(outcomeOf(twice)).toEqual(outcomeOf(once));
      }),
      { numRuns: 60 },
    );
  });

  test('ends alike when the whole history is pushed a second time', async () => {
    await fc.assert(
      fc.asyncProperty(history, batching, async (calls, linesPerRecord) => {
        const lines = linesOf(calls);
        const once = await runWith(lines, { linesPerRecord });
        const twice = await runWith([...lines, ...lines], { linesPerRecord });
        expect(outcomeOf(twice)).toEqual(outcomeOf(once));
      }),
      { numRuns: 60 },
    );
  });
});
