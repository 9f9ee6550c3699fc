import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../lib/local/json-value.ts';
import { batchItems, isOverTolerance, readItems } from '../../lib/local/workflows/map-items.ts';

describe('the items of a distributed map', () => {
  it('are the values of an array, or of the lines of a file', () => {
    expect(readItems('[1, {"a": 2}]', 'JSON')).toEqual([1, { a: 2 }]);
    expect(readItems('{"a": 1}\r\n\n{"a": 2}\n', 'JSONL')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(readItems('1\n2\n3', 'JSONL', 2)).toEqual([1, 2]);
    expect(readItems('', 'JSONL')).toEqual([]);
  });

  it.each([
    ['{}', 'JSON'],
    ['nothing', 'JSON'],
    ['{"a": 1}\n{"a"', 'JSONL'],
  ])('cannot be read from %j as %s', (text, type) => {
    expect(() => readItems(text, type)).toThrow(
      expect.objectContaining({ name: 'States.ItemReaderFailed' }),
    );
  });

  it('go one by one without a batcher', () => {
    expect(batchItems([1, 2], undefined)).toEqual([
      { input: 1, items: 1 },
      { input: 2, items: 1 },
    ]);
  });

  it('are all in the batches, in order, and no batch is over its limits', () => {
    const item = fc.record({ text: fc.string({ maxLength: 30 }) });
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 200, max: 600 }),
        (items, maxItems, maxBytes) => {
          const batchInput = { run: 1 };
          const batches = batchItems(items, { maxItems, maxBytes, batchInput });
          const inputs = batches.map(
            ({ input }) => input as { Items: JsonValue[]; BatchInput: object },
          );
          expect(inputs.flatMap(({ Items }) => Items)).toEqual(items);
          for (const [i, { input, items: count }] of batches.entries()) {
            expect(inputs[i]).toEqual({ BatchInput: batchInput, Items: expect.any(Array) });
            expect(inputs[i]?.Items).toHaveLength(count);
            expect(count).toBeLessThanOrEqual(maxItems);
            expect(Buffer.byteLength(JSON.stringify(input))).toBeLessThanOrEqual(maxBytes);
          }
        },
      ),
    );
  });

  it('that are alone larger than a batch end the run', () => {
    expect(() => batchItems(['x'.repeat(300)], { maxBytes: 200 })).toThrow(/larger than a batch/);
  });

  it.each([
    [0, 10, {}, false],
    [1, 10, {}, true],
    [1, 10, { percentage: 10 }, false],
    [2, 10, { percentage: 10 }, true],
    [3, 10, { count: 3 }, false],
    [4, 10, { count: 3 }, true],
    [2, 10, { count: 3, percentage: 10 }, true],
  ])('%i of %i failed are with tolerance %j too many: %s', (failed, all, tolerance, over) => {
    expect(isOverTolerance(failed, all, tolerance)).toBe(over);
  });
});
