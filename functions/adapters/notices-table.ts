import type { AttributeValue, DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Exclusion } from '../../lib/domain/campaign/eligibility.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { takeSeat } from './budget-ledger.ts';
import {
  type Counted,
  campaignKey,
  dayKey,
  expiryOf,
  lastNoticeKey,
  noticeKey,
  SKIPPED,
} from './campaign-keys.ts';
import { TableError } from './errors.ts';
import { CONDITION_FAILED, transact } from './transact.ts';

/** Which run of which campaign texts, and within what. */
export interface NoticeRun {
  readonly campaignId: string;
  readonly run: number;
  /** Nobody who had a notice of another campaign after this time (epoch ms) gets one. */
  readonly silentSince: number;
  /** Local day, as `2026-11-24`. */
  readonly day: string;
  /** Most texts of the campaign on a day. */
  readonly textsPerDay: number;
  /** It may go out while fewer texts than this, warnings included, were booked that day. */
  readonly burdenRoom: number;
}

/** What became of the wish to text a person. */
export type NoticeClaim =
  | 'claimed'
  /** It was done, or somebody else is at it, or was when he crashed. */
  | 'taken'
  | 'noticed-lately'
  /** The stop button was pressed, or another run has begun. */
  | 'stopped'
  | 'over-budget';

/** An end of a notice that was claimed. */
export type NoticeEnd = Exclude<Counted, 'claimed'>;

/** What send-notices needs of the table. */
export interface NoticeStore {
  /**
   * Takes a person for texting, once and for ever, in one transaction: the person, the silence between campaigns, the
   * stop button, the day's seats. Whoever crashes after it leaves a person who is not texted again.
   *
   * @param now epoch ms
   */
  claim(person: NumberToken, run: NoticeRun, now: number): Promise<NoticeClaim>;
  /** Records the end of what was claimed. @param messageId of the text that was sent */
  settle(
    person: NumberToken,
    campaignId: string,
    end: NoticeEnd,
    now: number,
    messageId?: string,
  ): Promise<void>;
  /** Gives a claim back whose text the carrier could not take now: the next one keeps its seats. */
  defer(person: NumberToken, campaignId: string): Promise<void>;
  /**
   * Passes a person over for good, and counts why.
   *
   * @returns false for one of whom an end is known already
   */
  skip(person: NumberToken, campaignId: string, reason: Exclusion, now: number): Promise<boolean>;
}

type Status = 'claimed' | 'deferred' | 'skipped' | NoticeEnd;

const OPEN = '(attribute_not_exists(#key) OR #status = :deferred)';
const NAMES = { '#key': 'key', '#status': 'status' };

const number = (value: number): AttributeValue => ({ N: String(value) });
const status = (value: Status): AttributeValue => ({ S: value });

