import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillFromCall, HistoryCall } from '../../lib/backtest/history-call.ts';
import { NumberRegistry } from '../../lib/backtest/number-registry.ts';
import { NOT_PLAIN, PADDING, QuickLine } from '../../lib/backtest/quick-line.ts';
import { historyContext } from '../../lib/backtest/read-history.ts';
import { parseCallRecord } from '../../lib/domain/call-record.ts';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';

const context = historyContext('CN');
const PERIOD = { oldest: Date.UTC(2000, 0, 1), newest: Date.UTC(2100, 0, 1) };

function blockOf(line: string): Uint8Array {
  const bytes = Buffer.from(`${line}\n`);
  const block = new Uint8Array(bytes.length + PADDING);
  block.set(bytes);
  return block;
}

/** What the quick way and the domain make of a line; each undefined when it does not take it. */
function bothWays(line: string, country = 'CN') {
  const own = country === 'CN' ? context : historyContext(country);
  const numbers = new NumberRegistry({ normaliseNumber: own.normaliseNumber, country });
  const quick = new QuickLine(numbers, PERIOD);
  const block = blockOf(line);
  quick.begin(block);
  const read = new HistoryCall();
  const next = quick.read(0, read);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { read: next === NOT_PLAIN ? undefined : read, parsed: undefined, next, block };
  }
  const parsed = parseCallRecord(value, own);
  const expected = new HistoryCall();
  if (parsed.ok) fillFromCall(expected, parsed.call, numbers);
  return {
    read: next === NOT_PLAIN ? undefined : read,
    parsed: parsed.ok ? expected : undefined,
    next,
    block,
  };
}

/** The quick way may leave a line to the domain, but must never differ from it. */
function agree(line: string, country?: string): void {
  const { read, parsed, next, block } = bothWays(line, country);
  if (read === undefined) return;
  expect(parsed, line).toBeDefined();
  expect({ ...read }, line).toEqual({ ...parsed });
  expect(next).toBe(block.length - PADDING);
}

const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
const notation = fc.oneof(
  fc.constantFrom('13800138000', '+8613800138001', '8613800138002', '008613800138003'),
  fc.constantFrom('138 0013 8000', '+86 138-0013-8001', '(028) 8666 1234', '95588', '010 95588'),
  fc.constantFrom('+', '', '12', '+86', '86+13800138000', '++8613800138000', '1x800138000'),
  fc.constantFrom('+442071838750', '+49 30 901820', '0044 20 7183 8750', '+999999999999999'),
  digits(11),
  digits(15).map((text) => `+${text}`),
  fc.stringMatching(/^[+0-9 ()\-a]{0,36}$/),
);
const start = fc.oneof(
  fc.integer({ min: 0, max: 4_200_000_000_000 }),
  fc.constantFrom(1.5, -1, 1e21, 946_684_799_999, 946_684_800_000, 4_102_444_800_001),
  fc.constantFrom('2026-11-23T09:14:03+08:00', '2026-11-23T09:14:03.120+08:00'),
  fc.constantFrom('2026-02-29T00:00:00Z', '2024-02-29T23:59:59.999Z', '2026-11-23 09:14:03Z'),
  fc.constantFrom('2026-11-23T09:14:03.1+08:00', '2026-11-23T24:00:00Z', '2026-11-23T09:14:03'),
  fc.constantFrom('2026-11-23T09:14:03-0330', '2026-11-23T09:14:03-03:30', '1999-12-31T23:59:59Z'),
  fc.constantFrom('2026-11-23T09:14:03.1204+08:00', '1970-01-01T00:00:00Z', '2000-01-01T00:00:00Z'),
  fc.stringMatching(
    /^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,4})?(Z|[+-][0-2][0-9]:[0-6][0-9])$/,
  ),
);
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('', 'x'.repeat(128), 'x'.repeat(129), '中文', 'a"b', 'a\\b', '\u0000', '\u007f'),
);
const record = fc.record(
  {
    event: fc.constantFrom('call.started', 'call.ended', 'call.held', null),
    callId: fc.oneof(text, fc.constantFrom(null, 5)),
    caller: fc.oneof(notation, fc.constant(5)),
    callee: notation,
    start,
    duration: fc.oneof(fc.integer({ min: -1, max: 90_000 }), fc.constantFrom(1.5, 1e3, '7', null)),
    answered: fc.constantFrom(true, false, null, 'yes'),
    endReason: text,
    callerDistrict: fc.oneof(digits(6), fc.constantFrom('5101', '', null)),
    calleeDistrict: fc.oneof(digits(6), digits(7)),
    imei: fc.oneof(digits(14), digits(15), digits(16), digits(17), fc.constant('')),
    international: fc.constantFrom(true, false, null),
    network: text,
    unknown: fc.constantFrom('field', 1),
  },
  { requiredKeys: ['caller', 'callee', 'start'] },
);
/** In any order of fields, and sometimes without one that has to be there. */
const shuffled = fc
  .tuple(record, fc.array(fc.nat(), { maxLength: 14 }), fc.nat(40))
  .map(([fields, order, left]) => {
    const entries = Object.entries(fields)
      .map((entry, i) => ({ entry, at: order[i] ?? i }))
      .sort((a, b) => a.at - b.at)
      .map(({ entry }) => entry);
    return Object.fromEntries(entries.filter((_, i) => i !== left));
  });

