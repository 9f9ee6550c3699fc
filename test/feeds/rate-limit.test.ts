import { expect, it } from 'vitest';
import { createRateLimit } from '../../lib/feeds/rate-limit.ts';
import { ManualTimer } from './manual-timer.ts';

it('takes turns at the rate, and no burst after a pause', async () => {
  const timer = new ManualTimer();
  const turn = createRateLimit(1000, timer);
  timer.advance(60_000);
  let atOnce = 0;
  let waiting: Promise<void> | undefined;
  for (;;) {
    waiting = turn();
    if (waiting !== undefined) break;
    atOnce++;
  }
  expect(atOnce).toBe(11);
  let due = false;
  void waiting.then(() => {
    due = true;
  });
  timer.advance(0.5);
  await Promise.resolve();
  expect(due).toBe(false);
  timer.advance(0.5);
  await waiting;
  expect(due).toBe(true);
});

it('keeps the rate over a long time', async () => {
  const timer = new ManualTimer();
  const turn = createRateLimit(300, timer);
  for (let turns = 0; turns < 3000; turns++) {
    const wait = turn();
    if (wait === undefined) continue;
    // Late by a millisecond each time, as real timers are.
    timer.advance(5);
    await wait;
  }
  expect(timer.now()).toBeGreaterThan(9_900);
  expect(timer.now()).toBeLessThan(10_100);
});
