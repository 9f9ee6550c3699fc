import type { FraudKind } from '../domain/fraud-kind.ts';
import type { NumberToken } from '../domain/leg.ts';
import type { Evidence, FindingKind, FoundNumber } from '../domain/listing/study-finding.ts';
import type { StudyMeasures } from './measures/study-measures.ts';

export { FINDING_KINDS } from '../domain/listing/study-finding.ts';
export type { Evidence, FindingKind };

/** A caller whom the live thresholds do not show. */
export interface FoundCaller extends FoundNumber {
  /** People called in the studied window. */
  readonly contacts: number;
  readonly calls: number;
  readonly talkSeconds: number;
  /** Epoch seconds of its first and last call in the window. */
  readonly firstCall: number;
  readonly lastCall: number;
  readonly district: number;
  /** The group that it was found with. */
  readonly group?: string;
}

/** Numbers that belong together: they share handsets, people called, or follow each other. */
export interface FoundGroup {
  readonly id: string;
  readonly kind: FindingKind;
  readonly numbers: readonly NumberToken[];
  /** Links between numbers of the group, or between a number and a person called by several of them. */
  readonly links: readonly {
    readonly from: NumberToken;
    readonly to: NumberToken;
    readonly why: 'handset' | 'subject' | 'succession';
    readonly weight: number;
  }[];
  readonly evidence: readonly Evidence[];
  readonly points: number;
}

/** Somebody whose calls together, though no single one, look like deception. */
export interface SubjectAtRisk {
  readonly number: NumberToken;
  readonly points: number;
  readonly evidence: readonly Evidence[];
  readonly callers: readonly NumberToken[];
  readonly district: number;
}

/** A value of every hour of the day, 0 to 23, local time. */
export type ByHour = readonly number[];

/** What a study of a day came to: all that its report shows, and nothing that tells a number. */
export interface StudyResult {
  readonly schema: 'forewarn-study/1';
  /** Local day, YYYY-MM-DD. */
  readonly day: string;
  readonly utcOffsetMinutes: number;
  readonly policyVersion: number;
  readonly volume: {
    readonly calls: number;
    readonly answered: number;
    readonly callers: number;
    readonly people: number;
    readonly talkSeconds: number;
    readonly callsByHour: ByHour;
    /** Calls of risky callers: known before the study, and found by it. */
    readonly riskyCallsByHour: ByHour;
    /** The same of the days before, oldest first, the studied day last. */
    readonly days: readonly {
      readonly day: string;
      readonly calls: number;
      readonly riskyCalls: number;
      readonly found: number;
    }[];
  };
  readonly districts: readonly {
    readonly district: number;
    readonly calls: number;
    readonly riskyCalls: number;
    readonly peopleAtRisk: number;
  }[];
  readonly kinds: readonly {
    readonly kind: FraudKind;
    readonly callers: number;
    readonly people: number;
  }[];
  readonly callers: readonly FoundCaller[];
  readonly groups: readonly FoundGroup[];
  readonly subjects: readonly SubjectAtRisk[];
  readonly measures?: StudyMeasures;
}
