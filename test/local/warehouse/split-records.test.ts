import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  jsonObjectsOf,
  partitionKeysOf,
  partitionOf,
} from '../../../lib/local/warehouse/split-records.ts';

describe('a record of objects', () => {
  test('is taken apart, whatever the objects hold and whatever is between them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.constantFrom('', '\n', ' '),
        (objects, between) => {
          const record = objects.map((object) => JSON.stringify(object)).join(between);
          expect(jsonObjectsOf(record)).toEqual(JSON.parse(JSON.stringify(objects)));
        },
      ),
    );
  });

  test.each(['', 'x', '[{"a":1}]', '{"a":1} x', '{"a":', '1', '{"a":1}{'])(
    'is refused as a whole when it is %j',
    (record) => {
      expect(jsonObjectsOf(record)).toBeUndefined();
    },
  );

  test('has at most 500 of them', () => {
    expect(jsonObjectsOf('{}'.repeat(500))).toHaveLength(500);
    expect(jsonObjectsOf('{}'.repeat(501))).toBeUndefined();
  });
});

describe('a partitioning query', () => {
  test('names fields, and those within fields', () => {
    const keys = partitionKeysOf('{day:.day, place: .where.place}');
    expect(keys).toEqual([
      { name: 'day', path: ['day'] },
      { name: 'place', path: ['where', 'place'] },
    ]);
    const values = partitionOf({ day: '2026-11-23', where: { place: 7 } }, keys ?? []);
    expect(values).toEqual({ day: '2026-11-23', place: '7' });
    expect(partitionOf({ day: '2026-11-23', where: null }, keys ?? [])).toBeUndefined();
    expect(partitionOf({ day: { a: 1 }, where: { place: 7 } }, keys ?? [])).toBeUndefined();
  });

  test.each(['.day', '{day:.day|strftime("%Y")}', '{day}', ''])(
    'is not emulated as %j',
    (query) => {
      expect(partitionKeysOf(query)).toBeUndefined();
    },
  );
});
