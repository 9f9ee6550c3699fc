import type { EffectAnswer } from '../../functions/campaign-audience/campaign-audience.ts';
import type { CampaignView } from '../../lib/api/schemas.ts';
import { type Comparison, type Estimate, verdictOf } from '../../lib/domain/campaign/effect.ts';
import type { Exclusion } from '../../lib/domain/campaign/eligibility.ts';
import type { CampaignPlan } from '../../lib/domain/campaign/plan.ts';
import { type Column, fittedTable } from '../terminal/fitted-table.ts';
import { pairs } from '../terminal/pairs.ts';
import { localTime } from '../terminal/spoken-time.ts';

const REASONS: Readonly<Record<Exclusion, string>> = {
  duplicate: 'listed twice',
  'no-consent': 'never agreed',
  'consent-withdrawn': 'agreed no more',
  'texts-opted-out': 'opted out of all texts',
  'other-district': 'of another district',
  'other-group': 'of other groups',
  'no-text-in-language': 'no text in their language',
  'care-group': 'in a care group that is not texted',
  'warned-lately': 'warned lately',
  'contacted-lately': 'contacted lately',
  'noticed-lately': 'had a notice lately',
};

const count = (value: number): string => value.toLocaleString('en');

function reasonsOf(reasons: { readonly [Reason in Exclusion]?: number }): [string, string][] {
  return Object.entries(reasons)
    .filter(([, people]) => people > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, people]): [string, string] => [
      `  ${REASONS[reason as Exclusion] ?? reason}`,
      count(people),
    ]);
}

/** Whom a campaign reaches, and what it costs. */
export function planInWords(plan: CampaignPlan): string {
  const { costAtMostUsd, days, excluded, listed, lots, texts, textsPerDay } = plan;
  const left = Object.values(excluded).reduce((sum, people) => sum + people, 0);
  return pairs([
    ['registered there', count(listed)],
    ['left out', count(left)],
    ...reasonsOf(excluded),
    ['held out, by lot', count(lots['held-out'])],
    ['texted first', count(lots.first)],
    ['texted then', count(lots.rest)],
    ['texts', count(texts)],
    ['cost at most', `${costAtMostUsd.toFixed(2)} USD`],
    [
      'a day at most',
      textsPerDay === 0 ? 'none: the budget has no room for notices' : count(textsPerDay),
    ],
    ['days at least', days === undefined ? undefined : count(days)],
  ]);
}

/** How a campaign stands. */
export function campaignInWords(campaign: CampaignView): string {
  const { changedAt, changedBy, counts, expires, id, kind, name, plan, run, stage, state } =
    campaign;
  const skipped = Object.values(counts.skipped).reduce((sum, people) => sum + people, 0);
  return pairs([
    [id, name],
    ['kind', kind],
    ['state', `${state}, stage ${stage}, run ${run}`],
    ['changed', `${localTime(changedAt)} by ${changedBy}`],
    ['expires', localTime(Date.parse(expires))],
    [
      'to be texted',
      plan === undefined
        ? 'being drawn'
        : `${count(stage === 'first' ? plan.lots.first : plan.texts)} (held out: ${count(plan.lots['held-out'])})`,
    ],
    ['sent', count(counts.sent)],
    ['refused', count(counts.refused)],
    ['opted out', count(counts.optedOut)],
    ['on their way, or lost', count(campaign.uncertain)],
    ['left out meanwhile', count(skipped)],
    ...reasonsOf(counts.skipped),
  ]);
}

const CAMPAIGN_COLUMNS: readonly Column[] = [
  { head: 'campaign', keep: true },
  { head: 'kind' },
  { head: 'stage' },
  { head: 'state' },
  { head: 'sent', align: 'right' },
  { head: 'to be texted', align: 'right' },
  { head: 'changed' },
];

/** The latest campaigns, a line each. */
export function campaignsInWords(campaigns: readonly CampaignView[]): string {
  return fittedTable(
    CAMPAIGN_COLUMNS,
    campaigns.map(({ changedAt, counts, id, kind, plan, stage, state }) => [
      id,
      kind,
      stage,
      state,
      count(counts.sent),
      plan === undefined ? '' : count(stage === 'first' ? plan.lots.first : plan.texts),
      localTime(changedAt),
    ]),
  );
}

const EFFECT_COLUMNS: readonly Column[] = [
  { head: '', keep: true },
  { head: 'texted', align: 'right' },
  { head: 'held out', align: 'right' },
  { head: 'difference', align: 'right' },
  { head: 'ratio', align: 'right' },
];

const VERDICTS = {
  fewer: 'Those who were to be texted fared better: the difference is larger than chance makes it.',
  more: 'Those who were to be texted fared worse: the difference is larger than chance makes it.',
  undecided:
    'Undecided: a difference of this size, or none at all, would look the same with so few people.',
};

function bounds({ high, low, value }: Estimate, digits: number): string {
  const told = (number: number) => number.toFixed(digits);
  return `${told(value)} (${told(low)} to ${told(high)})`;
}

/** What a campaign did, with its uncertainty. */
export function effectInWords({ effect, since, stage }: EffectAnswer): string {
  const row = (name: string, comparison: Comparison, scale: number, digits: number): string[] => {
    const { difference, heldOut, ratio, texted } = comparison;
    const { high, low, value } = difference;
    return [
      name,
      (texted * scale).toFixed(digits),
      (heldOut * scale).toFixed(digits),
      bounds({ value: value * scale, low: low * scale, high: high * scale }, digits),
      ratio === undefined ? 'too few to say' : bounds(ratio, 2),
    ];
  };
  return [
    `Stage ${stage}, calls since ${localTime(since)}: ${count(effect.people.texted)} people drawn to be texted, ` +
      `${count(effect.people.heldOut)} held out.`,
    fittedTable(EFFECT_COLUMNS, [
      row('people exposed, %', effect.exposedShare, 100, 2),
      row('risky calls taken, per 1,000', effect.exposures, 1, 2),
      row('minutes in them, per 1,000', effect.talkMinutes, 1, 1),
    ]),
    'In brackets: 95 % bounds. Everybody counts as drawn, whether or not the text arrived.',
    VERDICTS[verdictOf(effect.exposedShare)],
  ].join('\n');
}
