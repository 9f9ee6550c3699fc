import { describe, expect, it } from 'vitest';
import { createInvocationQueue } from '../../../lib/local/apis/invocation-queue.ts';

describe('the queue before a function', () => {
  it('lets a few in at once, the others in turn, and is not stopped by failures', async () => {
    const queue = createInvocationQueue(2);
    const began: number[] = [];
    const ends: (() => void)[] = [];
    const jobs = [0, 1, 2, 3].map((number) =>
      queue.run('one', async () => {
        began.push(number);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (number === 0) throw new Error('broken');
        return number;
      }),
    );
    const settled = Promise.allSettled(jobs);
    await queue.run('other', async () => undefined);
    expect(began).toEqual([0, 1]);
    ends[0]?.();
    await expect(jobs[0]).rejects.toThrow('broken');
    expect(began).toEqual([0, 1, 2]);
    ends[1]?.();
    await jobs[1];
    expect(began).toEqual([0, 1, 2, 3]);
    for (const end of ends) end();
    expect((await settled).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    await expect(queue.run('one', async () => 'free')).resolves.toBe('free');
  });
});
