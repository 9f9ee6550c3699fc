import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addReport,
  type ClueState,
  cluesEntry,
  NO_CLUES,
  REPORTS_KEPT,
  type Report,
  weightOf,
} from '../../../lib/domain/clues/clue-weight.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { pointsOfWeight } from '../../../lib/domain/listing/added-points.ts';

const POLICY = loadDefaultPolicy().lists.clues;
const DAY = 86_400;
const START = 1_795_000_000;

function foldReports(reports: readonly Report[], before: ClueState = NO_CLUES) {
  let state = before;
  let bursts = 0;
  for (const report of reports) {
    const reported = addReport(state, report, POLICY);
    state = reported.state;
    bursts += Number(reported.isBurst);
  }
  return { state, bursts, weight: weightOf(state, reports.at(-1)?.at ?? START, POLICY) };
}

const reportOf = (i: number, changes: Partial<Report> = {}): Report => ({
  reporter: `reporter-${i}`,
  network: `network-${i}`,
  at: START + i * DAY,
  known: true,
  ...changes,
});
const many = (count: number, of: (i: number) => Partial<Report>) =>
  Array.from({ length: count }, (_, i) => reportOf(i, of(i)));

describe('the weight of clues', () => {
  it('counts each reporter and each network once', () => {
    expect(foldReports(many(9, () => ({ reporter: 'one' }))).state.counted).toHaveLength(1);
    expect(foldReports(many(9, () => ({ network: 'one' }))).state.counted).toHaveLength(1);
    expect(foldReports(many(9, () => ({}))).state.counted).toHaveLength(9);
  });

  it('counts a burst of reporters whom nobody knew once, and says that it was one', () => {
    const burst = foldReports(many(500, (i) => ({ at: START + i, known: false })));
    expect(burst).toMatchObject({ bursts: 1, state: { counted: [{ at: START }] } });
    expect(burst.state.counted).toHaveLength(1);
    const known = foldReports(many(10, (i) => ({ at: START + i })));
    expect(known.weight).toBeCloseTo(10, 1);
  });

  it('halves with every half-life', () => {
    const { state, weight } = foldReports(many(4, () => ({ at: START })));
    const later = START + POLICY.halfLifeDays * DAY;
    expect(weightOf(state, later, POLICY)).toBeCloseTo(weight / 2, 9);
  });

  it('says nothing of a number until enough independent people did, and no longer than that', () => {
    const few = foldReports(many(POLICY.reportersAtLeast - 1, () => ({ at: START })));
    expect(cluesEntry(few.state, START, POLICY)).toBeUndefined();

    const enough = foldReports(many(5, () => ({ at: START })));
    const entry = cluesEntry(enough.state, START, POLICY);
    expect(entry).toMatchObject({ weight: 5, at: START });
    const { until = 0 } = entry ?? {};
    expect(weightOf(enough.state, until - 60, POLICY)).toBeGreaterThanOrEqual(
      POLICY.reportersAtLeast,
    );
    expect(weightOf(enough.state, until + 60, POLICY)).toBeLessThan(POLICY.reportersAtLeast);
  });

  it('is bounded, whatever is reported, and so is what is kept', () => {
    const anyReports = fc.array(
      fc.record({
        reporter: fc.nat({ max: 60 }).map(String),
        network: fc.option(fc.nat({ max: 60 }).map(String), { nil: undefined }),
        gap: fc.nat({ max: DAY }),
        known: fc.boolean(),
      }),
      { maxLength: 150 },
    );
    fc.assert(
      fc.property(anyReports, (list) => {
        let at = START;
        const reports = list.map(({ gap, network, ...report }): Report => {
          at += gap;
          return { ...report, ...(network !== undefined && { network }), at };
        });
        const { state, weight } = foldReports(reports);
        expect(state.counted.length).toBeLessThanOrEqual(REPORTS_KEPT);
        expect(weight).toBeLessThanOrEqual(REPORTS_KEPT);
        expect(pointsOfWeight(weight, POLICY)).toBeLessThanOrEqual(POLICY.pointsAtMost);
        const reporters = state.counted.map(({ reporter }) => reporter);
        expect(new Set(reporters).size).toBe(reporters.length);
        // The same once more is nobody's word but those that count already.
        const last = reports.at(-1);
        if (last !== undefined) expect(addReport(state, last, POLICY).counts).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
