import { describe, expect, test } from 'vitest';
import { effectInWords, planInWords } from '../../bin/campaigns/campaign-words.ts';
import { addPerson, effectOf, emptyGroup } from '../../lib/domain/campaign/effect.ts';
import { UNKNOWN_STANDING } from '../../lib/domain/campaign/eligibility.ts';
import { createAudienceSorter } from '../../lib/domain/campaign/plan.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { aCampaign } from '../domain/campaign/a-campaign.ts';

const NOW = Date.parse('2026-11-27T10:00:00+08:00');

function groupOf(people: number, exposed: number) {
  const sums = emptyGroup();
  for (let i = 0; i < people; i++) {
    addPerson(
      sums,
      i < exposed ? { exposures: 1, talkMinutes: 5 } : { exposures: 0, talkMinutes: 0 },
    );
  }
  return sums;
}

describe('What the command line says of a campaign', () => {
  test('names who is left out, why, and what the rest costs', () => {
    const context = { now: NOW, utcOffsetMinutes: 480, language: 'zh-CN' } as const;
    const sorter = createAudienceSorter(aCampaign({ holdOutShare: 0.01 }), context);
    const member = { district: '510104', groups: ['students'], source: 'form' } as const;
    for (let i = 0; i < 1_500; i++) {
      const consent = i < 500 ? {} : { consent: '2026-01-01' };
      sorter.sort({ person: `1p${i}`, ...member, ...consent }, UNKNOWN_STANDING);
    }
    const plan = sorter.plan(loadDefaultPolicy().warnings.budget, 0.1);
    const said = planInWords(plan);
    expect(said).toMatch(/registered there +1,500/);
    expect(said).toMatch(/never agreed +500/);
    expect(said).not.toContain('warned lately');
    expect(said).toMatch(new RegExp(`cost at most +${(plan.texts / 10).toFixed(2)} USD`));
  });

  test.each([
    ['fared better', groupOf(5_000, 50), groupOf(5_000, 150)],
    ['fared worse', groupOf(5_000, 150), groupOf(5_000, 50)],
    ['Undecided', groupOf(500, 5), groupOf(50, 1)],
  ])('tells an effect with its bounds: %s', (verdict, texted, heldOut) => {
    const said = effectInWords({ stage: 'all', since: NOW, effect: effectOf(texted, heldOut) });
    expect(said).toContain(verdict);
    expect(said).toContain('95 % bounds');
    expect(said.includes('too few to say')).toBe(verdict === 'Undecided');
  });
});
