import type { RejectReason } from '../domain/call-record.ts';
import type { FraudKind } from '../domain/fraud-kind.ts';
import { callIdOf } from './call-id.ts';
import type { City } from './city.ts';
import type { SimulatedCall } from './exchange.ts';

export interface DeceivingCall {
  /** Absent where the operator sends none. */
  readonly callId?: string;
  /** Epoch ms. */
  readonly start: number;
  readonly seconds: number;
  readonly madeByVictim: boolean;
  /** The fraud number of this call: another one of the gang may go on. */
  readonly caller: string;
}

/** What really went on. Numbers are E.164; service numbers are written as the domain does, `CN:95588`. */
export interface Truth {
  readonly fraudCallers: readonly {
    readonly number: string;
    readonly kind: FraudKind;
    readonly habit: string;
    /** Epoch ms of the first call. */
    readonly start: number;
    readonly callsMade: number;
  }[];
  /** Everybody who fell for a caller, with the calls in which it went on, in order. */
  readonly deceived: readonly {
    readonly number: string;
    readonly caller: string;
    readonly kind: FraudKind;
    readonly calls: readonly DeceivingCall[];
  }[];
  readonly hardNegatives: readonly { readonly number: string; readonly role: string }[];
  /** Everybody whom a fraud caller dialled, reached or not. */
  readonly calledByFraud: ReadonlySet<string>;
  /** Everybody who talked with a fraud caller, whoever dialled. */
  readonly talkedWithFraud: ReadonlySet<string>;
  /** How many `calledByFraud` has. */
  readonly fraudTargets: number;
  readonly residents: number;
  /** Calls, not records. */
  readonly calls: number;
  /** Records and lines in all, broken and repeated ones included. */
  readonly records: number;
  /** Broken lines by the reason that a careful reader finds. */
  readonly badRecords: Readonly<Partial<Record<RejectReason, number>>>;
  /** Records that were sent a second time. */
  readonly repeatedRecords: number;
}

/** Writes the truth down while a morning runs. */
export class TruthBook {
  readonly #city: City;
  readonly #deceived = new Map<object, { call: SimulatedCall; calls: DeceivingCall[] }>();
  readonly #fraud = new Map<number, { start: number; callsMade: number }>();
  readonly #called = new Set<string>();
  readonly #talked = new Set<string>();
  readonly #bad: Partial<Record<RejectReason, number>> = {};
  #calls = 0;
  #records = 0;
  #repeated = 0;

  constructor(city: City) {
    this.#city = city;
  }

  noteCall(call: SimulatedCall): void {
    this.#calls++;
    const byFraud = this.#isFraud(call.caller, call.start);
    if (!byFraud && !this.#isFraud(call.callee, call.start)) return;
    const person = this.#city.normalNumberOf(byFraud ? call.callee : call.caller);
    if (byFraud) {
      this.#called.add(person);
      const known = this.#fraud.get(call.caller);
      if (known === undefined) this.#fraud.set(call.caller, { start: call.start, callsMade: 1 });
      else known.callsMade++;
    }
    if (call.answered) this.#talked.add(person);
    if (call.answered && call.story !== undefined) this.#noteDeception(call, !byFraud);
  }

  /** A recycled number is not yet a fraud caller's while its honest holder has it. */
  #isFraud(party: number, time: number): boolean {
    const fraud = this.#city.fraudAt(party);
    return fraud !== undefined && time >= fraud.fraudFrom;
  }

  noteRecord(): void {
    this.#records++;
  }

  noteRepeated(): void {
    this.#repeated++;
  }

  noteBad(reason: RejectReason): void {
    this.#bad[reason] = (this.#bad[reason] ?? 0) + 1;
  }

  close(): Truth {
    const city = this.#city;
    return {
      fraudCallers: city.fraud.flatMap(({ id, habit }) => {
        const seen = this.#fraud.get(id);
        if (seen === undefined) return [];
        const number = city.normalNumberOf(id);
        return [{ number, kind: habit.kind, habit: habit.name, ...seen }];
      }),
      deceived: [...this.#deceived.values()].map(({ call, calls }) => {
        const { swindler, victim } = call.story ?? { swindler: call.caller, victim: call.callee };
        return {
          number: city.normalNumberOf(victim),
          caller: city.normalNumberOf(swindler),
          kind: city.fraudAt(swindler)?.habit.kind ?? 'other',
          calls,
        };
      }),
      hardNegatives: city.trades.map(({ id, trade }) => ({
        number: city.normalNumberOf(id),
        role: trade.role,
      })),
      calledByFraud: this.#called,
      talkedWithFraud: this.#talked,
      fraudTargets: this.#called.size,
      residents: city.residents,
      calls: this.#calls,
      records: this.#records,
      badRecords: this.#bad,
      repeatedRecords: this.#repeated,
    };
  }

  #noteDeception(call: SimulatedCall, madeByVictim: boolean): void {
    if (call.story === undefined) return;
    const callId = callIdOf(call, this.#city);
    const { start, seconds } = call;
    const caller = this.#city.normalNumberOf(madeByVictim ? call.callee : call.caller);
    const noted: DeceivingCall = {
      ...(callId === undefined ? {} : { callId }),
      start,
      seconds,
      madeByVictim,
      caller,
    };
    const known = this.#deceived.get(call.story);
    if (known === undefined) this.#deceived.set(call.story, { call, calls: [noted] });
    else known.calls.push(noted);
  }
}
