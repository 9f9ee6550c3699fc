import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Call,
  type CallRecordContext,
  type CallRecordInput,
  parseCallRecord,
  REJECT_REASONS,
  type RejectReason,
} from '../../lib/domain/call-record.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';

const NOW = Date.UTC(2026, 10, 23, 1, 30);
const CONTEXT: CallRecordContext = {
  normaliseNumber: createNumberNormaliser('CN'),
  nowMs: NOW,
  retentionMs: 72 * 3_600_000,
  maxFutureMs: 300_000,
};

function recordOf(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const record: CallRecordInput = {
    caller: '13800138000',
    callee: '+8613900139000',
    start: '2026-11-23T09:14:03.120+08:00',
    duration: 62.5,
  };
  return { ...record, ...changes };
}

function accepted(record: unknown): Call {
  const parsed = parseCallRecord(record, CONTEXT);
  if (!parsed.ok) throw new Error(`refused: ${parsed.reason}`);
  return parsed.call;
}

describe('a valid call record', () => {
  it('comes out in normal form', () => {
    const call = accepted(
      recordOf({
        callId: 'A-1',
        callerDistrict: '510104',
        calleeDistrict: '510107',
        imei: '860000000000001',
        international: true,
        network: 'volte',
        endReason: 'normal',
      }),
    );

    expect(call).toEqual({
      phase: 'complete',
      callId: 'A-1',
      caller: { kind: 'subscriber', number: '+8613800138000' },
      callee: { kind: 'subscriber', number: '+8613900139000' },
      startMs: Date.UTC(2026, 10, 23, 1, 14, 3, 120),
      durationSeconds: 63,
      answered: true,
      endReason: 'normal',
      callerDistrict: '510104',
      calleeDistrict: '510107',
      imei: '860000000000001',
      international: true,
      network: 'volte',
    });
  });

  it.each([
    ['a whole call', { duration: 60 }, 'complete', 60, true],
    ['a missed call by its duration', { duration: 0 }, 'complete', 0, false],
    ['a missed call that has none', { duration: undefined, answered: false }, 'complete', 0, false],
    ['a call that goes on', { duration: undefined }, 'started', undefined, undefined],
    ['one without a duration by null', { duration: null }, 'started', undefined, undefined],
    [
      'an announced start',
      { event: 'call.started', duration: undefined, answered: true },
      'started',
      undefined,
      true,
    ],
    ['a start that names a duration', { event: 'call.started' }, 'started', undefined, undefined],
    ['an end', { event: 'call.ended', duration: 12.4 }, 'ended', 12, true],
    ['an end of a missed call', { event: 'call.ended', duration: 0 }, 'ended', 0, false],
    [
      'a call that rang but was not answered',
      { duration: 20, answered: false },
      'complete',
      20,
      false,
    ],
  ] as const)('tells %s', (_, changes, phase, durationSeconds, answered) => {
    expect(accepted(recordOf(changes))).toMatchObject({ phase, durationSeconds, answered });
  });

  it('may give its start in epoch milliseconds', () => {
    expect(accepted(recordOf({ start: NOW - 5 })).startMs).toBe(NOW - 5);
  });

  it('may start a little in the future, and at the edge of the retention', () => {
    expect(accepted(recordOf({ start: NOW + 300_000 })).startMs).toBe(NOW + 300_000);
    const oldest = NOW - CONTEXT.retentionMs;
    expect(accepted(recordOf({ start: oldest })).startMs).toBe(oldest);
  });

  it('loses its unknown fields', () => {
    const text = JSON.stringify(recordOf({ tariff: 'x', nested: { a: 1 } }));
    const hostile = JSON.parse(text.replace('{', '{"__proto__":{"answered":false,"imei":"x"},'));

    const call = accepted(hostile);

    expect(Object.keys(call)).not.toContain('tariff');
    expect(call).toEqual(accepted(recordOf()));
    expect(Object.getPrototypeOf(call)).toBe(Object.prototype);
  });

  it('may hold null for what the operator does not know', () => {
    const nulls = Object.fromEntries(
      ['event', 'callId', 'answered', 'endReason', 'callerDistrict', 'imei', 'network'].map(
        (field) => [field, null],
      ),
    );
    expect(accepted(recordOf({ ...nulls, international: null }))).toEqual(accepted(recordOf()));
  });

  it('takes an empty call id as none', () => {
    expect(accepted(recordOf({ callId: '' })).callId).toBeUndefined();
  });
});

