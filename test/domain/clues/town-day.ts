import { type Call, parseCallRecord } from '../../../lib/domain/call-record.ts';
import type { Leg } from '../../../lib/domain/leg.ts';
import { legsOfCall } from '../../../lib/domain/legs-of-call.ts';
import type { Listing } from '../../../lib/domain/listing/listing.ts';
import { createNumberNormaliser, type PartyNumber } from '../../../lib/domain/phone-number.ts';
import type { Policy } from '../../../lib/domain/policy.ts';
import { createLegFolder } from '../../../lib/domain/profile/fold-legs.ts';
import {
  createDecider,
  type NameDecisions,
  type Warning,
} from '../../../lib/domain/subject/decide.ts';
import type { SubjectState } from '../../../lib/domain/subject/subject-state.ts';
import { parseScenario } from '../../../lib/simulation/scenario.ts';
import { simulateCity } from '../../../lib/simulation/simulate-city.ts';
import type { TruthFile } from '../../../lib/simulation/truth-file.ts';
import { tokenOf } from '../factories.ts';

const ANY_TIME = {
  normaliseNumber: createNumberNormaliser('CN'),
  nowMs: 0,
  retentionMs: Number.POSITIVE_INFINITY,
  maxFutureMs: Number.POSITIVE_INFINITY,
};

/** A simulated town's calls as legs, in the order in which they became news. */
export interface TownDay {
  readonly truth: TruthFile;
  readonly legs: readonly (readonly Leg[])[];
  /** Every number that calls or is called. */
  readonly numbers: ReadonlyMap<string, string>;
}

/** What a policy made of a day. */
export interface DayJudged {
  readonly warnings: readonly Warning[];
  /** Callers found risky, and when (epoch seconds). */
  readonly found: ReadonlyMap<string, number>;
}

/** Simulates a town. */
export function simulateTown(people: number, days: number, seed: number): TownDay {
  const scenario = parseScenario(JSON.stringify({ people, days, warmUpDays: 0 }), 'town');
  const simulation = simulateCity(scenario, seed);
  const numbers = new Map<string, string>();
  const tokenFor = ({ number }: PartyNumber): string => {
    const token = numbers.get(number) ?? tokenOf(numbers.size);
    numbers.set(number, token);
    return token;
  };
  const legs: Leg[][] = [];
  const take = (line: string) => {
    const parsed = parseCallRecord(JSON.parse(line), ANY_TIME);
    if (!parsed.ok) throw new Error(parsed.detail);
    legs.push(legsOf(parsed.call, tokenFor));
  };
  let rest = '';
  for (const chunk of simulation.chunks()) {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  }
  return { truth: simulation.truth(), legs, numbers };
}

function legsOf(call: Call, tokenFor: (party: PartyNumber) => string): Leg[] {
  const { callee, caller, durationSeconds = 0, imei, startMs } = call;
  const handset = imei === undefined ? 0 : Number(imei.slice(-5)) % 65_535;
  const sealed = { caller: tokenFor(caller), callee: tokenFor(callee), handset };
  return legsOfCall(call, sealed, startMs + durationSeconds * 1000);
}

/** Runs the pipeline's own domain code over a day. @param listingOf what the lists say of a number, by its token */
export function judgeDay(
  { legs }: TownDay,
  policy: Policy,
  listingOf: (number: string) => Listing | undefined = () => undefined,
): DayJudged {
  const fold = createLegFolder(policy);
  const decide = createDecider(policy);
  const nameOf: NameDecisions = (subject, what, ordinal) => `${what} ${subject} ${ordinal}`;
  const profiles = new Map<string, Uint8Array>();
  const subjects = new Map<string, SubjectState>();
  const warnings: Warning[] = [];
  const found = new Map<string, number>();
  for (const leg of legs.flat()) {
    const { number } = leg;
    const folded = fold(profiles.get(number), number, [leg], listingOf(number));
    profiles.set(number, folded.profile);
    for (const { caller, finding } of folded.findings) {
      if (!found.has(caller)) found.set(caller, finding.at);
    }
    for (const exposure of folded.exposures) {
      const { subject } = exposure;
      const decision = decide(subjects.get(subject), [exposure], nameOf);
      subjects.set(subject, decision.state);
      warnings.push(...decision.warnings);
    }
  }
  return { warnings, found };
}