describe('the quick way to read a line', () => {
  test('equals the domain on every record, in any order of fields', () => {
    fc.assert(
      fc.property(shuffled, (fields) => agree(JSON.stringify(fields))),
      { numRuns: 3000 },
    );
  });

  test('equals the domain on numbers of another country', () => {
    fc.assert(
      fc.property(shuffled, (fields) => agree(JSON.stringify(fields), 'GB')),
      { numRuns: 500 },
    );
  });

  test('equals the domain on records with a few characters changed', () => {
    const spoiled = fc.tuple(
      shuffled.map((fields) => JSON.stringify(fields)),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\ 019tfn+-.eé\t\r')), {
        minLength: 1,
        maxLength: 3,
      }),
    );
    fc.assert(
      fc.property(spoiled, ([line, changes]) => {
        let changed = line;
        for (const [at, character] of changes) {
          const place = at % changed.length;
          changed = changed.slice(0, place) + character + changed.slice(place + 1);
        }
        agree(changed);
      }),
      { numRuns: 3000 },
    );
  });

  test('takes nearly every line that the simulator writes, and equals the domain on each', () => {
    let taken = 0;
    let lines = 0;
    for (const simulated of simulateMorning({ seed: 5, calls: 2000 }).records()) {
      if (typeof simulated === 'string') continue;
      const line = JSON.stringify(simulated);
      const { read, parsed } = bothWays(line);
      lines++;
      if (read === undefined) continue;
      taken++;
      expect({ ...read }, line).toEqual({ ...parsed });
    }
    expect(taken / lines).toBeGreaterThan(0.99);
  });

  test.each([
    ['a field twice', '{"caller":"13800138000","callee":"13900139000","start":1,"start":2}'],
    ['white space', '{ "caller":"13800138000","callee":"13900139000","start":1795396443120}'],
    [
      'an escape',
      '{"caller":"13800138000","callee":"13900139000","start":1795396443120,"callId":"a\\u0062"}',
    ],
    ['an array', '["13800138000","13900139000",1795396443120]'],
    [
      'something after it',
      '{"caller":"13800138000","callee":"13900139000","start":1795396443120} x',
    ],
    [
      'a number with a leading zero',
      '{"caller":"13800138000","callee":"13900139000","start":1795396443120,"duration":07}',
    ],
    ['its end missing', '{"caller":"13800138000","callee":"13900139000","start":1795396443120'],
    ['nothing', ''],
  ])('leaves a line with %s to the domain', (_, line) => {
    expect(bothWays(line).read).toBeUndefined();
  });
});
