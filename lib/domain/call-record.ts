import type { PartyNumber } from './phone-number.ts';
import { parseIsoTimestamp } from './timestamp.ts';

/** What an operator pushes: one call, or one moment of a call. Documented in docs/records.md. */
export interface CallRecordInput {
  event?: 'call.started' | 'call.ended';
  callId?: string;
  caller: string;
  callee: string;
  /** ISO 8601 with offset, or epoch milliseconds. */
  start: string | number;
  /** Seconds; absent while the call goes on; 0 for a missed call. */
  duration?: number;
  answered?: boolean;
  endReason?: string;
  callerDistrict?: string;
  calleeDistrict?: string;
  imei?: string;
  international?: boolean;
  network?: string;
}

/** `started` and `ended` are moments of one call id; `complete` is a whole call in one record. */
export type CallPhase = 'complete' | 'started' | 'ended';

/** A valid call record in normal form. */
export interface Call {
  readonly phase: CallPhase;
  readonly callId: string | undefined;
  readonly caller: PartyNumber;
  readonly callee: PartyNumber;
  /** Epoch milliseconds. */
  readonly startMs: number;
  /** Whole seconds; undefined while the call goes on. */
  readonly durationSeconds: number | undefined;
  /** Undefined when the record of a started call does not say. */
  readonly answered: boolean | undefined;
  readonly endReason: string | undefined;
  /** Six digits of GB/T 2260, or undefined. */
  readonly callerDistrict: string | undefined;
  readonly calleeDistrict: string | undefined;
  readonly imei: string | undefined;
  readonly international: boolean;
  readonly network: string | undefined;
}

