import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  CampaignError,
  parseCampaign,
  readCampaign,
} from '../../../lib/domain/campaign/campaign.ts';
import { aCampaign } from './a-campaign.ts';

function problemsOf(value: unknown): readonly string[] {
  try {
    parseCampaign(value);
    return [];
  } catch (error) {
    if (error instanceof CampaignError) return error.problems;
    throw error;
  }
}

const saying = (text: string) => problemsOf(aCampaign({ texts: { 'zh-CN': text } }));

describe('A campaign', () => {
  test('is taken as it is written', () => {
    expect(readCampaign(JSON.stringify(aCampaign()))).toEqual(aCampaign());
  });

  test('in the docs is one that can be started', () => {
    const file = new URL('../../../docs/examples/campaign.json', import.meta.url);
    expect(readCampaign(readFileSync(file, 'utf8')).id).toBe('fake-orders-2026-11');
  });

  test('is refused with every problem and its place', () => {
    const { author: _author, ...rest } = aCampaign({
      id: 'No Spaces',
      holdOutShare: 0,
      districts: ['51'],
      groups: ['dogs' as 'students'],
    });
    expect(problemsOf({ ...rest, colour: 'red' })).toEqual([
      expect.stringMatching(/^the campaign: author is missing/),
      expect.stringMatching(/^colour: there is no such property/),
      expect.stringMatching(/^id: must match pattern/),
      expect.stringMatching(/^districts\[0\]: must match pattern/),
      expect.stringMatching(/^holdOutShare: must be >= 0.01/),
      expect.stringMatching(/^groups\[0\]: must be one of "elderly"/),
    ]);
  });

  test('is refused when it is no JSON', () => {
    expect(() => readCampaign('{')).toThrow(/not JSON/);
  });

  test.each([
    ['a link', '详情见 www.example.org'],
    ['a number to call', '有疑问请打 96110'],
    ['a number in full-width digits', '有疑问请打 ９６１１０'],
    ['a number in parts', 'call 400-800 8000'],
    ['a request to reply', '防骗提醒，请回复是'],
    ['a letter to reply', '退订回复T'],
    ['an address', 'write to us@here'],
    ['a placeholder', '尾号{tail}是骗子'],
    ['more than one part', '防'.repeat(71)],
  ])('is refused when a text shows %s', (_what, text) => {
    expect(saying(text)).toHaveLength(1);
  });

  test('may advise against replying and scanning', () => {
    expect(saying('陌生人让你扫码或回复验证码，都是诈骗，别理。')).toEqual([]);
  });

  test('needs a night that has a length, and at least one text', () => {
    expect(problemsOf(aCampaign({ quietHours: { from: '08:00', to: '08:00' } }))).toHaveLength(1);
    expect(problemsOf(aCampaign({ texts: {} }))).toHaveLength(1);
  });

  test('ends at a time that comes', () => {
    const expires = '2026-12-31T23:59:60Z';
    expect(problemsOf(aCampaign({ expires }))).toEqual([expect.stringMatching(/^expires: /)]);
  });
});
