import type { CallRecordInput } from '../../lib/domain/call-record.ts';

const MINUTE = 60_000;

/** Monday, 2 November 2026, 09:00 in Chengdu. */
export const MORNING = Date.parse('2026-11-02T09:00:00+08:00');

/** The number of the i-th person whom a swindler of {@link swindlerCalls} dials. */
export function targetNumber(i: number): string {
  return `1390000${String(1000 + i)}`;
}

/** From one call of a swindler to the next. */
const CALL_EVERY = 8 * MINUTE;
const TALK_SECONDS = 420;

/** When a swindler of {@link swindlerCalls} is done, epoch ms. */
export function endOfCalls(calls: number, from = MORNING): number {
  return from + calls * CALL_EVERY;
}

/**
 * A swindler who dials a stranger every eight minutes, reaches one in three and keeps them for seven minutes, as
 * complete records in order.
 *
 * @param from epoch ms of the first call
 */
export function swindlerCalls(swindler: string, calls: number, from = MORNING): CallRecordInput[] {
  return Array.from({ length: calls }, (_, i) => {
    const answered = i % 3 === 0;
    return {
      callId: `${swindler}-${i}`,
      caller: swindler,
      callee: targetNumber(i),
      start: from + i * CALL_EVERY,
      duration: answered ? TALK_SECONDS : 0,
      answered,
      callerDistrict: '510104',
      imei: '490154203237518',
    };
  });
}