/** Stable codes: operators' scripts and the quarantine rely on them. */
export const REJECT_REASONS = [
  'not-json',
  'not-an-object',
  'missing-field',
  'wrong-type',
  'bad-number',
  'caller-is-callee',
  'bad-start',
  'start-in-future',
  'start-too-old',
  'bad-duration',
  'bad-district',
  'bad-imei',
  'unknown-event',
  'too-long',
  'too-large',
  'bad-gzip',
  'bad-aggregate',
  'bad-encoding',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

export interface Rejection {
  readonly ok: false;
  readonly reason: RejectReason;
  readonly field?: string;
  /** For people; never repeats a value of the record, which may be a number. */
  readonly detail: string;
}

export type ParsedCall = { readonly ok: true; readonly call: Call } | Rejection;

export interface CallRecordContext {
  readonly normaliseNumber: (text: string) => PartyNumber | undefined;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly retentionMs: number;
  readonly maxFutureMs: number;
}

/** A day and a night: no switch keeps one call up for longer without cutting a new record. */
export const LONGEST_CALL_SECONDS = 86_400;
export const LONGEST_TEXT = 128;
const DISTRICT = /^\d{6}$/;
const IMEI = /^\d{14,16}$/;
/** The year 2000 in seconds … in milliseconds: a time between them was surely meant as seconds. */
const EPOCH_2000_SECONDS = 946_684_800;

function reject(reason: RejectReason, detail: string, field?: string): Rejection {
  return field === undefined ? { ok: false, reason, detail } : { ok: false, reason, field, detail };
}

const TEXT_FIELDS = [
  'callId',
  'endReason',
  'network',
  'callerDistrict',
  'calleeDistrict',
  'imei',
] as const;
const FLAG_FIELDS = ['answered', 'international'] as const;

function checkOptionalFields(record: Record<string, unknown>): Rejection | undefined {
  for (const field of TEXT_FIELDS) {
    const value = record[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string') return reject('wrong-type', `${field} must be a text`, field);
    if (value.length > LONGEST_TEXT) {
      return reject('too-long', `${field} has more than ${LONGEST_TEXT} characters`, field);
    }
  }
  for (const field of FLAG_FIELDS) {
    const value = record[field];
    if (value !== undefined && value !== null && typeof value !== 'boolean') {
      return reject('wrong-type', `${field} must be true or false`, field);
    }
  }
  for (const field of ['callerDistrict', 'calleeDistrict'] as const) {
    const value = record[field];
    if (typeof value === 'string' && !DISTRICT.test(value)) {
      return reject('bad-district', `${field} must be a six-digit GB/T 2260 code`, field);
    }
  }
  if (typeof record.imei === 'string' && !IMEI.test(record.imei)) {
    return reject('bad-imei', 'imei must have 14 to 16 digits', 'imei');
  }
  return undefined;
}

function readParty(
  record: Record<string, unknown>,
  field: 'caller' | 'callee',
  context: CallRecordContext,
): PartyNumber | Rejection {
  const value = record[field];
  if (value === undefined || value === null)
    return reject('missing-field', `${field} is missing`, field);
  if (typeof value !== 'string') return reject('wrong-type', `${field} must be a text`, field);
  return (
    context.normaliseNumber(value) ??
    reject('bad-number', `${field} is not a possible phone number`, field)
  );
}

function readStart(value: unknown, context: CallRecordContext): number | Rejection {
  if (value === undefined || value === null)
    return reject('missing-field', 'start is missing', 'start');
  if (typeof value !== 'string' && typeof value !== 'number') {
    return reject('wrong-type', 'start must be a text or a number', 'start');
  }
  const startMs = typeof value === 'number' ? value : parseIsoTimestamp(value);
  if (startMs === undefined || !Number.isInteger(startMs) || startMs < 0) {
    return reject(
      'bad-start',
      'start must be ISO 8601 with an offset, or whole epoch milliseconds',
      'start',
    );
  }
  if (startMs > context.nowMs + context.maxFutureMs) {
    return reject(
      'start-in-future',
      'start lies in the future: check the clock and the offset',
      'start',
    );
  }
  if (startMs < context.nowMs - context.retentionMs) {
    const hint =
      typeof value === 'number' && value > EPOCH_2000_SECONDS && value < EPOCH_2000_SECONDS * 10
        ? ' (it looks like epoch seconds; milliseconds are expected)'
        : '';
    return reject(
      'start-too-old',
      `start is older than the records that are taken${hint}`,
      'start',
    );
  }
  return startMs;
}

function readPhase(record: Record<string, unknown>): CallPhase | Rejection {
  const event = record.event;
  if (event === 'call.started') return 'started';
  if (event === 'call.ended') return 'ended';
  if (event !== undefined && event !== null) {
    return reject('unknown-event', 'event must be call.started, call.ended or absent', 'event');
  }
  const duration = record.duration;
  const open = duration === undefined || duration === null;
  return open && record.answered !== false ? 'started' : 'complete';
}

function readDuration(
  record: Record<string, unknown>,
  phase: CallPhase,
): number | undefined | Rejection {
  const value = record.duration;
  if (value === undefined || value === null) {
    if (phase === 'ended') {
      return reject('missing-field', 'duration is missing: an ended call has one', 'duration');
    }
    return phase === 'complete' ? 0 : undefined;
  }
  if (typeof value !== 'number')
    return reject('wrong-type', 'duration must be a number', 'duration');
  if (!(value >= 0 && value <= LONGEST_CALL_SECONDS)) {
    return reject(
      'bad-duration',
      `duration must be 0 to ${LONGEST_CALL_SECONDS} seconds`,
      'duration',
    );
  }
  return phase === 'started' ? undefined : Math.round(value);
}

function optional<T>(value: unknown): T | undefined {
  return value === null ? undefined : (value as T | undefined);
}

/**
 * Checks one decoded record and brings it to normal form. Unknown fields are kept out, not refused.
 *
 * @param value what `JSON.parse` returned; hostile
 * @returns the call, or the first reason why it is none
 */
export function parseCallRecord(value: unknown, context: CallRecordContext): ParsedCall {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return reject('not-an-object', 'a record must be a JSON object');
  }
  const record = value as Record<string, unknown>;
  const phase = readPhase(record);
  if (typeof phase === 'object') return phase;
  const caller = readParty(record, 'caller', context);
  if ('ok' in caller) return caller;
  const callee = readParty(record, 'callee', context);
  if ('ok' in callee) return callee;
  if (caller.number === callee.number) {
    return reject('caller-is-callee', 'caller and callee are the same number', 'callee');
  }
  const startMs = readStart(record.start, context);
  if (typeof startMs === 'object') return startMs;
  const durationSeconds = readDuration(record, phase);
  if (typeof durationSeconds === 'object') return durationSeconds;
  const wrong = checkOptionalFields(record);
  if (wrong !== undefined) return wrong;
  return {
    ok: true,
    call: {
      phase,
      callId: optional<string>(record.callId) || undefined,
      caller,
      callee,
      startMs,
      durationSeconds,
      answered:
        optional<boolean>(record.answered) ??
        (durationSeconds === undefined ? undefined : durationSeconds > 0),
      endReason: optional(record.endReason),
      callerDistrict: optional(record.callerDistrict),
      calleeDistrict: optional(record.calleeDistrict),
      imei: optional(record.imei),
      international: record.international === true,
      network: optional(record.network),
    },
  };
}

/** As {@link parseCallRecord}, of a line of JSON. */
export function parseCallLine(text: string, context: CallRecordContext): ParsedCall {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the line, which may hold numbers: it is kept in quarantine only.
    return { ok: false, reason: 'not-json', detail: 'the line is not valid JSON' };
  }
  return parseCallRecord(value, context);
}