export function createNoticesTable(
  client: DynamoDBClient,
  tables: { readonly campaigns: string; readonly subjects: string },
  patience: Patience = DEFAULT_PATIENCE,
): NoticeStore {
  const TableName = tables.campaigns;

  const count = (id: string, name: string, by: number): TransactWriteItem => ({
    Update: {
      TableName,
      Key: campaignKey(id),
      UpdateExpression: 'ADD #counted :by',
      ExpressionAttributeNames: { '#counted': name },
      ExpressionAttributeValues: { ':by': number(by) },
    },
  });

  /** @returns the codes of the writes when one of their conditions failed; none when all were written */
  async function write(writes: TransactWriteItem[]): Promise<readonly string[]> {
    for (let attempt = 0; attempt < patience.attempts; attempt++) {
      const codes = await transact(client, writes);
      if (codes.length === 0 || codes.includes(CONDITION_FAILED)) return codes;
      // Others count on the same campaign and day.
      await patience.delay(backoffMs(attempt, patience.random));
    }
    throw new TableError('a campaign stayed busy');
  }

  const mark = (
    person: NumberToken,
    id: string,
    set: string,
    values: Record<string, AttributeValue>,
    condition: string,
  ): TransactWriteItem => ({
    Update: {
      TableName,
      Key: noticeKey(person, id),
      UpdateExpression: `SET #status = :status, ${set}`,
      ConditionExpression: condition,
      // DynamoDB refuses names that an expression does not use.
      ExpressionAttributeNames: condition.includes('#key') ? NAMES : { '#status': 'status' },
      ExpressionAttributeValues: values,
    },
  });

  const claimWrites = (
    person: NumberToken,
    { burdenRoom, campaignId, day, run, silentSince, textsPerDay }: NoticeRun,
    now: number,
  ): TransactWriteItem[] => [
    {
      Update: {
        TableName,
        Key: noticeKey(person, campaignId),
        UpdateExpression:
          'SET #status = :claimed, claimedAt = :now, expiresAt = :expires, bookedOn = :day',
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: NAMES,
        ExpressionAttributeValues: {
          ':claimed': status('claimed'),
          ':now': number(now),
          ':expires': expiryOf(now),
          ':day': { S: day },
        },
      },
    },
    {
      Update: {
        TableName,
        Key: lastNoticeKey(person),
        UpdateExpression: 'SET noticedAt = :now, campaignId = :id, expiresAt = :expires',
        ConditionExpression: 'attribute_not_exists(noticedAt) OR noticedAt <= :since',
        ExpressionAttributeValues: {
          ':now': number(now),
          ':id': { S: campaignId },
          ':expires': expiryOf(now),
          ':since': number(silentSince),
        },
      },
    },
    claimCount(campaignId, run),
    {
      Update: {
        TableName,
        Key: dayKey(campaignId, day),
        UpdateExpression: 'SET expiresAt = :expires ADD booked :one',
        ConditionExpression: 'attribute_not_exists(booked) OR booked < :room',
        ExpressionAttributeValues: {
          ':expires': expiryOf(now),
          ':one': number(1),
          ':room': number(textsPerDay),
        },
      },
    },
    takeSeat(tables.subjects, { band: 'notices', day, room: burdenRoom }, now),
  ];

  const claimCount = (campaignId: string, run: number): TransactWriteItem => ({
    Update: {
      TableName,
      Key: campaignKey(campaignId),
      UpdateExpression: 'ADD #claimed :one',
      ConditionExpression: '#state = :running AND runNumber = :run',
      ExpressionAttributeNames: { '#claimed': 'claimed', '#state': 'state' },
      ExpressionAttributeValues: {
        ':one': number(1),
        ':running': { S: 'running' },
        ':run': number(run),
      },
    },
  });

  /** A claim of what was given back: its seats, and its place among the notices of the person, are its own already. */
  const reclaimWrites = (
    person: NumberToken,
    { campaignId, run }: NoticeRun,
    now: number,
  ): TransactWriteItem[] => [
    mark(
      person,
      campaignId,
      'claimedAt = :now',
      { ':status': status('claimed'), ':now': number(now), ':deferred': status('deferred') },
      '#status = :deferred',
    ),
    claimCount(campaignId, run),
  ];

  return {
    async claim(person, run, now) {
      const [notice, last, campaign, ...seats] = await write(claimWrites(person, run, now));
      if (notice === undefined) return 'claimed';
      if (campaign === CONDITION_FAILED) return 'stopped';
      if (notice === CONDITION_FAILED) {
        const [again, counted] = await write(reclaimWrites(person, run, now));
        if (again === undefined) return 'claimed';
        return counted === CONDITION_FAILED ? 'stopped' : 'taken';
      }
      if (last === CONDITION_FAILED) return 'noticed-lately';
      return seats.includes(CONDITION_FAILED) ? 'over-budget' : 'taken';
    },
    async settle(person, campaignId, end, now, messageId) {
      await write([
        mark(
          person,
          campaignId,
          `settledAt = :now${messageId === undefined ? '' : ', messageId = :message'}`,
          {
            ':status': status(end),
            ':now': number(now),
            ':claimed': status('claimed'),
            ...(messageId !== undefined && { ':message': { S: messageId } }),
          },
          '#status = :claimed',
        ),
        count(campaignId, end, 1),
      ]);
    },
    async defer(person, campaignId) {
      await write([
        {
          Update: {
            TableName,
            Key: noticeKey(person, campaignId),
            UpdateExpression: 'SET #status = :status ADD deferrals :one',
            ConditionExpression: '#status = :claimed',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':status': status('deferred'),
              ':claimed': status('claimed'),
              ':one': number(1),
            },
          },
        },
        count(campaignId, 'claimed', -1),
      ]);
    },
    async skip(person, campaignId, reason, now) {
      const codes = await write([
        mark(
          person,
          campaignId,
          'reason = :reason, settledAt = :now, expiresAt = :expires',
          {
            ':status': status('skipped'),
            ':reason': { S: reason },
            ':now': number(now),
            ':expires': expiryOf(now),
            ':deferred': status('deferred'),
          },
          OPEN,
        ),
        count(campaignId, SKIPPED + reason, 1),
      ]);
      return codes.length === 0;
    },
  };
}
