import type { NumberToken } from '../leg.ts';
import { dailyLimit } from '../subject/burden-budget.ts';
import type { BudgetPolicy } from '../subject/subject-policy.ts';
import type { Campaign } from './campaign.ts';
import { type Lot, lotOf } from './draw.ts';
import {
  type AudienceMember,
  type EligibilityContext,
  EXCLUSIONS,
  type Exclusion,
  exclusionOf,
  type Standing,
} from './eligibility.ts';
import { wakingMinutes } from './quiet-hours.ts';

/** Whom a campaign reaches, whom it does not and why, and what it costs. */
export interface CampaignPlan {
  /** Rows of the register in the campaign's districts. */
  readonly listed: number;
  readonly excluded: Readonly<Record<Exclusion, number>>;
  readonly lots: Readonly<Record<Lot, number>>;
  /** All texts together. */
  readonly texts: number;
  /** Texts that a day takes at the most. */
  readonly textsPerDay: number;
  /** Days until everybody is texted, if warnings leave the notices their whole share; absent where a day has no room. */
  readonly days?: number;
  /** At the highest price that a text may have. */
  readonly costAtMostUsd: number;
}

/** Sorts the register's people into lots, as they come. */
export interface AudienceSorter {
  /** @returns the person's lot; undefined for whoever is left out */
  sort(member: AudienceMember, standing: Standing): Lot | undefined;
  /** Of all that were sorted so far. */
  plan(budget: BudgetPolicy, maxPriceUsd: number): CampaignPlan;
}

/** Notices go out while fewer texts than this, warnings included, went out on a day. */
export function noticeRoom({ budget }: Pick<Campaign, 'budget'>, burden: BudgetPolicy): number {
  return Math.floor(budget.shareOfBurden * dailyLimit(burden));
}

/** Most notices of a day. */
export function noticesPerDay(campaign: Campaign, burden: BudgetPolicy): number {
  const { budget, perSecond, quietHours } = campaign;
  return Math.min(
    budget.textsPerDay,
    noticeRoom(campaign, burden),
    perSecond * 60 * wakingMinutes(quietHours),
  );
}

/** Of a million people the tokens take some 80 MB for as long as the plan is made. */
export function createAudienceSorter(
  campaign: Campaign,
  context: EligibilityContext,
): AudienceSorter {
  const seen = new Set<NumberToken>();
  const excluded = Object.fromEntries(EXCLUSIONS.map((reason) => [reason, 0])) as Record<
    Exclusion,
    number
  >;
  const lots: Record<Lot, number> = { 'held-out': 0, first: 0, rest: 0 };
  let listed = 0;
  return {
    sort(member, standing) {
      listed += 1;
      const reason = seen.has(member.person)
        ? 'duplicate'
        : exclusionOf(campaign, member, standing, context);
      seen.add(member.person);
      if (reason !== undefined) {
        excluded[reason] += 1;
        return undefined;
      }
      const lot = lotOf(campaign, member.person);
      lots[lot] += 1;
      return lot;
    },
    plan(burden, maxPriceUsd) {
      const texts = lots.first + lots.rest;
      const textsPerDay = noticesPerDay(campaign, burden);
      return {
        listed,
        excluded: { ...excluded },
        lots: { ...lots },
        texts,
        textsPerDay,
        ...(textsPerDay > 0 && { days: Math.ceil(texts / textsPerDay) }),
        costAtMostUsd: Math.round(texts * maxPriceUsd * 100) / 100,
      };
    },
  };
}
