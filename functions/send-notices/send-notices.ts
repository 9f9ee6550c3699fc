import { type Campaign, isExpired, noticeFor } from '../../lib/domain/campaign/campaign.ts';
import {
  type Exclusion,
  exclusionOf,
  UNKNOWN_STANDING,
} from '../../lib/domain/campaign/eligibility.ts';
import { noticeRoom } from '../../lib/domain/campaign/plan.ts';
import { nextDayAt, quietUntil } from '../../lib/domain/campaign/quiet-hours.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Policy, TextLanguage } from '../../lib/domain/policy.ts';
import { localDay } from '../../lib/domain/subject/burden-budget.ts';
import type { ListedPerson } from '../adapters/campaign-lists.ts';
import type { CampaignStore } from '../adapters/campaigns-table.ts';
import { rememberOptOut } from '../adapters/give-up-text.ts';
import type { NoticeStore } from '../adapters/notices-table.ts';
import type { AudienceStore } from '../adapters/registers-table.ts';
import type { Sealer } from '../adapters/sealing.ts';
import type { SmsSender } from '../adapters/sms-sender.ts';
import type { StandingReader } from '../adapters/standing-tables.ts';
import type { WarningStore } from '../adapters/subjects-table.ts';

/** A batch of people, as the workflow's map hands it over. */
export interface NoticeBatch {
  readonly BatchInput: {
    readonly campaignId: string;
    readonly run: number;
    /** Batches worked on at the same time: each keeps its part of the campaign's pace. */
    readonly concurrency: number;
  };
  readonly Items: readonly ListedPerson[];
}

/** What the workflow does next: the batch is done, begins again at once, or at a time (ISO 8601). */
export type NextStep =
  | { readonly next: 'done' }
  | { readonly next: 'again' }
  | { readonly next: 'wait'; readonly until: string };

/** What became of one person, for the metrics. */
export type NoticeVisit =
  | 'sent'
  | 'refused'
  | 'opted-out'
  | 'deferred'
  /** The carrier did not say whether it took the text. */
  | 'uncertain'
  | 'taken'
  | 'skipped';

