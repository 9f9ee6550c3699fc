import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { readBudgetDay } from '../../../../functions/adapters/budget-ledger.ts';
import {
  type CampaignStore,
  changeRun,
  createCampaignsTable,
} from '../../../../functions/adapters/campaigns-table.ts';
import {
  createNoticesTable,
  type NoticeRun,
  type NoticeStore,
} from '../../../../functions/adapters/notices-table.ts';
import { createRegistersTable } from '../../../../functions/adapters/registers-table.ts';
import {
  createStandingReader,
  type StandingReader,
} from '../../../../functions/adapters/standing-tables.ts';
import type { CampaignRun } from '../../../../lib/domain/campaign/campaign-run.ts';
import { NEW_SUBJECT } from '../../../../lib/domain/subject/subject-state.ts';
import { aCampaign } from '../../../domain/campaign/a-campaign.ts';
import { SUBJECT, tokenOf } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';

const NOW = 1_795_000_000_000;
const DAY_MS = 86_400_000;
const RUNNING: CampaignRun = {
  state: 'running',
  stage: 'first',
  run: 1,
  since: { first: NOW },
  changedAt: NOW,
  changedBy: 'Li Na',
};
const NO_WAIT = { attempts: 60, random: Math.random, delay: () => Promise.resolve() };

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeCampaignsTable(client: () => DynamoDBClient): void {
  describe('campaigns', () => {
    let tables: { campaigns: string; subjects: string; registers: string };
    let campaigns: CampaignStore;
    let notices: NoticeStore;
    let standing: StandingReader;

    beforeEach(async () => {
      tables = {
        campaigns: await createTable(client(), 'campaigns'),
        subjects: await createTable(client(), 'subjects'),
        registers: await createTable(client(), 'registers'),
      };
      campaigns = createCampaignsTable(client(), tables.campaigns, () => Promise.resolve());
      notices = createNoticesTable(client(), tables, NO_WAIT);
      standing = createStandingReader(client(), tables);
    });

    const start = (id = 'one') => campaigns.create(aCampaign({ id }), RUNNING);
    const runOf = (changes: Partial<NoticeRun> = {}): NoticeRun => ({
      campaignId: 'one',
      run: 1,
      silentSince: NOW - 30 * DAY_MS,
      day: '2026-11-18',
      textsPerDay: 100,
      burdenRoom: 100,
      ...changes,
    });
    const countsOf = async (id = 'one') => (await campaigns.read(id))?.counts;

    test('are created once, changed by one writer at a time, and listed by their start', async () => {
      expect(await start()).toBe(true);
      expect(await start()).toBe(false);
      await campaigns.create(aCampaign({ id: 'two' }), { ...RUNNING, changedAt: NOW + 1 });
      const ids: string[] = [];
      for await (const id of campaigns.list()) ids.push(id);
      expect(ids).toEqual(['two', 'one']);
      expect((await campaigns.read('one'))?.run).toEqual(RUNNING);
      await Promise.all(
        [1, 2, 3].map(() =>
          changeRun(campaigns, 'one', ({ run }) => ({ ...run, run: run.run + 1 })),
        ),
      );
      expect((await campaigns.read('one'))?.run.run).toBe(4);
      expect(await campaigns.update('one', RUNNING, RUNNING)).toBe(false);
      expect(await changeRun(campaigns, 'none', () => RUNNING)).toBeUndefined();
    });

    test('text a person once, however many claim it at once', async () => {
      await start();
      const claims = await Promise.all(
        Array.from({ length: 6 }, () => notices.claim(SUBJECT, runOf(), NOW)),
      );
      expect(claims.filter((claim) => claim === 'claimed')).toHaveLength(1);
      expect(claims.filter((claim) => claim === 'taken')).toHaveLength(5);
      expect(await countsOf()).toMatchObject({ claimed: 1, sent: 0 });
      await notices.settle(SUBJECT, 'one', 'sent', NOW, 'm-1');
      await notices.settle(SUBJECT, 'one', 'sent', NOW, 'm-1');
      expect(await countsOf()).toMatchObject({ claimed: 1, sent: 1 });
      expect((await readBudgetDay(client(), tables.subjects, '2026-11-18')).booked).toBe(1);
    });

    test('count nobody twice who is claimed, skipped and settled again', async () => {
      await start();
      expect(await notices.skip(SUBJECT, 'one', 'warned-lately', NOW)).toBe(true);
      expect(await notices.skip(SUBJECT, 'one', 'no-consent', NOW)).toBe(false);
      expect(await notices.claim(SUBJECT, runOf(), NOW)).toBe('taken');
      expect(await countsOf()).toEqual({
        claimed: 0,
        sent: 0,
        refused: 0,
        optedOut: 0,
        skipped: { 'warned-lately': 1 },
      });
    });

    test('are never over the day’s texts, their own or those of the burden', async () => {
      await start();
      const claim = (index: number, changes: Partial<NoticeRun>) =>
        notices.claim(tokenOf(index), runOf(changes), NOW);
      const many = await Promise.all([1, 2, 3, 4, 5].map((i) => claim(i, { textsPerDay: 3 })));
      expect(many.filter((one) => one === 'claimed')).toHaveLength(3);
      expect(many.filter((one) => one === 'over-budget')).toHaveLength(2);
      expect(await claim(6, { burdenRoom: 3 })).toBe('over-budget');
      expect(await claim(6, { burdenRoom: 4 })).toBe('claimed');
      expect(await claim(7, { day: '2026-11-19', textsPerDay: 1 })).toBe('claimed');
      expect(await countsOf()).toMatchObject({ claimed: 5 });
    });

    test('text nobody any more once they are stopped, or another run has begun', async () => {
      await start();
      const read = await campaigns.read('one');
      if (read === undefined) throw new Error('not created');
      await campaigns.update('one', read.run, { ...read.run, state: 'stopped' });
      expect(await notices.claim(SUBJECT, runOf(), NOW)).toBe('stopped');
      await changeRun(campaigns, 'one', ({ run }) => ({ ...run, state: 'running', run: 2 }));
      expect(await notices.claim(SUBJECT, runOf(), NOW)).toBe('stopped');
      expect(await notices.claim(SUBJECT, runOf({ run: 2 }), NOW)).toBe('claimed');
      expect((await readBudgetDay(client(), tables.subjects, '2026-11-18')).booked).toBe(1);
    });

    test('leave a person alone after the notice of another campaign', async () => {
      await start();
      await start('two');
      expect(await notices.claim(SUBJECT, runOf(), NOW)).toBe('claimed');
      const later = (ms: number) => runOf({ campaignId: 'two', silentSince: NOW + ms });
      expect(await notices.claim(SUBJECT, later(-1), NOW)).toBe('noticed-lately');
      expect((await countsOf('two'))?.claimed).toBe(0);
      expect(await notices.claim(SUBJECT, later(0), NOW)).toBe('claimed');
    });

    test('keep the seats of a person whom the carrier could not take, for the next try', async () => {
      await start();
      await notices.claim(SUBJECT, runOf(), NOW);
      await notices.defer(SUBJECT, 'one');
      expect(await countsOf()).toMatchObject({ claimed: 0 });
      expect(await notices.claim(SUBJECT, runOf({ textsPerDay: 1 }), NOW + 1)).toBe('claimed');
      expect(await notices.claim(SUBJECT, runOf(), NOW + 2)).toBe('taken');
      expect((await readBudgetDay(client(), tables.subjects, '2026-11-18')).booked).toBe(1);
      expect(await countsOf()).toMatchObject({ claimed: 1 });
    });

    test('know of a person what every part of the pipeline does', async () => {
      await start();
      const people = [1, 2, 3, 4, 5].map(tokenOf) as [string, string, string, string, string];
      const [warned, inCase, wasInCase, optedOut, inCare] = people;
      const registers = createRegistersTable(client(), tables.registers);
      await registers.putCare(inCare, 'dementia');
      const put = (subject: string, item: string, rest: object) =>
        client().send(
          new PutItemCommand({
            TableName: tables.subjects,
            Item: { subject: { S: subject }, item: { S: item }, ...rest },
          }),
        );
      const putState = (subject: string, state: object) =>
        put(subject, 'STATE', { state: { S: JSON.stringify({ ...NEW_SUBJECT, ...state }) } });
      const episode = { ordinal: 1, tier: 'high', caseId: 'c' };
      await putState(warned, {
        warnings: [
          { id: 'a', at: 1_000 },
          { id: 'b', at: 2_000 },
        ],
      });
      await putState(inCase, { episode });
      await put(inCase, 'CASE#c', { status: { S: 'open' } });
      await putState(wasInCase, { episode, formerCase: { id: 'd', until: 0 } });
      await put(wasInCase, 'CASE#c', { status: { S: 'closed' }, closedAt: { N: '7' } });
      await put(wasInCase, 'CASE#d', { status: { S: 'closed' }, closedAt: { N: '5' } });
      await put(optedOut, 'OPTOUT', {});
      await notices.claim(optedOut, runOf(), NOW);

      const found = await standing.standings([...people, warned, tokenOf(9)], NOW, true);
      expect(Object.fromEntries(found)).toEqual({
        [warned]: { textsOptedOut: false, warnedAt: 2_000_000 },
        [inCase]: { textsOptedOut: false, contactedAt: NOW },
        [wasInCase]: { textsOptedOut: false, contactedAt: 7 },
        [optedOut]: { textsOptedOut: true, noticedAt: NOW },
        [inCare]: { textsOptedOut: false, careGroup: 'dementia' },
        [tokenOf(9)]: { textsOptedOut: false },
      });
      expect((await standing.states(people)).size).toBe(3);
    });
  });
}
