import { describe, expect, it } from 'vitest';
import {
  type CrossOriginRules,
  crossOriginHeaders,
  preflightHeaders,
} from '../../../lib/local/apis/cross-origin.ts';

const rules: CrossOriginRules = {
  origins: ['https://console.example'],
  methods: ['GET', 'POST'],
  headers: ['authorization', 'content-type'],
  exposedHeaders: ['etag'],
  maxAgeSeconds: 600,
  credentials: true,
};
const origin = 'https://console.example';

describe('cross-origin headers', () => {
  it('tell an allowed origin what the configuration allows', () => {
    const shared = {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'etag',
    };
    expect(crossOriginHeaders(rules, origin)).toEqual(shared);
    expect(preflightHeaders(rules, origin)).toEqual({
      ...shared,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '600',
    });
  });

  it.each([undefined, 'https://evil.example', 'http://console.example', `${origin}.evil.example`])(
    'tell %s nothing',
    (stranger) => {
      expect(crossOriginHeaders(rules, stranger)).toEqual({});
      expect(preflightHeaders(rules, stranger)).toEqual({});
    },
  );

  it('know stars for all origins and for all of a scheme', () => {
    const allowed = (origins: string[], from: string) =>
      crossOriginHeaders({ ...rules, origins }, from)['access-control-allow-origin'];
    expect(allowed(['*'], 'http://any.example')).toBe('*');
    expect(allowed(['https://*'], 'https://any.example')).toBe('https://any.example');
    expect(allowed(['https://*'], 'http://any.example')).toBeUndefined();
  });
});
