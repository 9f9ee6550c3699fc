import { hash } from 'node:crypto';
import type { Call } from './call-record.ts';
import type { Leg, NumberToken } from './leg.ts';

/** What remains of a call's clear numbers: pseudonyms, which only the holder of the key can make. */
export interface SealedParties {
  readonly caller: NumberToken;
  readonly callee: NumberToken;
  /** 16-bit fingerprint of the caller's handset, 0 when unknown. */
  readonly handset: number;
}

const CALL_KEY_BYTES = 6;

/**
 * The 48-bit key of a call: of the operator's call id where there is one (within its caller, since two
 * operators may count alike), else of caller, callee and start. Every record of a call has the same key.
 */
export function callKey(call: Call): number {
  const identity =
    call.callId === undefined
      ? `${call.caller.number}|${call.callee.number}|${call.startMs}`
      : `${call.caller.number}#${call.callId}`;
  // As text of one byte a character: a Buffer for each digest would cost twice as much as the hash.
  const digest = hash('sha256', identity, 'binary');
  let key = 0;
  for (let i = 0; i < CALL_KEY_BYTES; i++) key = key * 256 + digest.charCodeAt(i);
  return key;
}

/**
 * The legs of a call: the caller's, then the callee's. A service number has none, since it is never judged
 * as a person.
 *
 * @param arrivedAt epoch ms at which the record reached the stream
 */
export function legsOfCall(call: Call, sealed: SealedParties, arrivedAt: number): Leg[] {
  const { caller, callee } = call;
  const key = callKey(call);
  const legs: Leg[] = [];
  // Field by field: spreading what both share takes longer than everything else here.
  if (caller.kind === 'subscriber') {
    legs.push({
      number: sealed.caller,
      counterpart: sealed.callee,
      originating: true,
      phase: call.phase,
      call: key,
      start: Math.floor(call.startMs / 1000),
      duration: call.durationSeconds,
      answered: call.answered,
      counterpartIsService: callee.kind === 'service',
      international: call.international,
      district: Number(call.callerDistrict ?? 0),
      handset: sealed.handset,
      arrivedAt,
    });
  }
  if (callee.kind === 'subscriber') {
    legs.push({
      number: sealed.callee,
      counterpart: sealed.caller,
      originating: false,
      phase: call.phase,
      call: key,
      start: Math.floor(call.startMs / 1000),
      duration: call.durationSeconds,
      answered: call.answered,
      counterpartIsService: caller.kind === 'service',
      international: call.international,
      district: Number(call.calleeDistrict ?? 0),
      handset: 0,
      arrivedAt,
    });
  }
  return legs;
}
