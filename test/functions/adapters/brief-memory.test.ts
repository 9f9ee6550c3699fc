import { expect, test } from 'vitest';
import { createBriefMemory } from '../../../functions/adapters/brief-memory.ts';

function counting() {
  let asked = 0;
  return { ask: async () => ++asked, asked: () => asked };
}

test('who asks the same within the moment shares the answer', async () => {
  const memory = createBriefMemory<number>(500);
  const { ask, asked } = counting();

  const answers = await Promise.all([
    memory.recall('queue', 0, ask),
    memory.recall('queue', 1, ask),
    memory.recall('queue', 499, ask),
  ]);

  expect(answers).toEqual([1, 1, 1]);
  expect(asked()).toBe(1);
});

test('after the moment, after a write, and of something else it is asked again', async () => {
  const memory = createBriefMemory<number>(500);
  const { ask } = counting();

  expect(await memory.recall('queue', 0, ask)).toBe(1);
  expect(await memory.recall('another', 0, ask)).toBe(2);
  expect(await memory.recall('queue', 500, ask)).toBe(3);
  memory.clear();
  expect(await memory.recall('queue', 501, ask)).toBe(4);
});

test('a failure is told to those who shared the question, and not remembered', async () => {
  const memory = createBriefMemory<number>(500);
  const failing = async () => {
    throw new Error('the table is away');
  };

  const first = memory.recall('queue', 0, failing);
  const second = memory.recall('queue', 0, failing);

  await expect(first).rejects.toThrow('away');
  await expect(second).rejects.toThrow('away');
  expect(await memory.recall('queue', 0, async () => 7)).toBe(7);
});
