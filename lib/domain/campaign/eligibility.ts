import type { NumberToken } from '../leg.ts';
import type { TextLanguage } from '../policy.ts';
import { type AudienceEntry, consentOf } from '../registers/audience.ts';
import { localDay } from '../subject/burden-budget.ts';
import { type Campaign, noticeFor } from './campaign.ts';

/** Why somebody of the register is not texted. */
export const EXCLUSIONS = [
  'duplicate',
  'no-consent',
  'consent-withdrawn',
  'texts-opted-out',
  'other-district',
  'other-group',
  'no-text-in-language',
  'care-group',
  'warned-lately',
  'contacted-lately',
  'noticed-lately',
] as const;
export type Exclusion = (typeof EXCLUSIONS)[number];

/** A person of the register, by the token of the number. */
export interface AudienceMember extends AudienceEntry {
  readonly person: NumberToken;
}

/** What the pipeline knows of a person. Times are epoch ms. */
export interface Standing {
  /** The carrier knows that the person wants no texts at all. */
  readonly textsOptedOut: boolean;
  readonly careGroup?: string;
  readonly warnedAt?: number;
  /** Last time at which a case was open, which may be now. */
  readonly contactedAt?: number;
  readonly noticedAt?: number;
}

/** Of whom the pipeline knows nothing. */
export const UNKNOWN_STANDING: Standing = { textsOptedOut: false };

export interface EligibilityContext {
  /** Epoch ms. */
  readonly now: number;
  readonly utcOffsetMinutes: number;
  /** Of people whose row names none. */
  readonly language: TextLanguage;
}

const DAY_MS = 86_400_000;

function within(at: number | undefined, days: number, now: number): boolean {
  return at !== undefined && now - at < days * DAY_MS;
}

/** The first reason for which a person is not texted, undefined for none. */
export function exclusionOf(
  campaign: Campaign,
  member: AudienceMember,
  standing: Standing,
  { language, now, utcOffsetMinutes }: EligibilityContext,
): Exclusion | undefined {
  const consent = consentOf(member, localDay(now, utcOffsetMinutes));
  if (consent === 'withdrawn') return 'consent-withdrawn';
  if (consent === 'none') return 'no-consent';
  if (standing.textsOptedOut) return 'texts-opted-out';
  if (!campaign.districts.includes(member.district)) return 'other-district';
  if (!member.groups.some((group) => campaign.groups.includes(group))) return 'other-group';
  if (noticeFor(campaign, member.language ?? language) === undefined) return 'no-text-in-language';
  const { careGroup } = standing;
  if (careGroup !== undefined && campaign.withoutCareGroups.includes(careGroup)) {
    return 'care-group';
  }
  const { afterContactDays, afterNoticeDays, afterWarningDays } = campaign.silence;
  if (within(standing.warnedAt, afterWarningDays, now)) return 'warned-lately';
  if (within(standing.contactedAt, afterContactDays, now)) return 'contacted-lately';
  if (within(standing.noticedAt, afterNoticeDays, now)) return 'noticed-lately';
  return undefined;
}
