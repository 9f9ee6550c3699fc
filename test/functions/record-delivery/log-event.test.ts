import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogEventError, linesOfLogEvent } from '../../../functions/record-delivery/log-event.ts';

const packed = (content: unknown) =>
  gzipSync(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64');

const dataOf = (...messages: unknown[]) =>
  packed({
    messageType: 'DATA_MESSAGE',
    owner: '123456789012',
    logGroup: 'sns/us-east-1/123456789012/DirectPublishToPhoneNumber',
    logStream: 'a',
    subscriptionFilters: ['f'],
    logEvents: messages.map((message, i) => ({ id: String(i), timestamp: i, message })),
  });

describe('an invocation by CloudWatch Logs', () => {
  test('gives its lines in their order', () => {
    expect(linesOfLogEvent(dataOf('one', '{"two":2}', '三'))).toEqual(['one', '{"two":2}', '三']);
  });

  test('gives none when it only tries whether anybody is there', () => {
    const control = { messageType: 'CONTROL_MESSAGE', logEvents: [{ message: 'probe' }] };
    expect(linesOfLogEvent(packed(control))).toEqual([]);
  });

  test('gives an empty line for an event without a text', () => {
    expect(linesOfLogEvent(dataOf(7, null, undefined))).toEqual(['', '', '']);
    const odd = { messageType: 'DATA_MESSAGE', logEvents: [null, 'text', []] };
    expect(linesOfLogEvent(packed(odd))).toEqual(['', '', '']);
  });

  test.each<[string, unknown]>([
    ['no data', undefined],
    ['a number', 7],
    ['no base64', '§§§'],
    ['no gzip', Buffer.from('{"messageType":"DATA_MESSAGE"}').toString('base64')],
    ['half of the gzip', dataOf('one').slice(0, 40)],
    ['no JSON', packed('+8613800138000 {')],
    ['null', packed(null)],
    ['a list', packed([])],
    ['another type', packed({ messageType: 'OTHER', logEvents: [] })],
    ['no events', packed({ messageType: 'DATA_MESSAGE' })],
    ['a bomb', gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64')],
  ])('is refused when it is %s, and the error repeats nothing of it', (_, data) => {
    let refused: unknown;
    try {
      linesOfLogEvent(data);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(LogEventError);
    expect(String((refused as Error).stack)).not.toContain('13800138000');
    expect((refused as Error).cause).toBeUndefined();
  });

  test('is read or refused, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.base64String(),
          fc.json().map(packed),
          fc.anything().map((value) => dataOf(value)),
          fc.tuple(fc.nat(60), fc.nat(255)).map(([at, byte]) => {
            const bytes = Buffer.from(dataOf('one'), 'base64');
            bytes[at] = byte;
            return bytes.toString('base64');
          }),
        ),
        (data) => {
          try {
            for (const line of linesOfLogEvent(data)) expect(typeof line).toBe('string');
          } catch (error) {
            expect(error).toBeInstanceOf(LogEventError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