const REFUSED: readonly (readonly [RejectReason, string | undefined, unknown])[] = [
  ['not-an-object', undefined, null],
  ['not-an-object', undefined, []],
  ['not-an-object', undefined, 'call'],
  ['not-an-object', undefined, 7],
  ['missing-field', 'caller', recordOf({ caller: undefined })],
  ['missing-field', 'callee', recordOf({ callee: null })],
  ['missing-field', 'start', recordOf({ start: undefined })],
  ['missing-field', 'duration', recordOf({ event: 'call.ended', duration: undefined })],
  ['wrong-type', 'caller', recordOf({ caller: 13800138000 })],
  ['wrong-type', 'start', recordOf({ start: true })],
  ['wrong-type', 'duration', recordOf({ duration: '62' })],
  ['wrong-type', 'answered', recordOf({ answered: 'yes' })],
  ['wrong-type', 'international', recordOf({ international: 1 })],
  ['wrong-type', 'callId', recordOf({ callId: 5 })],
  ['bad-number', 'caller', recordOf({ caller: '12' })],
  ['bad-number', 'callee', recordOf({ callee: 'anonymous' })],
  ['caller-is-callee', 'callee', recordOf({ callee: '0086 138 0013 8000' })],
  ['bad-start', 'start', recordOf({ start: '2026-11-23T09:14:03' })],
  ['bad-start', 'start', recordOf({ start: '2026-02-30T09:14:03Z' })],
  ['bad-start', 'start', recordOf({ start: 1.5 })],
  ['bad-start', 'start', recordOf({ start: -1 })],
  ['start-in-future', 'start', recordOf({ start: NOW + 300_001 })],
  ['start-too-old', 'start', recordOf({ start: NOW - 72 * 3_600_000 - 1 })],
  ['bad-duration', 'duration', recordOf({ duration: -1 })],
  ['bad-duration', 'duration', recordOf({ duration: 86_401 })],
  ['bad-duration', 'duration', recordOf({ duration: Number.NaN })],
  ['bad-district', 'callerDistrict', recordOf({ callerDistrict: '5101' })],
  ['bad-district', 'calleeDistrict', recordOf({ calleeDistrict: 'Jinniu' })],
  ['bad-imei', 'imei', recordOf({ imei: '86' })],
  ['unknown-event', 'event', recordOf({ event: 'call.transferred' })],
  ['unknown-event', 'event', recordOf({ event: 1 })],
  ['too-long', 'callId', recordOf({ callId: 'x'.repeat(129) })],
];

describe('a call record that is none', () => {
  it.each(REFUSED)('is refused as %s (%s)', (reason, field, record) => {
    expect(parseCallRecord(record, CONTEXT)).toEqual({
      ok: false,
      reason,
      ...(field === undefined ? {} : { field }),
      detail: expect.stringMatching(/\w/),
    });
  });

  it('meets every reason that is about a record and not about its bytes', () => {
    const aboutBytes = new Set([
      'not-json',
      'too-large',
      'bad-gzip',
      'bad-aggregate',
      'bad-encoding',
    ]);
    const met = new Set(REFUSED.map(([reason]) => reason));
    expect(REJECT_REASONS.filter((reason) => !aboutBytes.has(reason) && !met.has(reason))).toEqual(
      [],
    );
  });

  it('gets a hint when its start looks like seconds', () => {
    const parsed = parseCallRecord(recordOf({ start: Math.floor(NOW / 1000) }), CONTEXT);
    expect(parsed).toMatchObject({
      reason: 'start-too-old',
      detail: expect.stringMatching(/epoch seconds/),
    });
  });

  it('is never quoted in the detail', () => {
    for (const [, , record] of REFUSED) {
      const parsed = parseCallRecord(record, CONTEXT);
      expect(JSON.stringify(parsed)).not.toMatch(/1380013|1390013|\d{7}/);
    }
  });

  it('never throws, whatever JSON it is', () => {
    const field = fc.constantFrom(
      'event',
      'callId',
      'caller',
      'callee',
      'start',
      'duration',
      'answered',
      'imei',
      '__proto__',
      'toString',
    );
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue({ maxDepth: 1 })), (changes) => {
        const parsed = parseCallRecord(JSON.parse(JSON.stringify(recordOf(changes))), CONTEXT);
        if (!parsed.ok) expect(REJECT_REASONS).toContain(parsed.reason);
      }),
    );
  });
});
