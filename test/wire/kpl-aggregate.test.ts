import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate, deaggregate, isAggregate } from '../../lib/wire/kpl-aggregate.ts';

const userRecords = fc.array(
  fc.record(
    {
      partitionKey: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
      explicitHashKey: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String),
      data: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    },
    { requiredKeys: ['partitionKey', 'data'] },
  ),
  { maxLength: 30 },
);

// Written by hand from the format's page, so that reader and writer cannot share a mistake:
// table ["pk"], one record {partition_key_index: 0, data: "hi"}, MD5 of the message.
const KNOWN_MESSAGE = Buffer.from('0a02706b1a0608001a026869', 'hex');
const KNOWN_AGGREGATE = Buffer.concat([
  Buffer.from('f3899ac2', 'hex'),
  KNOWN_MESSAGE,
  Buffer.from('5c6599190ec71b18cb2e1ad0c4e3ba19', 'hex'),
]);

describe('KPL aggregates', () => {
  it('reads a known aggregate', () => {
    expect(deaggregate(KNOWN_AGGREGATE, 10)).toEqual({
      ok: true,
      records: [{ partitionKey: 'pk', data: Buffer.from('hi') }],
    });
  });

  it('writes the known aggregate', () => {
    expect(aggregate([{ partitionKey: 'pk', data: Buffer.from('hi') }])).toEqual(KNOWN_AGGREGATE);
  });

  it('reads back whatever it wrote', () => {
    fc.assert(
      fc.property(userRecords, (records) => {
        const result = deaggregate(aggregate(records), 30);
        expect(
          result.ok && result.records.map((r) => ({ ...r, data: Buffer.from(r.data) })),
        ).toEqual(records);
      }),
    );
  });

  it('refuses an aggregate cut anywhere or with any byte changed, and never throws', () => {
    fc.assert(
      fc.property(userRecords, fc.nat(), fc.integer({ min: 1, max: 255 }), (records, at, flip) => {
        const whole = aggregate(records);
        const index = at % whole.length;
        const cut = whole.subarray(0, index);
        const changed = Buffer.from(whole);
        changed[index] = (changed[index] ?? 0) ^ flip;
        expect(deaggregate(cut, 30)).toMatchObject({ ok: false, reason: 'bad-aggregate' });
        expect(deaggregate(changed, 30)).toMatchObject({ ok: false, reason: 'bad-aggregate' });
      }),
    );
  });

  it('refuses broken protobuf even under a valid digest', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (message) => {
        const data = Buffer.concat([
          Buffer.from('f3899ac2', 'hex'),
          message,
          hash('md5', message, 'buffer'),
        ]);
        const result = deaggregate(data, 5);
        if (!result.ok) expect(result.reason).toMatch(/bad-aggregate|too-large/);
        else expect(result.records.length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 500 },
    );
    const outOfTable = Buffer.from('1a0608001a026869', 'hex');
    const data = Buffer.concat([
      Buffer.from('f3899ac2', 'hex'),
      outOfTable,
      hash('md5', outOfTable, 'buffer'),
    ]);
    expect(deaggregate(data, 5)).toMatchObject({ ok: false, reason: 'bad-aggregate' });
  });

  it('refuses more user records than allowed', () => {
    const records = Array.from({ length: 4 }, () => ({ partitionKey: 'a', data: Buffer.alloc(1) }));
    expect(deaggregate(aggregate(records), 4)).toMatchObject({ ok: true });
    expect(deaggregate(aggregate(records), 3)).toMatchObject({ ok: false, reason: 'too-large' });
  });

  it('takes no JSON text for an aggregate', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(isAggregate(Buffer.from(text))).toBe(false);
      }),
    );
  });
});