export interface SendNoticesPorts {
  readonly campaigns: Pick<CampaignStore, 'read'>;
  readonly notices: NoticeStore;
  readonly audience: Pick<AudienceStore, 'audienceEntry'>;
  readonly standing: Pick<StandingReader, 'standings'>;
  readonly people: Pick<WarningStore, 'recordOptOut'>;
  readonly sender: SmsSender;
  readonly sealer: Sealer;
  readonly policy: Policy;
  readonly language: TextLanguage;
  readonly count: (visits: readonly NoticeVisit[]) => void;
  /** Ms that the invocation still has. */
  readonly timeLeft: () => number;
  readonly delay: (ms: number) => Promise<unknown>;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Less time than this does not do for one more person: a slow carrier takes some ten seconds. */
const TIME_FOR_ONE_MS = 25_000;
/** Answers of SNS by which it is known that no text went out, and that one may later. */
const NOT_NOW: ReadonlySet<string> = new Set([
  'Throttled',
  'ThrottledException',
  'ThrottlingException',
  'KMSThrottlingException',
  'TooManyRequestsException',
  // The account's spending quota.
  'UserError',
  'UserErrorException',
]);
/** After the carrier took no text for now. */
const CARRIER_PAUSE_MS = 60_000;
const DAY_MS = 86_400_000;
const DONE: NextStep = { next: 'done' };

const waitUntil = (at: number): NextStep => ({ next: 'wait', until: new Date(at).toISOString() });

/** Why a person who was drawn is not texted now; or the text. */
async function noticeOf(
  person: NumberToken,
  campaign: Campaign,
  now: number,
  { audience, language, policy, standing }: SendNoticesPorts,
): Promise<{ readonly reason: Exclusion } | { readonly text: string }> {
  const entry = await audience.audienceEntry(person);
  // Taken out of the register since the draw: whatever was agreed to is not there any more.
  if (entry === undefined) return { reason: 'no-consent' };
  const known = (await standing.standings([person], now, true)).get(person) ?? UNKNOWN_STANDING;
  // The claim looks at the last notice itself: it may be this one, given back for want of a carrier.
  const { noticedAt: _noticedAt, ...standingBut } = known;
  const { utcOffsetMinutes } = policy.subjects;
  const context = { now, utcOffsetMinutes, language };
  const reason = exclusionOf(campaign, { person, ...entry }, standingBut, context);
  if (reason !== undefined) return { reason };
  const text = noticeFor(campaign, entry.language ?? language);
  return text === undefined ? { reason: 'no-text-in-language' } : { text };
}

type Outcome =
  | { readonly visit: NoticeVisit }
  | { readonly step: NextStep; readonly visit?: NoticeVisit };

/** Texts one person, if nothing speaks against it. */
async function notify(
  person: NumberToken,
  campaign: Campaign,
  run: number,
  ports: SendNoticesPorts,
): Promise<Outcome> {
  const { notices, policy, sealer, sender } = ports;
  const { id } = campaign;
  const { utcOffsetMinutes } = policy.subjects;
  const now = ports.now();
  const found = await noticeOf(person, campaign, now, ports);
  const skip = async (reason: Exclusion): Promise<Outcome> => ({
    visit: (await notices.skip(person, id, reason, now)) ? 'skipped' : 'taken',
  });
  if ('reason' in found) return skip(found.reason);
  const claim = await notices.claim(
    person,
    {
      campaignId: id,
      run,
      silentSince: now - campaign.silence.afterNoticeDays * DAY_MS,
      day: localDay(now, utcOffsetMinutes),
      textsPerDay: campaign.budget.textsPerDay,
      burdenRoom: noticeRoom(campaign, policy.warnings.budget),
    },
    now,
  );
  switch (claim) {
    case 'taken':
      return { visit: 'taken' };
    case 'stopped':
      return { step: DONE };
    case 'over-budget':
      return { step: waitUntil(nextDayAt(campaign.quietHours, now, utcOffsetMinutes)) };
    case 'noticed-lately':
      return skip('noticed-lately');
  }
  const outcome = await sender.send(sealer.unseal(person).number, found.text);
  const at = ports.now();
  switch (outcome.kind) {
    case 'sent':
      await notices.settle(person, id, 'sent', at, outcome.messageId);
      return { visit: 'sent' };
    case 'opted-out':
      await rememberOptOut(ports.people, person, at);
      await notices.settle(person, id, 'optedOut', at);
      return { visit: 'opted-out' };
    case 'refused':
      await notices.settle(person, id, 'refused', at);
      return { visit: 'refused' };
    case 'later': {
      const step = waitUntil(at + CARRIER_PAUSE_MS);
      // An answer that was lost may have been a yes: the person stays claimed.
      if (!NOT_NOW.has(outcome.reason)) return { visit: 'uncertain', step };
      await notices.defer(person, id);
      return { visit: 'deferred', step };
    }
  }
}

/**
 * Texts the people of a batch at the batch's part of the campaign's pace. Each is claimed before the text goes out, so
 * a batch that comes again passes over those who had theirs; whoever was claimed by a run that crashed is not texted
 * again, and stays counted as uncertain.
 */
export async function sendNotices(
  { BatchInput, Items }: NoticeBatch,
  ports: SendNoticesPorts,
): Promise<NextStep> {
  const { campaignId, concurrency, run } = BatchInput;
  const visits: NoticeVisit[] = [];
  const work = async (): Promise<NextStep> => {
    const stored = await ports.campaigns.read(campaignId);
    if (stored === undefined || stored.run.state !== 'running' || stored.run.run !== run) {
      return DONE;
    }
    const { campaign } = stored;
    const paceMs = (1000 * concurrency) / campaign.perSecond;
    for (const { person } of Items) {
      const begun = ports.now();
      if (isExpired(campaign, begun)) return DONE;
      const quiet = quietUntil(campaign.quietHours, begun, ports.policy.subjects.utcOffsetMinutes);
      if (quiet !== undefined) return waitUntil(quiet);
      if (ports.timeLeft() < TIME_FOR_ONE_MS) return { next: 'again' };
      const outcome = await notify(person, campaign, run, ports);
      if (outcome.visit !== undefined) visits.push(outcome.visit);
      if ('step' in outcome) return outcome.step;
      const rest = paceMs - (ports.now() - begun);
      if (outcome.visit === 'sent' && rest > 0) await ports.delay(rest);
    }
    return DONE;
  };
  try {
    return await work();
  } finally {
    ports.count(visits);
  }
}
