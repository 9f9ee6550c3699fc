import type { Exposure } from '../domain/exposure.ts';
import type { NumberToken } from '../domain/leg.ts';
import { canReceiveTexts } from '../domain/phone-number.ts';
import type { Policy } from '../domain/policy.ts';
import type { Judgement } from '../domain/profile/fold-legs.ts';
import { type BudgetCounts, createBudgetCounts } from '../domain/subject/burden-budget.ts';
import { createDecider, type Decide, type Warning } from '../domain/subject/decide.ts';
import type { SubjectState } from '../domain/subject/subject-state.ts';
import type { Tier } from '../domain/tiers.ts';
import type { NumberRegistry } from './number-registry.ts';
import type { TruthIndex } from './truth-index.ts';

/** What became of a warning that was decided: a text, or why none. */
export type TextOutcome = 'sent' | 'budget' | 'landline' | 'service';

/** A warning, as far as measures ask. Numbers are places in the registry. */
export interface WarningNote {
  readonly subject: number;
  readonly caller: number;
  readonly tier: Tier;
  readonly kind: string;
  readonly probability: number;
  /** Terms and rules that spoke for it, each once. */
  readonly reasons: readonly string[];
  /** Epoch seconds, in call time. */
  readonly decidedAt: number;
  /** Epoch ms at which the record that led to it arrived. */
  readonly at: number;
  readonly outcome: TextOutcome;
}

export interface CaseNote {
  readonly subject: number;
  readonly openedAtMs: number;
  /** The highest that it rose to. */
  tier: Tier;
}

/** The first finding on a caller. */
export interface FoundNote {
  readonly caller: number;
  /** By the score of the caller, or by the circumstances of one call of which a person was warned. */
  readonly by: 'score' | 'call';
  /** Epoch ms. */
  readonly at: number;
  readonly probability: number;
  readonly reasons: readonly string[];
  /** Calls that a planted caller had made by then, the one that gave it away included. */
  readonly callsMade: number | undefined;
}

/** What one policy makes of a history: everything from exposures to texts and cases, in memory. */
export class PolicyTrack {
  readonly policy: Policy;
  readonly warnings: WarningNote[] = [];
  readonly cases: CaseNote[] = [];
  readonly found = new Map<number, FoundNote>();
  readonly suppressed = { cooldown: 0, cap: 0 };
  findings = 0;
  exposures = 0;
  private readonly decide: Decide;
  private readonly subjects = new Map<NumberToken, SubjectState>();
  private readonly caseById = new Map<string, CaseNote>();
  private readonly numbers: NumberRegistry;
  private readonly truth: TruthIndex | undefined;
  private readonly budget: BudgetCounts;
  private readonly countFromMs: number;

  /**
   * @param people whom the budget of texts is for; undefined: as many as the policy says
   * @param countFromMs what comes to light before (epoch ms) only fills the memory
   */
  constructor(
    policy: Policy,
    numbers: NumberRegistry,
    truth: TruthIndex | undefined,
    people: number | undefined,
    countFromMs = Number.NEGATIVE_INFINITY,
  ) {
    this.policy = policy;
    this.countFromMs = countFromMs;
    this.numbers = numbers;
    this.truth = truth;
    this.decide = createDecider(policy);
    this.budget = createBudgetCounts(
      policy.warnings.budget,
      policy.subjects.utcOffsetMinutes,
      people ?? policy.warnings.budget.peopleCovered,
    );
  }

  noteFinding({ caller: token, finding }: Judgement, arrivedAt: number): void {
    if (arrivedAt < this.countFromMs) return;
    this.findings++;
    const { probability, reasons } = finding;
    const caller = this.numbers.placeOf(token);
    this.noteFound(caller, finding.at * 1000 + 999, 'score', { arrivedAt, probability, reasons });
  }

  /** Takes the exposures that one record brought to light. */
  take(exposures: readonly Exposure[]): void {
    if ((exposures[0]?.arrivedAt ?? 0) < this.countFromMs) return;
    this.exposures += exposures.length;
    if (exposures.length === 1) {
      this.decideOn((exposures[0] as Exposure).subject, exposures);
      return;
    }
    const bySubject = Map.groupBy(exposures, ({ subject }) => subject);
    for (const [subject, own] of bySubject) this.decideOn(subject, own);
  }

  /** Texts that the budget held back, by band of certainty. */
  get dropped(): ReadonlyMap<string, number> {
    return this.budget.dropped;
  }

  private decideOn(subject: NumberToken, exposures: readonly Exposure[]): void {
    const decision = this.decide(this.subjects.get(subject), exposures, nameInMemory);
    this.subjects.set(subject, decision.state);
    for (const why of decision.suppressed) this.suppressed[why]++;
    for (const warning of decision.warnings) this.warnings.push(this.noteOf(warning));
    for (const { id, tier } of decision.cases) {
      const openedAtMs = (exposures[0] as Exposure).arrivedAt;
      const note = { subject: this.numbers.placeOf(subject), openedAtMs, tier };
      this.cases.push(note);
      this.caseById.set(id, note);
    }
    for (const { caseId, tier } of decision.raised) {
      const open = this.caseById.get(caseId);
      if (open !== undefined) open.tier = tier;
    }
  }

  /** @param timeMs of the call by which the caller was found */
  private noteFound(
    caller: number,
    timeMs: number,
    by: FoundNote['by'],
    { arrivedAt, probability, reasons }: Pick<Warning, 'arrivedAt' | 'probability' | 'reasons'>,
  ): void {
    const planted = this.truth?.callerAt(caller, timeMs);
    const known = this.found.get(caller);
    // Found before it turned to fraud, it was an honest number wrongly found; and is to be found again.
    if (known !== undefined && (planted === undefined || known.callsMade !== undefined)) return;
    this.found.set(caller, {
      caller,
      by,
      at: arrivedAt,
      probability,
      reasons: reasons.map(({ id }) => id),
      callsMade: planted?.calls.size,
    });
  }

  private noteOf(warning: Warning): WarningNote {
    const subject = this.numbers.placeOf(warning.subject);
    const caller = this.numbers.placeOf(warning.caller);
    if (warning.finding.side === 'subject') {
      this.noteFound(caller, warning.arrivedAt, 'call', warning);
    }
    const reasons = new Set<string>();
    for (const { id, points } of [...warning.terms, ...warning.reasons]) {
      if (points > 0) reasons.add(id);
    }
    return {
      subject,
      caller,
      tier: warning.tier,
      kind: warning.kind,
      probability: warning.probability,
      reasons: [...reasons],
      decidedAt: warning.decidedAt,
      at: warning.arrivedAt,
      outcome: this.outcomeOf(subject, warning),
    };
  }

  /** As send-warnings does it: a text that cannot arrive takes no seat of the budget. */
  private outcomeOf(subject: number, { probability, arrivedAt }: Warning): TextOutcome {
    const { kind, number } = this.numbers.partyAt(subject);
    if (kind === 'service') return 'service';
    if (!canReceiveTexts(number)) return 'landline';
    return this.budget.book(probability, arrivedAt) ? 'sent' : 'budget';
  }
}

function nameInMemory(subject: NumberToken, what: string, ordinal: number): string {
  return `${what} ${ordinal} ${subject}`;
}
