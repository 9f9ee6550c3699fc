import type { CallRecordInput } from '../../lib/domain/call-record.ts';
import type { ProfileColumn } from '../../lib/simulation/profile-table.ts';

export type Observed = Record<
  ProfileColumn | 'voc_calltype1' | 'phone2opposite_mean' | 'phone2oppo_sum_mean',
  number
>;

const CHINA_OFFSET_MS = 8 * 3_600_000;

/** One call of a subscriber as the records tell it. */
interface ObservedCall {
  readonly made: boolean;
  readonly counterpart: string;
  readonly start: number;
  readonly seconds: number;
  readonly district: string | undefined;
  readonly imei: string | undefined;
}

/** The feature table's columns of some subscribers, found out again from call records. */
export function observeTable(
  calls: Iterable<CallRecordInput>,
  subscribers: ReadonlySet<string>,
): Map<string, Observed> {
  const bySubscriber = new Map<string, ObservedCall[]>();
  const note = (number: string, call: ObservedCall) => {
    if (!subscribers.has(number)) return;
    const known = bySubscriber.get(number);
    if (known === undefined) bySubscriber.set(number, [call]);
    else known.push(call);
  };
  for (const record of calls) {
    const { caller, callee, imei } = record;
    const common = { start: Number(record.start), seconds: record.duration ?? 0 };
    note(caller, {
      ...common,
      made: true,
      counterpart: callee,
      district: record.callerDistrict,
      imei,
    });
    note(callee, {
      ...common,
      made: false,
      counterpart: caller,
      district: record.calleeDistrict,
      imei: undefined,
    });
  }
  return new Map([...bySubscriber].map(([number, known]) => [number, observe(known)]));
}

function observe(calls: readonly ObservedCall[]): Observed {
  const made = calls.filter((call) => call.made);
  const counts = counted(calls.map(({ counterpart }) => counterpart));
  const sums = new Map<string, number>();
  for (const { counterpart, seconds } of calls) {
    sums.set(counterpart, (sums.get(counterpart) ?? 0) + seconds);
  }
  const seconds = sorted(calls.map((call) => call.seconds));
  const local = calls.map(({ start }) => new Date(start + CHINA_OFFSET_MS));
  const hours = counted(local.map((time) => time.getUTCHours()));
  const days = counted(local.map((time) => time.getUTCDate()));
  const perContact = sorted(counts.values());
  const perContactSeconds = sorted(sums.values());
  const noCalls = made.length === 0 ? Number.NaN : 0;
  return {
    opposite_count: calls.length,
    opposite_unique: counts.size,
    voccalltype1: made.length + noCalls,
    voc_calltype1: made.length / calls.length + noCalls,
    imeis: distinct(made.map(({ imei }) => imei)) + noCalls,
    city_name_call: distinct(made.map(({ district }) => district?.slice(0, 4))) + noCalls,
    county_name_call: distinct(made.map(({ district }) => district)) + noCalls,
    phone2opposite_mean: calls.length / counts.size,
    phone2opposite_median: median(perContact),
    phone2opposite_max: perContact.at(-1) ?? Number.NaN,
    phone2oppo_sum_mean: total(perContactSeconds) / counts.size,
    phone2oppo_sum_median: median(perContactSeconds),
    phone2oppo_sum_max: perContactSeconds.at(-1) ?? Number.NaN,
    call_dur_mean: total(seconds) / calls.length,
    call_dur_median: median(seconds),
    call_dur_max: seconds.at(-1) ?? Number.NaN,
    call_dur_min: seconds[0] ?? Number.NaN,
    city_name_nunique: distinct(calls.map(({ district }) => district?.slice(0, 4))),
    county_name_nunique: distinct(calls.map(({ district }) => district)),
    voc_hour_mode: mode(hours),
    voc_hour_mode_count: Math.max(...hours.values()),
    voc_hour_nunique: hours.size,
    voc_day_mode: mode(days),
    voc_day_mode_count: Math.max(...days.values()),
    voc_day_nunique: days.size,
  };
}

function counted<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function distinct(values: readonly (string | undefined)[]): number {
  return new Set(values.filter((value) => value !== undefined)).size;
}

function sorted(values: Iterable<number>): number[] {
  return [...values].sort((one, other) => one - other);
}

function median(ascending: readonly number[]): number {
  const upper = Math.floor(ascending.length / 2);
  const lower = ascending.length % 2 === 0 ? upper - 1 : upper;
  return ((ascending[lower] ?? Number.NaN) + (ascending[upper] ?? Number.NaN)) / 2;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The most frequent value; the smallest of several. */
function mode(counts: ReadonlyMap<number, number>): number {
  const most = Math.max(...counts.values());
  return Math.min(...[...counts].filter(([, count]) => count === most).map(([value]) => value));
}
