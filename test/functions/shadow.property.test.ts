import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import {
  InMemoryPipeline,
  type InMemorySubjects,
  TEST_CONTEXT,
  TEST_SEALER,
} from '../support/in-memory-pipeline.ts';

const START = Date.parse('2026-11-02T09:00:00+08:00');
const LIVE = loadDefaultPolicy();
/** Finds callers sooner than the live policy, and asks for more before it warns. */
const SHADOW: Policy = {
  ...LIVE,
  version: 77,
  scoring: {
    ...LIVE.scoring,
    minimumCallsMade: 4,
    riskyAt: LIVE.scoring.riskyAt - 2,
    withdrawBelow: LIVE.scoring.withdrawBelow - 2,
  },
  subjects: { ...LIVE.subjects, warnAt: LIVE.subjects.warnAt + 1 },
};

/** Two who dial one stranger after the other, and a few people who call each other. */
const history = fc
  .array(
    fc.record({
      caller: fc.integer({ min: 0, max: 4 }),
      callee: fc.integer({ min: 0, max: 12 }),
      gapSeconds: fc.integer({ min: 5, max: 200 }),
      duration: fc.constantFrom(0, 0, 20, 90, 900),
    }),
    { minLength: 40, maxLength: 90 },
  )
  .map((calls) => {
    let start = START;
    return calls.map(({ caller, callee, gapSeconds, duration }, i) => {
      start += gapSeconds * 1000;
      const called = caller < 2 ? 100 + (i % 30) : 10 + callee;
      return JSON.stringify({
        callId: `c${i}`,
        caller: `1380000${1000 + caller}`,
        callee: `1380000${1000 + called}`,
        start,
        duration,
      });
    });
  });

async function run(lines: readonly string[], live: Policy, shadow?: Policy) {
  const pipeline = new InMemoryPipeline(live, () => {}, TEST_SEALER, TEST_CONTEXT, shadow);
  await pipeline.run(lines, 10);
  return pipeline.subjects;
}

/** What was decided, without the names, which tell the tracks apart. */
function decided(subjects: InMemorySubjects | undefined) {
  const plain = (list: Iterable<object>) =>
    [...list]
      .map((one) =>
        JSON.stringify(one, (key, value) =>
          key === 'id' || key === 'caseId' || key === 'track' ? undefined : value,
        ),
      )
      .sort();
  return {
    states: plain([...(subjects?.items.values() ?? [])].map(({ state }) => state)),
    warnings: plain(subjects?.warnings.values() ?? []),
    cases: plain(subjects?.cases.values() ?? []),
  };
}

describe('a shadow policy beside the live one', () => {
  test('changes nothing that is acted on, and decides what it would decide were it live', async () => {
    let warnings = 0;
    let shadowed = 0;
    await fc.assert(
      fc.asyncProperty(history, async (lines) => {
        const beside = await run(lines, LIVE, SHADOW);
        expect(decided(beside)).toEqual(decided(await run(lines, LIVE)));
        expect(decided(beside.shadow)).toEqual(decided(await run(lines, SHADOW)));
        warnings += beside.warnings.size;
        shadowed += beside.shadow?.warnings.size ?? 0;
      }),
      // Each run is three pipelines, and shrinking one takes minutes.
      { numRuns: 40, endOnFailure: true },
    );
    expect(warnings).toBeGreaterThan(0);
    expect(shadowed).toBeGreaterThan(0);
    expect(shadowed).not.toBe(warnings);
  });
});
