import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';

/**
 * The campaigns table: `CAMPAIGN#<id>` holds what a campaign is and where it stands (`RUN`), and its texts of each day
 * (`DAY#<day>`); `PERSON#<token>` what each campaign did about a person (`NOTICE#<id>`), and the last notice of all
 * (`LAST`), so that two campaigns at once text nobody twice. People are spread over the table by their tokens.
 */
type Item = Record<string, AttributeValue>;

export const campaignKey = (id: string): Item => ({
  key: { S: `CAMPAIGN#${id}` },
  item: { S: 'RUN' },
});

/** @param day local day, as `2026-11-24` */
export const dayKey = (id: string, day: string): Item => ({
  key: { S: `CAMPAIGN#${id}` },
  item: { S: `DAY#${day}` },
});

export const noticeKey = (person: NumberToken, id: string): Item => ({
  key: { S: `PERSON#${person}` },
  item: { S: `NOTICE#${id}` },
});

export const lastNoticeKey = (person: NumberToken): Item => ({
  key: { S: `PERSON#${person}` },
  item: { S: 'LAST' },
});

/** Where all campaigns are listed, by the time of their first start. */
export const LIST_KEY = 'CAMPAIGNS';

/** What is counted on a campaign's item besides the reasons for skipping people. */
export const COUNTED = ['claimed', 'sent', 'refused', 'optedOut'] as const;
export type Counted = (typeof COUNTED)[number];
export const SKIPPED = 'skipped ';

/** Longer than any silence that a campaign may ask for. */
export const KEPT_SECONDS = 400 * 86_400;

/** When an item may go, for DynamoDB's time to live. @param now epoch ms */
export const expiryOf = (now: number): AttributeValue => ({
  N: String(Math.floor(now / 1000) + KEPT_SECONDS),
});
