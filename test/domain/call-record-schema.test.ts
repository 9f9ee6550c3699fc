import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { parseCallRecord } from '../../lib/domain/call-record.ts';
import { CallRecordSchema } from '../../lib/domain/call-record-schema.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';

const schema = Compile(CallRecordSchema);
const context = {
  normaliseNumber: createNumberNormaliser('CN'),
  nowMs: Date.UTC(2026, 10, 23),
  retentionMs: Number.POSITIVE_INFINITY,
  maxFutureMs: Number.POSITIVE_INFINITY,
};

const valid = fc.record(
  {
    event: fc.constantFrom('call.started', undefined, null),
    callId: fc.option(fc.string({ maxLength: 40 })),
    caller: fc.constantFrom('13800138000', '+86 138 0013 8001', '95588'),
    callee: fc.constantFrom('028-8666 1234', '13900139000'),
    start: fc.constantFrom('2026-11-20T09:14:03+08:00', 1_795_396_443_120),
    duration: fc.option(fc.integer({ min: 0, max: 86_400 })),
    answered: fc.option(fc.boolean()),
    callerDistrict: fc.option(fc.constantFrom('510104', '510107')),
    imei: fc.option(fc.constant('490154203237518')),
    international: fc.option(fc.boolean()),
    network: fc.option(fc.string({ maxLength: 20 })),
  },
  { requiredKeys: ['caller', 'callee', 'start'] },
);

/** One thing wrong that a schema can see. */
const spoiled = fc
  .tuple(
    valid,
    fc.constantFrom<Record<string, unknown>>(
      { event: 'call.held' },
      { caller: 13_800_138_000 },
      { callee: undefined },
      { start: true },
      { duration: '12' },
      { duration: -1, event: undefined },
      { duration: 86_401, event: undefined },
      { answered: 'yes' },
      { callId: 'x'.repeat(129) },
      { callerDistrict: '5101' },
      { imei: '12' },
      { network: 5 },
    ),
  )
  .map(([record, fault]) => JSON.parse(JSON.stringify({ ...record, ...fault })) as unknown);

describe('the JSON Schema of call records', () => {
  test('ships as docs/schemas/call-record.schema.json', async () => {
    const json = `${JSON.stringify(CallRecordSchema, undefined, 2)}\n`;
    await expect(json).toMatchFileSnapshot('../../docs/schemas/call-record.schema.json');
  });

  test('takes what intake takes', () => {
    fc.assert(
      fc.property(valid, (record) => {
        const value: unknown = JSON.parse(JSON.stringify(record));
        expect(parseCallRecord(value, context)).toMatchObject({ ok: true });
        expect(schema.Check(value)).toBe(true);
      }),
    );
  });

  test('refuses what intake refuses, as far as a schema can see it', () => {
    fc.assert(
      fc.property(spoiled, (value) => {
        expect(parseCallRecord(value, context)).toMatchObject({ ok: false });
        expect(schema.Check(value)).toBe(false);
      }),
    );
  });
});
