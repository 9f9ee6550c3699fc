import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AudienceMember,
  exclusionOf,
  type Standing,
  UNKNOWN_STANDING,
} from '../../../lib/domain/campaign/eligibility.ts';
import { createAudienceSorter, noticesPerDay } from '../../../lib/domain/campaign/plan.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { aCampaign } from './a-campaign.ts';

const NOW = Date.parse('2026-11-27T10:00:00+08:00');
const CONTEXT = { now: NOW, utcOffsetMinutes: 480, language: 'zh-CN' } as const;
const DAY = 86_400_000;
const { budget } = loadDefaultPolicy().warnings;

function aMember(changes: Partial<AudienceMember> = {}): AudienceMember {
  return {
    person: '1someone',
    district: '510104',
    groups: ['students'],
    source: 'school',
    consent: '2026-09-01',
    ...changes,
  };
}

const excluded = (member: Partial<AudienceMember>, standing: Partial<Standing> = {}) =>
  exclusionOf(aCampaign(), aMember(member), { ...UNKNOWN_STANDING, ...standing }, CONTEXT);

describe('Whom a campaign texts', () => {
  test('is who agreed, lives there, belongs to a group and was left alone lately', () => {
    expect(excluded({})).toBeUndefined();
  });

  test.each<[string, Partial<AudienceMember>, Partial<Standing>]>([
    ['no-consent', { consent: '2026-11-28' }, {}],
    ['consent-withdrawn', { optedOut: '2026-09-01' }, {}],
    ['consent-withdrawn', { optedOut: '2026-10-01' }, {}],
    ['texts-opted-out', {}, { textsOptedOut: true }],
    ['other-district', { district: '510106' }, {}],
    ['other-group', { groups: ['elderly'] }, {}],
    ['care-group', {}, { careGroup: 'dementia' }],
    ['warned-lately', {}, { warnedAt: NOW - 7 * DAY + 1 }],
    ['contacted-lately', {}, { contactedAt: NOW }],
    ['noticed-lately', {}, { noticedAt: NOW - 29 * DAY }],
  ])('is nobody for whom the reason is %s', (reason, member, standing) => {
    expect(excluded(member, standing)).toBe(reason);
  });

  test('is again who was warned, contacted or noticed long enough ago', () => {
    expect(
      excluded(
        { groups: ['elderly', 'parents'], optedOut: '2026-08-31' },
        {
          careGroup: 'deaf',
          warnedAt: NOW - 7 * DAY,
          contactedAt: NOW - 14 * DAY,
          noticedAt: NOW - 30 * DAY,
        },
      ),
    ).toBeUndefined();
  });

  test('is nobody who would get a text in another language', () => {
    const campaign = aCampaign({ texts: { 'zh-CN': '刷单都是诈骗。' } });
    const of = (member: AudienceMember) => exclusionOf(campaign, member, UNKNOWN_STANDING, CONTEXT);
    expect(of(aMember({ language: 'en' }))).toBe('no-text-in-language');
    expect(of(aMember())).toBeUndefined();
  });
});

describe('The plan of a campaign', () => {
  test('counts everybody once: excluded for a reason, or in a lot', () => {
    const person = fc.record({
      person: fc.integer({ min: 0, max: 50 }).map((n) => `1p${n}`),
      district: fc.constantFrom('510104', '510106'),
      consent: fc.constantFrom('2026-01-01', '2027-01-01'),
      warned: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(person, { maxLength: 80 }), (people) => {
        const sorter = createAudienceSorter(aCampaign(), CONTEXT);
        const sorted = people.map(({ warned, ...changes }) =>
          sorter.sort(aMember(changes), {
            ...UNKNOWN_STANDING,
            ...(warned && { warnedAt: NOW }),
          }),
        );
        const plan = sorter.plan(budget, 0.05);
        const sum = (counts: object) =>
          Object.values(counts).reduce((a: number, b: number) => a + b, 0);
        expect(plan.listed).toBe(people.length);
        expect(sum(plan.excluded) + sum(plan.lots)).toBe(people.length);
        expect(sum(plan.lots)).toBe(sorted.filter((lot) => lot !== undefined).length);
        expect(plan.texts + plan.lots['held-out']).toBe(sum(plan.lots));
        expect(plan.excluded.duplicate).toBe(
          people.length - new Set(people.map((one) => one.person)).size,
        );
      }),
    );
  });

  test('says what it costs at the most, and how long it takes within the budget', () => {
    const small = { ...budget, textsPer100kPerDay: 100, peopleCovered: 1_000_000 };
    const campaign = aCampaign({ budget: { textsPerDay: 500, shareOfBurden: 0.3 } });
    const sorter = createAudienceSorter(campaign, CONTEXT);
    for (let i = 0; i < 2_000; i++) sorter.sort(aMember({ person: `1p${i}` }), UNKNOWN_STANDING);
    const plan = sorter.plan(small, 0.05);
    expect(plan.textsPerDay).toBe(300);
    expect(plan.days).toBe(Math.ceil(plan.texts / 300));
    expect(plan.costAtMostUsd).toBeCloseTo(plan.texts * 0.05, 2);
  });

  test('never plans more a day than document, burden or pace allow', () => {
    const burden = { ...budget, textsPer100kPerDay: 100_000, peopleCovered: 10_000_000 };
    const slow = aCampaign({
      perSecond: 1,
      budget: { textsPerDay: 9_000_000, shareOfBurden: 0.9 },
    });
    expect(noticesPerDay(slow, burden)).toBe(13 * 3_600);
    expect(noticesPerDay(slow, { ...burden, peopleCovered: 100 })).toBe(90);
    const none = createAudienceSorter(slow, CONTEXT).plan({ ...burden, peopleCovered: 1 }, 1);
    expect(none).toMatchObject({ textsPerDay: 0, texts: 0 });
    expect(none.days).toBeUndefined();
  });
});
