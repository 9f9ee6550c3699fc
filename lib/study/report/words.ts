import type { verdictOf } from '../../domain/campaign/effect.ts';
import type { Feature } from '../../domain/features.ts';
import type { FraudKind } from '../../domain/fraud-kind.ts';
import type { Step } from '../../domain/ladder/ladder-policy.ts';
import type { TextLanguage } from '../../domain/policy.ts';
import type { Tier } from '../../domain/tiers.ts';
import type { FeatureDrift } from '../measures/drift.ts';
import type { Forecast } from '../measures/forecast.ts';
import type { ConfirmedNumber } from '../measures/missed.ts';
import type { PolicyKnob, PolicyTrial } from '../measures/policy-trials.ts';
import type { StudyMeasures } from '../measures/study-measures.ts';
import { EN } from './words-en.ts';
import { ZH_CN } from './words-zh-cn.ts';

/** A heading and the sentence below it. */
export interface SectionWords {
  readonly title: string;
  readonly lead: string;
}

/**
 * Every word of the report in one language. Figures come ready for reading. A language that lacks a word does not
 * compile.
 */
export interface StudyWords {
  readonly title: string;
  readonly subtitle: (day: string, policyVersion: number) => string;
  readonly sections: {
    readonly short: { readonly title: string };
    readonly happened: SectionWords;
    readonly where: SectionWords;
    readonly callers: SectionWords;
    readonly groups: SectionWords;
    readonly subjects: SectionWords;
    readonly queues: SectionWords;
    readonly precision: SectionWords;
    readonly effect: { readonly title: string; readonly lead: (hours: string) => string };
    readonly campaigns: SectionWords;
    readonly tomorrow: { readonly title: string; readonly lead: (day: string) => string };
    readonly trials: SectionWords;
    readonly drift: { readonly title: string; readonly lead: (source: string) => string };
    readonly unknown: { readonly title: string };
  };

  readonly fraudKinds: Readonly<Record<FraudKind, string>>;
  readonly tiers: Readonly<Record<Tier, string>>;
  readonly steps: Readonly<Record<Step, string>>;
  readonly features: Readonly<Record<Feature, string>>;
  readonly sources: Readonly<Record<ConfirmedNumber['source'], string>>;
  readonly verdicts: Readonly<Record<FeatureDrift['verdict'], string>>;
  readonly knobs: Readonly<Record<PolicyKnob, string>>;
  readonly trialVerdicts: Readonly<Record<PolicyTrial['verdict'], string>>;
  readonly methods: Readonly<Record<Forecast['method'], string>>;
  readonly unknownDistrict: string;
  /** Between things listed in a sentence, and in a cell. */
  readonly and: string;
  /** Between two sentences. */
  readonly space: string;
  readonly yes: string;
  readonly no: string;

