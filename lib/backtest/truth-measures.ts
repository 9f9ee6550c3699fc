import { TIERS, type Tier } from '../domain/tiers.ts';
import { countBy, type Period, percentile, perHundredThousand } from './measures.ts';
import type { NumberRegistry } from './number-registry.ts';
import type { PolicyTrack, WarningNote } from './policy-track.ts';
import type { Deception, TruthIndex } from './truth-index.ts';

/** How right texts were, and how many of those who needed one had it. */
export interface Rightness {
  readonly texts: number;
  /** Texts to people who had talked with a fraud caller by then. */
  readonly right: number;
  readonly precision: number | null;
  /** Of the people who talked with a fraud caller: share with such a text. */
  readonly recall: number | null;
}

/** Planted fraud callers of a habit or kind, and how many were found. */
export interface FoundShare {
  readonly name: string;
  readonly planted: number;
  readonly found: number;
  readonly share: number | null;
  readonly medianCalls: number | null;
}

/** What a policy made of the fraud that is known to be in a history. */
export interface TruthMeasures {
  readonly texts: Rightness & {
    /** Share of texts that name a caller who is a fraudster. */
    readonly callerPrecision: number | null;
  };
  readonly byTier: Readonly<Record<Tier, Rightness>>;
  /** By term or rule: the texts for which it spoke, and the fraud callers in whose finding it stood. */
  readonly byReason: readonly (Rightness & { readonly id: string; readonly callers: number })[];
  readonly callers: {
    readonly planted: number;
    readonly found: number;
    readonly share: number | null;
    /** Of the found, those known by their score alone; the others by the circumstances of a call. */
    readonly foundByScore: number;
    readonly byHabit: readonly FoundShare[];
    readonly byKind: readonly FoundShare[];
    /** Numbers held for risky that are none, by role (`other` for ordinary people). */
    readonly wronglyFound: readonly { readonly role: string; readonly numbers: number }[];
  };
  readonly callsUntilFound: {
    readonly median: number | null;
    readonly p90: number | null;
    /** Callers found, by the number of their calls. */
    readonly counts: Readonly<Record<string, number>>;
  };
  readonly deceived: {
    readonly people: number;
    /** Warned before their second deceiving call began, or before the first ended if there was no second. */
    readonly inTime: number;
    readonly inTimeShare: number | null;
    /** Warned while the first deceiving call went on, or before it. */
    readonly duringFirst: number;
    readonly duringFirstShare: number | null;
    /** Warned at any time. */
    readonly ever: number;
  };
  readonly talk: {
    readonly minutes: number;
    readonly afterWarning: number;
    /** Share of the deceivers' minutes that the person spent with a warning in hand. */
    readonly share: number | null;
    /** As the deceiving calls end: minutes so far, and how many of them after a warning. */
    readonly curve: readonly {
      readonly atMs: number;
      readonly minutes: number;
      readonly after: number;
    }[];
  };
  readonly wrong: {
    readonly texts: number;
    readonly per100kPeopleAndDay: number;
    /** By the role of the caller whom the text names. */
    readonly byRole: readonly {
      readonly role: string;
      readonly texts: number;
      readonly callers: number;
    }[];
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Callers without a role of their own. */
const ORDINARY = 'ordinary person';
const FRAUD = 'fraud caller';
const CURVE_POINTS = 400;

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Judges what a policy did by what really went on. */
export function measureAgainstTruth(
  track: PolicyTrack,
  truth: TruthIndex,
  numbers: NumberRegistry,
  { days, people }: Period,
): TruthMeasures {
  const sent = track.warnings.filter(({ outcome }) => outcome === 'sent');
  const isRight = ({ subject, at }: WarningNote) => truth.hadTalked(subject, at);
  const talked = [...truth.talkedAt.keys()].filter((person) => !numbers.isService(person)).length;
  const rightness = (texts: readonly WarningNote[]): Rightness => {
    const right = texts.filter(isRight);
    return {
      texts: texts.length,
      right: right.length,
      precision: shareOf(right.length, texts.length),
      recall: shareOf(new Set(right.map(({ subject }) => subject)).size, talked),
    };
  };
  const named = sent.filter(({ caller, at }) => truth.callerAt(caller, at) !== undefined);
  const wrong = sent.filter((warning) => !isRight(warning));
  return {
    texts: { ...rightness(sent), callerPrecision: shareOf(named.length, sent.length) },
    byTier: Object.fromEntries(
      TIERS.map((tier) => [tier, rightness(sent.filter((warning) => warning.tier === tier))]),
    ) as TruthMeasures['byTier'],
    byReason: measureReasons(track, sent, rightness),
    ...measureCallers(track, truth),
    deceived: measureDeceived(sent, truth, track.policy.warnings.cooldownHours),
    talk: measureTalk(sent, truth, track.policy.warnings.cooldownHours),
    wrong: {
      texts: wrong.length,
      per100kPeopleAndDay: perHundredThousand(wrong.length, people, days),
      byRole: byRole(wrong, truth),
    },
  };
}

function measureReasons(
  track: PolicyTrack,
  sent: readonly WarningNote[],
  rightness: (texts: readonly WarningNote[]) => Rightness,
): TruthMeasures['byReason'] {
  const texts = new Map<string, WarningNote[]>();
  for (const warning of sent) {
    for (const id of warning.reasons) {
      const own = texts.get(id);
      if (own === undefined) texts.set(id, [warning]);
      else own.push(warning);
    }
  }
  const callers = countBy(
    [...track.found.values()]
      .filter(({ callsMade }) => callsMade !== undefined)
      .flatMap(({ reasons }) => reasons),
  );
  return [...texts]
    .map(([id, own]) => ({ id, ...rightness(own), callers: callers.get(id) ?? 0 }))
    .toSorted((a, b) => b.texts - a.texts || (a.id < b.id ? -1 : 1));
}

function roleOf(truth: TruthIndex, place: number): string {
  return truth.roles.get(place) ?? ORDINARY;
}

function byRole(
  wrong: readonly WarningNote[],
  truth: TruthIndex,
): TruthMeasures['wrong']['byRole'] {
  const groups = Map.groupBy(wrong, ({ caller, at }) =>
    truth.callerAt(caller, at) === undefined ? roleOf(truth, caller) : FRAUD,
  );
  return [...groups]
    .map(([role, own]) => ({
      role,
      texts: own.length,
      callers: new Set(own.map(({ caller }) => caller)).size,
    }))
    .toSorted((a, b) => b.texts - a.texts || (a.role < b.role ? -1 : 1));
}

function measureCallers(
  track: PolicyTrack,
  truth: TruthIndex,
): Pick<TruthMeasures, 'callers' | 'callsUntilFound'> {
  // A planted number that made no call in this history cannot be found in it.
  const planted = [...truth.callers].filter(([, { calls }]) => calls.size > 0);
  const rows = planted.map(([place, { kind, habit }]) => {
    const note = track.found.get(place);
    return { kind, habit, by: note?.by, calls: note?.callsMade };
  });
  const found = rows.filter(({ calls }) => calls !== undefined);
  const calls = found.map((row) => row.calls ?? 0);
  const shares = (nameOf: (row: (typeof rows)[number]) => string): FoundShare[] =>
    [...Map.groupBy(rows, nameOf)]
      .map(([name, own]) => {
        const counts = own.flatMap((row) => row.calls ?? []);
        return {
          name,
          planted: own.length,
          found: counts.length,
          share: shareOf(counts.length, own.length),
          medianCalls: percentile(counts, 0.5),
        };
      })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const wrongly = countBy(
    [...track.found.values()]
      .filter(({ callsMade }) => callsMade === undefined)
      .map(({ caller }) => roleOf(truth, caller)),
  );
  return {
    callers: {
      planted: rows.length,
      found: found.length,
      share: shareOf(found.length, rows.length),
      foundByScore: found.filter(({ by }) => by === 'score').length,
      byHabit: shares(({ habit }) => habit),
      byKind: shares(({ kind }) => kind),
      wronglyFound: [...wrongly]
        .map(([role, count]) => ({ role, numbers: count }))
        .toSorted((a, b) => b.numbers - a.numbers || (a.role < b.role ? -1 : 1)),
    },
    callsUntilFound: {
      median: percentile(calls, 0.5),
      p90: percentile(calls, 0.9),
      counts: Object.fromEntries([...countBy(calls)].toSorted(([a], [b]) => a - b)),
    },
  };
}

/** By person, when texts were sent, in order. */
function textTimes(sent: readonly WarningNote[]): Map<number, number[]> {
  const times = new Map<number, number[]>();
  for (const { subject, at } of sent) {
    const own = times.get(subject);
    if (own === undefined) times.set(subject, [at]);
    else own.push(at);
  }
  return times;
}

/**
 * When the person was warned of this deception: by the first text since a cooldown before its first call. An
 * older one is forgotten; within the cooldown the policy itself takes the person for warned.
 */
function warnedAt(
  { person, calls }: Deception,
  times: ReadonlyMap<number, readonly number[]>,
  cooldownHours: number,
): number {
  const since = (calls[0]?.start ?? 0) - cooldownHours * HOUR_MS;
  return times.get(person)?.find((time) => time >= since) ?? Number.POSITIVE_INFINITY;
}

function measureDeceived(
  sent: readonly WarningNote[],
  truth: TruthIndex,
  cooldownHours: number,
): TruthMeasures['deceived'] {
  const times = textTimes(sent);
  let inTime = 0;
  let duringFirst = 0;
  let ever = 0;
  for (const deception of truth.deceptions) {
    const [first, second] = deception.calls;
    if (first === undefined) continue;
    const warned = warnedAt(deception, times, cooldownHours);
    const firstEnd = first.start + first.seconds * 1000;
    if (warned < firstEnd) duringFirst++;
    if (warned < (second?.start ?? firstEnd)) inTime++;
    if (warned < Number.POSITIVE_INFINITY) ever++;
  }
  const people = truth.deceptions.length;
  return {
    people,
    inTime,
    inTimeShare: shareOf(inTime, people),
    duringFirst,
    duringFirstShare: shareOf(duringFirst, people),
    ever,
  };
}

function measureTalk(
  sent: readonly WarningNote[],
  truth: TruthIndex,
  cooldownHours: number,
): TruthMeasures['talk'] {
  const times = textTimes(sent);
  const calls = truth.deceptions
    .flatMap((deception) => {
      const warned = warnedAt(deception, times, cooldownHours);
      return deception.calls.map(({ start, seconds }) => {
        const end = start + seconds * 1000;
        const after = Math.min(Math.max(0, end - warned), seconds * 1000);
        return { end, minutes: seconds / 60, after: after / MINUTE_MS };
      });
    })
    .toSorted((a, b) => a.end - b.end);
  let minutes = 0;
  let after = 0;
  const curve = calls.map((call) => {
    minutes += call.minutes;
    after += call.after;
    return { atMs: call.end, minutes, after };
  });
  const every = Math.ceil(curve.length / CURVE_POINTS);
  return {
    minutes,
    afterWarning: after,
    share: shareOf(after, minutes),
    curve: curve.filter((_, i) => i % every === 0 || i === curve.length - 1),
  };
}
