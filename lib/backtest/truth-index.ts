import type { TruthFile } from '../simulation/truth-file.ts';
import type { HistoryCall } from './history-call.ts';
import type { NumberRegistry } from './number-registry.ts';

/** What is planted in a history about one fraud caller, and what the history showed of it so far. */
export interface PlantedCaller {
  readonly kind: string;
  readonly habit: string;
  /** Epoch ms of the first fraudulent call: before it the number was an honest person's. */
  readonly start: number;
  /** Keys of the calls that it made since then, reached or not. */
  readonly calls: Set<number>;
}

/** One person whom one caller deceived. */
export interface Deception {
  readonly person: number;
  readonly kind: string;
  /** Epoch ms, in order. */
  readonly calls: readonly { readonly start: number; readonly seconds: number }[];
}

/** What really went on, by places in the registry; follows the history as it is read. */
export class TruthIndex {
  /** Fraud callers, by place. */
  readonly callers = new Map<number, PlantedCaller>();
  readonly deceptions: readonly Deception[];
  /** Hard negatives, by place. */
  readonly roles = new Map<number, string>();
  readonly people: number;
  /** Epoch ms of the first call with a fraud caller, whoever dialled, that was answered; by person. */
  readonly talkedAt = new Map<number, number>();
  /** Fraud callers are the registry's first numbers: all others are passed over by one comparison. */
  private readonly places: number;

  /** @param numbers an empty registry */
  constructor(truth: TruthFile, numbers: NumberRegistry) {
    for (const { number, kind, habit, start } of truth.fraudCallers) {
      const planted = { kind, habit, start, calls: new Set<number>() };
      const place = numbers.ofText(number);
      if (place >= 0 && !this.callers.has(place)) this.callers.set(place, planted);
    }
    this.places = numbers.size;
    this.people = truth.people;
    this.deceptions = truth.deceived.map(({ number, kind, calls }) => ({
      person: numbers.ofText(number),
      kind,
      calls: calls
        .map(({ start, seconds }) => ({ start, seconds }))
        .toSorted((a, b) => a.start - b.start),
    }));
    for (const { number, role } of truth.hardNegatives)
      this.roles.set(numbers.ofText(number), role);
  }

  /** Whether the number of a fraud caller is in a call. */
  concerns({ caller, callee }: HistoryCall): boolean {
    return caller < this.places || callee < this.places;
  }

  note(call: HistoryCall): void {
    if (call.caller < this.places) {
      const planted = this.callerAt(call.caller, call.startMs);
      planted?.calls.add(call.key);
      if (planted !== undefined) this.noteTalk(call.callee, call);
    }
    if (call.callee < this.places && this.callerAt(call.callee, call.startMs) !== undefined) {
      this.noteTalk(call.caller, call);
    }
  }

  /** The fraud caller that a number is at a time; undefined for an honest one. */
  callerAt(place: number, timeMs: number): PlantedCaller | undefined {
    const planted = this.callers.get(place);
    return planted !== undefined && timeMs >= planted.start ? planted : undefined;
  }

  /** Whether the person had talked with a fraud caller by then. */
  hadTalked(person: number, timeMs: number): boolean {
    return (this.talkedAt.get(person) ?? Number.POSITIVE_INFINITY) <= timeMs;
  }

  private noteTalk(person: number, call: HistoryCall): void {
    if (call.answered === false) return;
    const known = this.talkedAt.get(person) ?? Number.POSITIVE_INFINITY;
    if (call.startMs < known) this.talkedAt.set(person, call.startMs);
  }
}
