import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from '../../lib/simulation/event-queue.ts';

function drain(queue: EventQueue): { time: number; item: number }[] {
  const drained = [];
  for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
    drained.push({ time: queue.time, item });
  }
  return drained;
}

test('events come by time, and of one time in the order of planning', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 })), (times) => {
      const queue = new EventQueue(60);
      times.forEach((time, item) => {
        queue.push(time, item);
      });
      const expected = times
        .map((time, item) => ({ time, item }))
        .sort((one, other) => one.time - other.time || one.item - other.item);
      expect(drain(queue)).toEqual(expected);
    }),
  );
});

test('what an event plans for later, at once or far ahead, takes its turn', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1 }),
      fc.array(fc.integer({ min: 0, max: 500 })),
      (begun, delays) => {
        const queue = new EventQueue(60);
        for (const time of begun) queue.push(time, 1);
        const left = [...delays];
        const seen: number[] = [];
        for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
          seen.push(queue.time);
          const delay = left.pop();
          if (delay !== undefined) queue.push(queue.time + delay, 2);
        }
        expect(seen).toHaveLength(begun.length + delays.length);
        expect(seen).toEqual([...seen].sort((one, other) => one - other));
      },
    ),
  );
});

test('an empty queue has nothing next', () => {
  expect(new EventQueue(60).pop()).toBeUndefined();
});