  readonly facts: {
    readonly calls: string;
    readonly callsNote: (answered: string, people: string) => string;
    readonly risky: string;
    readonly riskyNote: (perTenThousand: string) => string;
    readonly found: string;
    readonly foundNote: (groups: string) => string;
    readonly atRisk: string;
    readonly right: string;
    readonly rightNote: (right: string, judged: string) => string;
    readonly overdue: string;
    readonly overdueNote: (opened: string) => string;
    readonly tomorrow: string;
    readonly against: (change: string, days: string) => string;
  };
  readonly toKnow: {
    readonly nothing: string;
    readonly kind: (kind: string, callers: string, people: string) => string;
    readonly hour: (hour: string, share: string) => string;
    readonly district: (
      district: string,
      calls: string,
      perTenThousand: string,
      everywhere: string,
    ) => string;
    readonly group: (group: string, finding: string, numbers: string) => string;
    readonly missed: (missed: string, confirmed: string, found: string) => string;
    readonly late: (overdue: string, opened: string) => string;
    readonly drifted: (features: string) => string;
    readonly better: (change: string) => string;
  };
  readonly happened: {
    readonly riskyByHour: string;
    readonly callsByHour: string;
    readonly riskyByDay: string;
    readonly foundByDay: string;
    readonly kinds: string;
    readonly hourOfDay: string;
    readonly calls: string;
    readonly numbers: string;
    readonly callers: string;
    readonly people: string;
  };
  readonly where: {
    readonly riskyCalls: string;
    readonly columns: readonly [string, string, string, string, string];
    readonly more: (districts: string) => string;
  };
  readonly callers: {
    readonly none: string;
    readonly columns: readonly [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    readonly more: (callers: string) => string;
    readonly byFinding: string;
  };
  readonly groups: {
    readonly none: string;
    readonly caption: (group: string, finding: string, numbers: string) => string;
    readonly shown: (shown: string, all: string) => string;
    readonly number: string;
    readonly person: string;
    readonly lines: string;
    readonly more: (groups: string) => string;
  };
  readonly subjects: {
    readonly none: string;
    readonly columns: readonly [string, string, string, string];
    readonly more: (people: string) => string;
  };
  readonly queues: {
    readonly columns: readonly [string, string, string, string, string, string];
    readonly chart: string;
    readonly inTime: string;
    readonly late: string;
    readonly atEnd: (open: string, watching: string, overdue: string) => string;
  };
  readonly precision: {
    readonly byTier: string;
    readonly byTierNote: string;
    readonly tierColumns: readonly [string, string, string, string, string];
    readonly reason: string;
    readonly text: string;
    readonly tier: string;
    readonly unjudged: (cases: string) => string;
    readonly missedTitle: string;
    readonly missedSentence: (warned: string, confirmed: string, range: string) => string;
    readonly missedColumns: readonly [string, string, string, string, string];
    readonly more: (numbers: string) => string;
  };
  readonly campaigns: {
    readonly columns: readonly [string, string, string, string, string, string];
    readonly verdicts: Readonly<Record<ReturnType<typeof verdictOf>, string>>;
  };
  readonly effect: {
    readonly minutes: string;
    readonly calls: string;
    readonly before: string;
    readonly after: string;
    readonly heldOut: string;
    readonly people: (people: string) => string;
    readonly change: (
      minutes: string,
      minutesRange: string,
      calls: string,
      callsRange: string,
    ) => string;
    readonly against: (people: string, minutes: string, range: string) => string;
    readonly sure: string;
    readonly unsure: string;
    readonly flatters: string;
  };
  readonly tomorrow: {
    readonly columns: readonly [string, string, string, string, string];
    readonly calls: string;
    readonly riskyCalls: string;
    readonly found: string;
    readonly chart: string;
    readonly past: string;
    readonly expected: string;
  };
  readonly trials: {
    readonly columns: readonly [string, string, string, string, string, string, string];
    readonly change: (knob: string, from: string, to: string) => string;
    readonly weakReason: (reason: string, right: string, judged: string) => string;
    readonly noneBetter: string;
    readonly unlabelled: string;
  };
  readonly drift: {
    readonly chart: string;
    readonly note: string;
    readonly callers: (callers: string) => string;
    /** Of some of the callers. */
    readonly sampled: (callers: string) => string;
    readonly unmeasured: (features: string) => string;
    readonly moved: (
      feature: string,
      verdict: string,
      bin: string,
      was: string,
      is: string,
    ) => string;
    readonly allStable: string;
    readonly under: (bound: string) => string;
    readonly from: (bound: string) => string;
    readonly between: (from: string, below: string) => string;
    readonly missing: string;
  };
  readonly unknown: {
    readonly suspicion: string;
    readonly notMeasured: Readonly<Record<keyof StudyMeasures, string>>;
    readonly noForecast: string;
    readonly noDistrict: (share: string) => string;
    readonly labels: string;
  };
}

const WORDS: Readonly<Record<TextLanguage, StudyWords>> = { en: EN, 'zh-CN': ZH_CN };

/** The words of a language. */
export function wordsOf(language: TextLanguage): StudyWords {
  return WORDS[language];
}
