import type { BudgetPolicy } from './subject-policy.ts';

/**
 * The day's texts, kept for the most certain. A stream cannot sort a day, so the seats are booked as airlines do,
 * by nested limits (K. Littlewood, "Forecasting and control of passenger bookings", 1972): a warning of a band
 * goes out only while fewer texts than the band's share of the day have gone out, so the least certain stop
 * first and what is left serves the more certain.
 */
export interface BudgetSeat {
  /** Names the band for metrics and ledgers: "from 0.6". */
  readonly band: string;
  /** It may go out while fewer texts than this were booked that day. */
  readonly room: number;
}

/** Most texts of a day: at least one, or a small deployment could warn nobody. */
export function dailyLimit(budget: BudgetPolicy, peopleCovered = budget.peopleCovered): number {
  return Math.max(1, Math.floor((budget.textsPer100kPerDay * peopleCovered) / 100_000));
}

/**
 * Where a warning of this probability stands in a day's budget.
 *
 * @param peopleCovered of the deployment, or of the history that is tried
 */
export function seatOf(
  budget: BudgetPolicy,
  probability: number,
  peopleCovered = budget.peopleCovered,
): BudgetSeat {
  const { bands } = budget;
  const found = bands.findIndex(({ below }) => below === undefined || probability < below);
  const index = found < 0 ? bands.length - 1 : found;
  const from = bands[index - 1]?.below ?? 0;
  const share = bands[index]?.share ?? 1;
  return { band: `from ${from}`, room: Math.ceil(share * dailyLimit(budget, peopleCovered)) };
}

/** The local day of a moment, as `2026-11-24`: a budget's day begins at midnight there. */
export function localDay(epochMs: number, utcOffsetMinutes: number): string {
  return new Date(epochMs + utcOffsetMinutes * 60_000).toISOString().slice(0, 10);
}

/** A budget counted in memory, for trying a policy on history. */
export interface BudgetCounts {
  /** @returns whether the warning may go out; if so it is counted */
  book(probability: number, epochMs: number): boolean;
  /** What was held back so far, by band. */
  readonly dropped: ReadonlyMap<string, number>;
}

/** An empty budget in memory: one writer, whose warnings come in order of time or not. */
export function createBudgetCounts(
  budget: BudgetPolicy,
  utcOffsetMinutes: number,
  peopleCovered = budget.peopleCovered,
): BudgetCounts {
  const booked = new Map<string, number>();
  const dropped = new Map<string, number>();
  return {
    book(probability, epochMs) {
      const day = localDay(epochMs, utcOffsetMinutes);
      const { band, room } = seatOf(budget, probability, peopleCovered);
      const count = booked.get(day) ?? 0;
      if (count < room) {
        booked.set(day, count + 1);
        return true;
      }
      dropped.set(band, (dropped.get(band) ?? 0) + 1);
      return false;
    },
    dropped,
  };
}
