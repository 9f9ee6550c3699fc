import type { RecordedDecision } from './recorded-decisions.ts';

/** Two days' worth of decisions, person by person. */
export interface DecisionComparison {
  readonly warned: TrackCounts;
  readonly cases: TrackCounts;
  /** The first text of each person whom only one of the policies would have warned. */
  readonly onlyLive: readonly RecordedDecision[];
  readonly onlyShadow: readonly RecordedDecision[];
}

interface TrackCounts {
  /** Texts or cases, not people. */
  readonly live: number;
  readonly shadow: number;
  /** People concerned. */
  readonly people: {
    readonly both: number;
    readonly onlyLive: number;
    readonly onlyShadow: number;
  };
}

/** Each person's first decision of a sort. */
function firstByPerson(
  decisions: readonly RecordedDecision[],
  what: RecordedDecision['what'],
): Map<string, RecordedDecision> {
  const first = new Map<string, RecordedDecision>();
  for (const decision of decisions) {
    const known = first.get(decision.subject);
    if (decision.what !== what || (known !== undefined && known.decidedAt <= decision.decidedAt))
      continue;
    first.set(decision.subject, decision);
  }
  return first;
}

const without = (
  own: ReadonlyMap<string, RecordedDecision>,
  other: ReadonlyMap<string, RecordedDecision>,
): RecordedDecision[] =>
  [...own.values()]
    .filter(({ subject }) => !other.has(subject))
    .sort((a, b) => a.decidedAt - b.decidedAt || (a.subject < b.subject ? -1 : 1));

function counts(
  live: readonly RecordedDecision[],
  shadow: readonly RecordedDecision[],
  what: RecordedDecision['what'],
): TrackCounts {
  const ofLive = firstByPerson(live, what);
  const ofShadow = firstByPerson(shadow, what);
  const onlyLive = without(ofLive, ofShadow).length;
  return {
    live: live.filter((one) => one.what === what).length,
    shadow: shadow.filter((one) => one.what === what).length,
    people: {
      both: ofLive.size - onlyLive,
      onlyLive,
      onlyShadow: without(ofShadow, ofLive).length,
    },
  };
}

/** Who would have been warned by one policy and not by the other. */
export function compareDecisions(
  live: readonly RecordedDecision[],
  shadow: readonly RecordedDecision[],
): DecisionComparison {
  const warnedLive = firstByPerson(live, 'warning');
  const warnedShadow = firstByPerson(shadow, 'warning');
  return {
    warned: counts(live, shadow, 'warning'),
    cases: counts(live, shadow, 'case'),
    onlyLive: without(warnedLive, warnedShadow),
    onlyShadow: without(warnedShadow, warnedLive),
  };
}
