import { expect, it } from 'vitest';
import { WakeSignal } from '../../../lib/local/event-sources/wake-signal.ts';
import { VirtualTime } from './virtual-time.ts';

function waiting(signal: WakeSignal, ms?: number) {
  const state = { over: false };
  void signal.wait(ms).then(() => {
    state.over = true;
  });
  return state;
}

it('ends a wait at its time', async () => {
  const time = new VirtualTime();
  const startMs = time.now();
  const wait = waiting(new WakeSignal(time.delay), 400);
  await time.until(() => wait.over);
  expect(time.now() - startMs).toBe(400);
});

it('ends a wait at once when woken', async () => {
  const time = new VirtualTime();
  const startMs = time.now();
  const signal = new WakeSignal(time.delay);
  const wait = waiting(signal, 400);
  signal.wake();
  await time.until(() => wait.over);
  expect(time.now()).toBe(startMs);
});

it('keeps a wake that comes while nobody waits, but only for one wait', async () => {
  const time = new VirtualTime();
  const signal = new WakeSignal(time.delay);
  signal.wake();
  signal.wake();
  const first = waiting(signal);
  await time.until(() => first.over);
  const second = waiting(signal);
  await time.pass(1000);
  expect(second.over).toBe(false);
});

it('forgets a kept wake on reset', async () => {
  const time = new VirtualTime();
  const signal = new WakeSignal(time.delay);
  signal.wake();
  signal.reset();
  const wait = waiting(signal);
  await time.pass(1000);
  expect(wait.over).toBe(false);
});
