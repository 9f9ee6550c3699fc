import { hash } from 'node:crypto';
import type { Call } from './call-record.ts';
import type { Leg, NumberToken } from './leg.ts';
import type { PartyNumber } from './phone-number.ts';

/** Turns clear numbers into pseudonyms; only the holder of the key can. */
export interface Seal {
  number(party: PartyNumber): NumberToken;
  /** 16-bit fingerprint of a handset, never 0. */
  handset(imei: string): number;
}

/**
 * The 48-bit key of a call: of the operator's call id where there is one (within its caller, since two
 * operators may count alike), else of caller, callee and start. Every record of a call has the same key.
 */
export function callKey(call: Call): number {
  const identity =
    call.callId === undefined
      ? `${call.caller.number}|${call.callee.number}|${call.startMs}`
      : `${call.caller.number}#${call.callId}`;
  return hash('sha256', identity, 'buffer').readUIntBE(0, 6);
}

/**
 * The legs of a call: the caller's, then the callee's. A service number has none, since it is never judged
 * as a person.
 *
 * @param arrivedAt epoch ms at which the record reached the stream
 */
export function legsOfCall(call: Call, seal: Seal, arrivedAt: number): Leg[] {
  const { caller, callee } = call;
  const callerToken = seal.number(caller);
  const calleeToken = seal.number(callee);
  const shared = {
    phase: call.phase,
    call: callKey(call),
    start: Math.floor(call.startMs / 1000),
    duration: call.durationSeconds,
    answered: call.answered,
    international: call.international,
    arrivedAt,
  };
  const legs: Leg[] = [];
  if (caller.kind === 'subscriber') {
    legs.push({
      ...shared,
      number: callerToken,
      counterpart: calleeToken,
      originating: true,
      counterpartIsService: callee.kind === 'service',
      district: Number(call.callerDistrict ?? 0),
      handset: call.imei === undefined ? 0 : seal.handset(call.imei),
    });
  }
  if (callee.kind === 'subscriber') {
    legs.push({
      ...shared,
      number: calleeToken,
      counterpart: callerToken,
      originating: false,
      counterpartIsService: caller.kind === 'service',
      district: Number(call.calleeDistrict ?? 0),
      handset: 0,
    });
  }
  return legs;
}
