import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { type Policy, PolicyError, parsePolicy } from '../../lib/domain/policy.ts';
import { checkPolicy } from '../../lib/domain/published-policy.ts';

/** A copy of the default policy, changed by `change`. */
function documentWith(change: (policy: Record<string, never> & Policy) => void): unknown {
  const copy = structuredClone(loadDefaultPolicy()) as Record<string, never> & Policy;
  change(copy);
  return copy;
}

function problemsOf(document: unknown): readonly string[] {
  try {
    parsePolicy(document);
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
  return [];
}

describe('a policy document', () => {
  it('is taken when it is whole', () => {
    expect(problemsOf(documentWith(() => {}))).toEqual([]);
  });

  it.each([
    ['an unknown part', '/', (p: Policy) => Object.assign(p, { extra: 1 })],
    [
      'points for a care group that no register can name',
      '/subjects/care',
      (p: Policy) => Object.assign(p.subjects.care, { 'Old people': 3 }),
    ],
    [
      'a text for a kind of fraud that there is not',
      '/texts/en',
      (p: Policy) => Object.assign(p.texts.en, { lottery: 'Beware of {tail}' }),
    ],
    [
      'episodes of minutes',
      '/tiers/episodeHours',
      (p: Policy) => Object.assign(p.tiers, { episodeHours: 0.1 }),
    ],
    [
      'texts without end',
      '/warnings/cap/texts',
      (p: Policy) => Object.assign(p.warnings.cap, { texts: 1_000 }),
    ],
    ['version 0', '/version', (p: Policy) => Object.assign(p, { version: 0 })],
    ['a date that is none', '/created', (p: Policy) => Object.assign(p, { created: 'today' })],
    [
      'a negative tolerance',
      '/scoring/settleSeconds',
      (p: Policy) => Object.assign(p.scoring, { settleSeconds: -1 }),
    ],
    ['no terms', '/scoring/scorecard/terms', (p: Policy) => p.scoring.scorecard.terms.splice(0)],
    [
      'an unknown feature',
      '/scoring/scorecard/terms/1/feature',
      (p: Policy) => Object.assign(p.scoring.scorecard.terms[1] ?? {}, { feature: 'star-sign' }),
    ],
    [
      'a misspelt part of a term',
      '/scoring/scorecard/terms/0',
      (p: Policy) => Object.assign(p.scoring.scorecard.terms[0] ?? {}, { bin: [] }),
    ],
    [
      'bounds that fall',
      '/scoring/scorecard/terms/2/bins',
      (p: Policy) => p.scoring.scorecard.terms[2]?.bins.splice(0, 1, { below: 99, points: 0 }),
    ],
    [
      'no open last bin',
      '/scoring/scorecard/terms/0/bins',
      (p: Policy) => p.scoring.scorecard.terms[0]?.bins.push({ below: 9, points: 0 }),
    ],
    [
      'an open bin in the middle',
      '/scoring/scorecard/terms/0/bins',
      (p: Policy) => p.scoring.scorecard.terms[0]?.bins.splice(1, 1, { points: 0 }),
    ],
    [
      'two terms of one name',
      'stands twice',
      (p: Policy) =>
        Object.assign(p.scoring.scorecard.terms[1] ?? {}, { id: p.scoring.scorecard.terms[0]?.id }),
    ],
    [
      'an unknown kind',
      '/kinds/0/kind',
      (p: Policy) => Object.assign(p.kinds[0] ?? {}, { kind: 'theft' }),
    ],
    ['no text for a kind', '/texts/en', (p: Policy) => Reflect.deleteProperty(p.texts.en, 'loan')],
    [
      'a text without the tail',
      '/texts/zh-CN/loan',
      (p: Policy) => Object.assign(p.texts['zh-CN'], { loan: '请挂断' }),
    ],
    ['a language less', '/', (p: Policy) => Reflect.deleteProperty(p.texts, 'en')],
    [
      'a due time of zero',
      '/ladder/dueMinutes/high/visit',
      (p: Policy) => Object.assign(p.ladder.dueMinutes.high, { visit: 0 }),
    ],
    [
      'a tier that is none',
      '/ladder/fromTier',
      (p: Policy) => Object.assign(p.ladder, { fromTier: 'x' }),
    ],
    [
      'the queue of a police station for the centre’s own',
      '/ladder/queue',
      (p: Policy) => Object.assign(p.ladder, { queue: 'station-jinjiang' }),
    ],
    [
      'a step that stands twice',
      '/ladder/tiers/high/steps',
      (p: Policy) => Object.assign(p.ladder.tiers.high, { steps: ['call', 'call'] }),
    ],
    [
      'people before the text',
      '/warnings/channels',
      (p: Policy) => Object.assign(p.warnings, { channels: ['people', 'sms'] }),
    ],
    [
      'a way that stands twice',
      '/warnings/channels',
      (p: Policy) => Object.assign(p.warnings, { channels: ['sms', 'sms'] }),
    ],
    ['no way at all', '/warnings/channels', (p: Policy) => p.warnings.channels.splice(0)],
    [
      'a second text after the warning has expired',
      '/warnings/resendUnreachable/afterMinutes',
      (p: Policy) => Object.assign(p.warnings, { expiresMinutes: 5 }),
    ],
  ] as const)('is refused with %s, naming the place %s', (_, place, change) => {
    const problems = problemsOf(documentWith(change as (policy: Policy) => void));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.some((problem) => problem.includes(place))).toBe(true);
  });

  it('is refused with all of its problems at once', () => {
    const problems = problemsOf(
      documentWith((policy) => {
        Object.assign(policy, { version: 0 });
        Object.assign(policy.scoring, { riskyAt: 'high' });
      }),
    );
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(
      expect.arrayContaining(['/version', '/scoring/riskyAt']),
    );
  });

  it.each([null, undefined, 7, 'policy', []])('is refused when it is none: %j', (value) => {
    expect(() => parsePolicy(value)).toThrow(PolicyError);
  });
});

describe('the shipped policy', () => {
  it('can be published as it is', () => {
    expect(checkPolicy(loadDefaultPolicy()).scoring.burst?.shareAtLeast).toBe(0.5);
  });
});
