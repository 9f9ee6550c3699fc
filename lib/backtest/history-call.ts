import type { Call, CallPhase } from '../domain/call-record.ts';
import { NO_NUMBER, type NumberRegistry, spread } from './number-registry.ts';

/**
 * What one record of a history says, numbers as their places in the registry. One object is filled anew for
 * each record: millions of them would cost more than what is done with them.
 */
export class HistoryCall {
  phase: CallPhase = 'complete';
  caller: number = NO_NUMBER;
  callee: number = NO_NUMBER;
  /** Epoch ms. */
  startMs = 0;
  /** Whole seconds; undefined while the call goes on. */
  duration: number | undefined = undefined;
  answered: boolean | undefined = undefined;
  callerDistrict = 0;
  calleeDistrict = 0;
  /** 16-bit fingerprint of the caller's handset, 0 when unknown. */
  handset = 0;
  international = false;
  /** 48 bits, the same for every record of the call. */
  key = 0;
}

const FIRST = 0x811c9dc5;
const SECOND = 0xc2b2ae35;
const FIRST_PRIME = 0x01000193;
const SECOND_PRIME = 0x5bd1e995;

/**
 * The key of a call, from the characters of its id (or its bytes, in ASCII) between `begin` and `end`. The pipeline's is a SHA-256, since it must be safe
 * against ids that are made to collide and the same everywhere; here it only has to be the same for all the
 * records of a call, and costs a tenth.
 */
export function keyOfId(
  caller: number,
  codes: ArrayLike<number>,
  begin: number,
  end: number,
): number {
  let first = spread(caller ^ FIRST);
  let second = spread(caller ^ SECOND);
  for (let i = begin; i < end; i++) {
    const code = codes[i] as number;
    first = Math.imul(first ^ code, FIRST_PRIME);
    second = Math.imul(second ^ code, SECOND_PRIME) ^ (second >>> 15);
  }
  return (spread(first) & 0xffff) * 0x1_0000_0000 + spread(second);
}

/** The key of a call that has no id: who called whom, and when. */
export function keyOfMoment(caller: number, callee: number, startMs: number): number {
  const low = startMs | 0;
  const high = Math.floor(startMs / 0x1_0000_0000);
  const first = spread(spread(caller ^ low) ^ spread(callee + high));
  const second = spread(spread(callee ^ low ^ SECOND) ^ spread(caller + high + FIRST));
  return (first & 0xffff) * 0x1_0000_0000 + second;
}

/** 16 bits of a handset's number, never 0. @param imei its digits as a value */
export function handsetFingerprint(imei: number): number {
  return spread((imei | 0) ^ Math.imul(Math.floor(imei / 0x1_0000_0000), FIRST_PRIME)) >>> 16 || 1;
}

/** Fills in what the domain's own parser made of a record. */
export function fillFromCall(into: HistoryCall, call: Call, numbers: NumberRegistry): void {
  into.phase = call.phase;
  into.caller = numbers.ofParty(call.caller);
  into.callee = numbers.ofParty(call.callee);
  into.startMs = call.startMs;
  into.duration = call.durationSeconds;
  into.answered = call.answered;
  into.callerDistrict = Number(call.callerDistrict ?? 0);
  into.calleeDistrict = Number(call.calleeDistrict ?? 0);
  into.handset = call.imei === undefined ? 0 : handsetFingerprint(Number(call.imei));
  into.international = call.international;
  if (call.callId === undefined) {
    into.key = keyOfMoment(into.caller, into.callee, into.startMs);
    return;
  }
  const codes = Array.from(call.callId, (_, i) => call.callId?.charCodeAt(i) ?? 0);
  into.key = keyOfId(into.caller, codes, 0, codes.length);
}
