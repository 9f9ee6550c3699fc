import type { TextLanguage } from '../policy.ts';

/** Groups of people to whom education is addressed. */
export const AUDIENCE_GROUPS = ['elderly', 'students', 'parents', 'staff'] as const;
export type AudienceGroup = (typeof AUDIENCE_GROUPS)[number];

/** What the register of the audience knows of one person. Days are local, as `2026-11-24`, and compare as text. */
export interface AudienceEntry {
  readonly district: string;
  readonly groups: readonly AudienceGroup[];
  /** Where the consent was given: a form, a school, an employer. */
  readonly source: string;
  /** Absent: the deployment's own language. */
  readonly language?: TextLanguage;
  /** Day on which the person last agreed to be texted. */
  readonly consent?: string;
  /** Day on which the person last asked not to be. */
  readonly optedOut?: string;
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}

/**
 * What a new row makes of an entry: it says anew where a person lives and what he belongs to, but of the days of
 * consent and opting out the latest stay, so that an old list that is loaded again takes no opt-out back.
 */
export function mergeAudience(known: AudienceEntry | undefined, row: AudienceEntry): AudienceEntry {
  const consent = later(known?.consent, row.consent);
  const optedOut = later(known?.optedOut, row.optedOut);
  const { district, groups, language, source } = row;
  return {
    district,
    groups,
    source,
    ...(language !== undefined && { language }),
    ...(consent !== undefined && { consent }),
    ...(optedOut !== undefined && { optedOut }),
  };
}

/**
 * Whether a person agrees to be texted. Opting out holds for ever, until consent is given on a later day.
 *
 * @param today local day
 */
export function consentOf(
  { consent, optedOut }: Pick<AudienceEntry, 'consent' | 'optedOut'>,
  today: string,
): 'given' | 'none' | 'withdrawn' {
  if (optedOut !== undefined && (consent === undefined || consent <= optedOut)) return 'withdrawn';
  // A day that has not come yet is a slip of the pen, and no consent.
  return consent !== undefined && consent <= today ? 'given' : 'none';
}

/** What is kept of a person who was taken out of the register: only that he wants no texts, if he said so. */
export function leavingAudience({ optedOut }: AudienceEntry): AudienceEntry | undefined {
  return optedOut === undefined ? undefined : { district: '', groups: [], source: '', optedOut };
}
