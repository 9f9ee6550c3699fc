import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDeliveryLine } from '../../../functions/record-delivery/delivery-line.ts';
import { FAILURE_REASONS } from '../../../lib/domain/delivery/text-delivery.ts';

const NOW = Date.UTC(2026, 10, 24, 1);
const NUMBER = '+8613800138000';

const entry = (changes: { delivery?: object; notification?: object; status?: unknown } = {}) => ({
  notification: {
    messageId: '34d9b400-c6dd-5444-820d-fbeb0f1f54cf',
    timestamp: '2016-06-28 00:40:34.558',
    ...changes.notification,
  },
  delivery: {
    phoneCarrier: 'My Phone Carrier',
    mnc: 270,
    numberOfMessageParts: 1,
    destination: NUMBER,
    priceInUSD: 0.00645,
    smsType: 'Transactional',
    mcc: 310,
    providerResponse: 'Message has been accepted by phone carrier',
    dwellTimeMs: 599,
    dwellTimeMsUntilDeviceAck: 1344,
    ...changes.delivery,
  },
  status: 'status' in changes ? changes.status : 'SUCCESS',
});

const read = (value: unknown) => readDeliveryLine(JSON.stringify(value), NOW);
const failing = (providerResponse: unknown) =>
  read(entry({ status: 'FAILURE', delivery: { providerResponse } }));

describe('a line of the log of texts', () => {
  test('tells of a text that arrived, and not where', () => {
    expect(read(entry())).toEqual({
      messageId: '34d9b400-c6dd-5444-820d-fbeb0f1f54cf',
      sentAt: Date.UTC(2016, 5, 28, 0, 40, 34, 558),
      at: NOW,
      carrier: 'My Phone Carrier',
      priceUsd: 0.00645,
      dwellMs: 1344,
    });
  });

  test('tells the time until the carrier took it where the handset said nothing', () => {
    expect(read(entry({ delivery: { dwellTimeMsUntilDeviceAck: undefined } }))?.dwellMs).toBe(599);
  });

  test.each([
    ['Unknown error attempting to reach phone', 'unknown'],
    ['Phone is currently unreachable/unavailable', 'unreachable'],
    ['Phone carrier is currently unreachable/unavailable', 'carrier-unreachable'],
    ['Phone has blocked SMS', 'phone-blocked'],
    ['Phone carrier has blocked this message', 'spam'],
    ['Blocked as spam by phone carrier', 'spam'],
    ['Destination is on a blocked list', 'blocked-list'],
    ['Phone is on a blocked list', 'blocked-list'],
    ['Invalid phone number', 'invalid-number'],
    ['Message body is invalid', 'invalid-message'],
    ['Phone number is opted out', 'opted-out'],
    ['This SMS destination is opted out', 'opted-out'],
    ['This delivery would exceed max price', 'too-dear'],
    ['Something that nobody has seen yet', 'unknown'],
    [undefined, 'unknown'],
    [7, 'unknown'],
  ])('gives the reason of “%s” as %s', (response, reason) => {
    expect(failing(response)?.failure).toBe(reason);
  });

  test.each<[string, unknown]>([
    ['no notification', { status: 'SUCCESS' }],
    ['no message id', entry({ notification: { messageId: undefined } })],
    ['a message id that is none', entry({ notification: { messageId: 'a b' } })],
    ['a message id without end', entry({ notification: { messageId: 'a'.repeat(101) } })],
    ['another status', entry({ status: 'PENDING' })],
    ['no status', entry({ status: undefined })],
    ['a list', []],
    ['null', null],
  ])('is none with %s', (_, value) => {
    expect(read(value)).toBeUndefined();
  });

  test('is none when it is no JSON', () => {
    expect(readDeliveryLine('{"status":', NOW)).toBeUndefined();
    expect(readDeliveryLine('', NOW)).toBeUndefined();
  });

  test.each<unknown>([
    '',
    7,
    `Carrier ${NUMBER}`,
    'Carrier 138 0013 8000',
    '<script>',
    'x'.repeat(80),
    '\u0000',
  ])('names no carrier of %j', (phoneCarrier) => {
    expect(read(entry({ delivery: { phoneCarrier } }))).not.toHaveProperty('carrier');
  });

  test.each(['中国移动', 'Telefónica O2 (DE)', 'AT&T', '3 HK'])('names the carrier %s', (name) => {
    expect(read(entry({ delivery: { phoneCarrier: name } }))?.carrier).toBe(name);
  });

  test.each<unknown>([-1, '0.1', null, Number.NaN])('takes no price of %j', (priceInUSD) => {
    expect(read(entry({ delivery: { priceInUSD } }))).not.toHaveProperty('priceUsd');
  });

  test.each<unknown>(['2016-06-28T00:40:34Z', '2016-99-28 00:40:34', 'yesterday', 7, undefined])(
    'has no time of hand-over of %j',
    (timestamp) => {
      expect(read(entry({ notification: { timestamp } }))?.sentAt).toBe(0);
    },
  );

  test('is read or not, whatever it holds, and never gives a number away', () => {
    const odd = fc.oneof(fc.anything(), fc.constant(NUMBER), fc.string());
    fc.assert(
      fc.property(
        fc.record({
          notification: fc.oneof(odd, fc.record({ messageId: odd, timestamp: odd })),
          delivery: fc.oneof(
            odd,
            fc.record({
              destination: fc.constant(NUMBER),
              phoneCarrier: odd,
              priceInUSD: odd,
              providerResponse: odd,
              dwellTimeMs: odd,
            }),
          ),
          status: fc.oneof(fc.constantFrom('SUCCESS', 'FAILURE'), odd),
        }),
        (value) => {
          let line: string;
          try {
            line = JSON.stringify(value);
          } catch {
            // A big integer has no JSON.
            return;
          }
          const report = readDeliveryLine(line, NOW);
          expect(JSON.stringify(report) ?? '').not.toContain('8613800138000');
          if (report?.failure !== undefined) expect(FAILURE_REASONS).toContain(report.failure);
        },
      ),
      { numRuns: 1_000 },
    );
    fc.assert(fc.property(fc.string(), (line) => readDeliveryLine(line, NOW) === undefined));
  });
});
