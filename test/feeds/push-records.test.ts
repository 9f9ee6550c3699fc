import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PackedRecord, type PushOptions, RecordPusher } from '../../lib/feeds/push-records.ts';
import { ManualTimer } from './manual-timer.ts';

/** A stream that takes requests when it is told to. */
function heldStream() {
  const taken: PackedRecord[] = [];
  const requests: { records: readonly PackedRecord[]; take(): void; fail(error: Error): void }[] =
    [];
  let underWay = 0;
  let mostUnderWay = 0;
  return {
    taken,
    requests,
    get mostUnderWay() {
      return mostUnderWay;
    },
    async send(records: readonly PackedRecord[]): Promise<void> {
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      await new Promise<void>((take, fail) => requests.push({ records, take, fail }));
      underWay--;
      taken.push(...records);
    },
  };
}

function linesOf(records: readonly PackedRecord[]): string[] {
  return records.flatMap(({ data }) => Buffer.from(data).toString().trimEnd().split('\n'));
}

function pusherOf(options: Partial<PushOptions> & Pick<PushOptions, 'send'>) {
  return new RecordPusher({ timer: new ManualTimer(), ...options });
}

/** Lets promises that are settled already have their effects. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('pushing records', () => {
  it('loses nothing, doubles nothing, and keeps the order of each key', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 9000 })), {
          maxLength: 150,
        }),
        fc.infiniteStream(fc.nat({ max: 3 })),
        async (calls, order) => {
          const stream = heldStream();
          const pusher = pusherOf({ send: stream.send });
          for (const [index, [key, size]] of calls.entries()) {
            const json = JSON.stringify({ key, index, filler: 'x'.repeat(size) });
            void pusher.push({ line: index + 1, key: `+86138${key}`, json });
          }
          let flushed = false;
          const flushing = pusher.flush().then(() => {
            flushed = true;
          });
          while (!flushed) {
            const next = stream.requests.length;
            if (next > 0) stream.requests.splice((order.next().value ?? 0) % next, 1)[0]?.take();
            await settle();
          }
          await flushing;
          const seen = linesOf(stream.taken).map((line) => JSON.parse(line));
          expect(seen.map(({ index }) => index).sort((a, b) => a - b)).toEqual([...calls.keys()]);
          const last = new Map<number, number>();
          for (const { key, index } of seen) {
            expect(index).toBeGreaterThan(last.get(key) ?? -1);
            last.set(key, index);
          }
          expect(stream.mostUnderWay).toBeLessThanOrEqual(4);
          expect(pusher.arrivedUpTo).toBe(calls.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('packs calls into records of at most one payload unit, by caller', async () => {
    const records: PackedRecord[] = [];
    const pusher = pusherOf({ send: async (more) => void records.push(...more) });
    const json = JSON.stringify({ filler: 'x'.repeat(190) });
    for (let line = 1; line <= 1000; line++) await pusher.push({ line, key: 'one', json });
    await pusher.flush();
    expect(records.length).toBe(Math.ceil(1000 / Math.floor(25_000 / (json.length + 1))));
    expect(Math.max(...records.map(({ data }) => data.byteLength))).toBeLessThanOrEqual(25_000);
    expect(new Set(records.map(({ partitionKey }) => partitionKey)).size).toBe(1);
  });

  it('spreads callers over partition keys', async () => {
    const records: PackedRecord[] = [];
    const pusher = pusherOf({ send: async (more) => void records.push(...more) });
    for (let line = 1; line <= 2000; line++) {
      await pusher.push({ line, key: `+861380000${1000 + line}`, json: '{}' });
    }
    await pusher.flush();
    expect(new Set(records.map(({ partitionKey }) => partitionKey)).size).toBe(64);
    const sizes = records.map(({ data }) => data.byteLength / 3);
    expect(Math.max(...sizes)).toBeLessThan(70);
  });

  it('lets no call wait longer than the linger', async () => {
    const timer = new ManualTimer();
    const sent: string[] = [];
    const pusher = pusherOf({ timer, send: async (more) => void sent.push(...linesOf(more)) });
    await pusher.push({ line: 1, key: 'a', json: '1' });
    timer.advance(150);
    await pusher.push({ line: 2, key: 'b', json: '2' });
    timer.advance(49);
    expect(sent).toEqual([]);
    timer.advance(1);
    expect(sent).toEqual(['1']);
    timer.advance(149);
    expect(sent).toEqual(['1']);
    timer.advance(1);
    expect(sent).toEqual(['1', '2']);
    await pusher.flush();
    expect(timer.scheduled).toBe(0);
  });

  it('makes the reader wait while too much is under way', async () => {
    const stream = heldStream();
    const pusher = pusherOf({ send: stream.send, maxPendingBytes: 60_000 });
    const json = 'x'.repeat(20_000);
    const push = (line: number) => pusher.push({ line, key: 'a', json });
    expect([push(1), push(2)]).toEqual([undefined, undefined]);
    const full = push(3);
    expect(full).toBeInstanceOf(Promise);
    stream.requests.shift()?.take();
    await full;
    expect(linesOf(stream.taken)).toHaveLength(1);
  });

  it('knows up to which line everything has arrived', async () => {
    const stream = heldStream();
    const pusher = pusherOf({ send: stream.send });
    const json = 'x'.repeat(24_000);
    pusher.push({ line: 1, key: 'a', json: '0' });
    pusher.pass(2);
    expect(pusher.arrivedUpTo).toBe(0);
    pusher.push({ line: 3, key: 'b', json });
    pusher.push({ line: 4, key: 'b', json });
    stream.requests.shift()?.take();
    await settle();
    expect(linesOf(stream.taken)).toEqual([json]);
    expect(pusher.arrivedUpTo).toBe(0);
    const flushing = pusher.flush();
    while (stream.requests.length > 0) {
      stream.requests.shift()?.take();
      await settle();
    }
    await flushing;
    pusher.pass(9);
    expect(pusher.arrivedUpTo).toBe(9);
  });

  it('fails with the reason of the stream, and does not count what failed as arrived', async () => {
    const stream = heldStream();
    const pusher = pusherOf({ send: stream.send });
    pusher.push({ line: 1, key: 'a', json: '1' });
    const flushing = pusher.flush();
    stream.requests.shift()?.fail(new Error('no such stream'));
    await expect(flushing).rejects.toThrow('no such stream');
    expect(() => pusher.push({ line: 2, key: 'a', json: '2' })).toThrow('no such stream');
    expect(pusher.arrivedUpTo).toBe(0);
  });
});
