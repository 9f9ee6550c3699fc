import { describe, expect, it } from 'vitest';
import { proxyResponse } from '../../../lib/local/apis/proxy-response.ts';

const json = { 'content-type': 'application/json' };
const plain = { 'content-type': 'text/plain;charset=UTF-8' };

describe('the answer that a function’s result means', () => {
  it.each<[string, unknown, object]>([
    ['an object', { a: 1 }, { status: 200, headers: json, body: '{"a":1}' }],
    ['a text', 'hello', { status: 200, headers: json, body: 'hello' }],
    ['nothing', null, { status: 200, headers: json, body: 'null' }],
    ['a list', [1], { status: 200, headers: json, body: '[1]' }],
    ['a status', { statusCode: 204 }, { status: 204, headers: plain, body: '' }],
    ['a status as text', { statusCode: '404' }, { status: 404, headers: plain, body: '' }],
    [
      'headers in any case, of any scalar',
      { statusCode: 200, headers: { 'Content-Type': 'text/html', 'X-N': 5 }, body: '<p>' },
      { status: 200, headers: { 'content-type': 'text/html', 'x-n': '5' }, body: '<p>' },
    ],
    [
      'headers of the connection, which are not ours to pass on',
      { statusCode: 200, headers: { 'Content-Length': 1, connection: 'close' }, body: 'ab' },
      { status: 200, headers: plain, body: 'ab' },
    ],
    [
      'cookies',
      { statusCode: 200, cookies: ['a=1', 'b=2; Secure'] },
      { status: 200, headers: plain, cookies: ['a=1', 'b=2; Secure'], body: '' },
    ],
    [
      'base64',
      { statusCode: 200, body: 'AP8=', isBase64Encoded: true },
      { status: 200, headers: plain, body: Buffer.from([0, 255]) },
    ],
  ])('for %s', (_what, result, expected) => {
    expect(proxyResponse(result)).toEqual(expected);
  });

  it.each<[string, object]>([
    ['a status that is no number', { statusCode: 'fine' }],
    ['a status out of range', { statusCode: 99 }],
    ['a body that is an object', { statusCode: 200, body: { a: 1 } }],
    ['a header that is a list', { statusCode: 200, headers: { a: ['b'] } }],
    ['headers that are a list', { statusCode: 200, headers: [] }],
    ['a header with a line break', { statusCode: 200, headers: { a: 'b\r\nc: d' } }],
    ['a header name with a space', { statusCode: 200, headers: { 'a b': 'c' } }],
    ['a cookie with a line break', { statusCode: 200, cookies: ['a\r\nb: c'] }],
    ['cookies that are text', { statusCode: 200, cookies: 'a=1' }],
  ])('is malformed for %s', (_what, result) => {
    expect(proxyResponse(result)).toBeUndefined();
  });
});
