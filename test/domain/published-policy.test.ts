import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { PolicyError } from '../../lib/domain/policy.ts';
import {
  BUNDLED_POLICY,
  NO_SHADOW_POLICY,
  readPublishedPolicy,
} from '../../lib/domain/published-policy.ts';

const policy = loadDefaultPolicy();

describe('a published document', () => {
  it('is a policy', () => {
    expect(readPublishedPolicy(JSON.stringify(policy))).toEqual(policy);
  });

  it.each([
    [BUNDLED_POLICY, 'bundled'],
    ['{ "policy": "bundled" }\n', 'bundled'],
    [NO_SHADOW_POLICY, 'none'],
    ['', 'none'],
    [' \n', 'none'],
  ])('%j stands for %s', (text, meaning) => {
    expect(readPublishedPolicy(text)).toBe(meaning);
  });

  it.each([
    ['is not JSON', '{'],
    ['nests without end', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['is some other JSON', '{"policy":"other"}'],
    ['adds something to what stands for a policy', '{"policy":"bundled","version":3}'],
    ['has a wrong version', JSON.stringify({ ...policy, version: 0 })],
    [
      'has a text that shows a link',
      JSON.stringify({
        ...policy,
        texts: { ...policy.texts, en: { ...policy.texts.en, other: 'See www.example.com {tail}' } },
      }),
    ],
  ])('is refused when it %s', (_, text) => {
    expect(() => readPublishedPolicy(text)).toThrow(PolicyError);
  });
});
