import { describe, expect, test } from 'vitest';
import type { NoticeClaim, NoticeStore } from '../../../functions/adapters/notices-table.ts';
import { sealNumber } from '../../../functions/adapters/sealing.ts';
import type { SendOutcome } from '../../../functions/adapters/sms-sender.ts';
import {
  type NoticeBatch,
  type NoticeVisit,
  type SendNoticesPorts,
  sendNotices,
} from '../../../functions/send-notices/send-notices.ts';
import type { Campaign } from '../../../lib/domain/campaign/campaign.ts';
import type { CampaignRun } from '../../../lib/domain/campaign/campaign-run.ts';
import type { Standing } from '../../../lib/domain/campaign/eligibility.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import type { AudienceEntry } from '../../../lib/domain/registers/audience.ts';
import { aCampaign } from '../../domain/campaign/a-campaign.ts';
import { TEST_SEALER } from '../../support/in-memory-pipeline.ts';

const NOON = Date.parse('2026-11-27T12:00:00+08:00');
const numberOf = (index: number) => `+861380013${String(8_000 + index)}`;
const tokenOf = (index: number) =>
  sealNumber({ kind: 'subscriber', number: numberOf(index) }, TEST_SEALER);
const STUDENT: AudienceEntry = {
  district: '510104',
  groups: ['students'],
  source: 'school',
  consent: '2026-01-01',
};

interface World {
  readonly campaign?: Partial<Campaign>;
  readonly run?: Partial<CampaignRun>;
  readonly entries?: ReadonlyMap<string, AudienceEntry | undefined>;
  readonly standing?: Partial<Standing>;
  readonly claim?: (nth: number) => NoticeClaim;
  readonly answers?: SendOutcome[];
  readonly timeLeft?: number[];
  readonly now?: number;
}

/** A batch's surroundings: the store knows who was claimed, and forgets nothing when a run crashes. */
function desk(world: World = {}) {
  const marks = new Map<string, string>();
  const skipped: string[] = [];
  const texts: { to: string; text: string }[] = [];
  const pauses: number[] = [];
  const visits: NoticeVisit[] = [];
  const optedOut: string[] = [];
  let claims = 0;
  let now = world.now ?? NOON;
  let crashAfterPublish = false;
  const notices: NoticeStore = {
    async claim(person) {
      const asked = world.claim?.(claims++) ?? 'claimed';
      if (asked !== 'claimed') return asked;
      const known = marks.get(person);
      if (known !== undefined && known !== 'deferred') return 'taken';
      marks.set(person, 'claimed');
      return 'claimed';
    },
    async settle(person, _id, end) {
      if (crashAfterPublish) throw new Error('the function ends here');
      marks.set(person, end);
    },
    async defer(person) {
      marks.set(person, 'deferred');
    },
    async skip(person, _id, reason) {
      const known = marks.get(person);
      if (known !== undefined && known !== 'deferred') return false;
      marks.set(person, 'skipped');
      skipped.push(reason);
      return true;
    },
  };
  const answers = world.answers ?? [];
  const left = world.timeLeft ?? [];
  const run: CampaignRun = {
    state: 'running',
    stage: 'all',
    run: 3,
    since: {},
    changedAt: 0,
    changedBy: '',
    ...world.run,
  };
  const counts = { claimed: 0, sent: 0, refused: 0, optedOut: 0, skipped: {} };
  const ports: SendNoticesPorts = {
    campaigns: { read: async () => ({ campaign: aCampaign(world.campaign), run, counts }) },
    notices,
    audience: {
      audienceEntry: async (person) =>
        world.entries?.has(person) ? world.entries.get(person) : STUDENT,
    },
    standing: {
      standings: async (people) =>
        new Map(people.map((person) => [person, { textsOptedOut: false, ...world.standing }])),
    },
    people: { recordOptOut: async (person) => void optedOut.push(person) },
    sender: {
      async send(to, text) {
        const answer = answers.shift() ?? { kind: 'sent', messageId: 'm' };
        if (answer.kind === 'sent') texts.push({ to, text });
        return answer;
      },
    },
    sealer: TEST_SEALER,
    policy: loadDefaultPolicy(),
    language: 'zh-CN',
    count: (more) => void visits.push(...more),
    timeLeft: () => left.shift() ?? 100_000,
    delay: async (ms) => {
      pauses.push(ms);
      now += ms;
    },
    now: () => now,
  };
  const batch: NoticeBatch = {
    BatchInput: { campaignId: 'c', run: 3, concurrency: 2 },
    Items: [0, 1, 2].map((index) => ({ person: tokenOf(index) })),
  };
  return {
    send: () => sendNotices(batch, ports),
    crashAfterPublish: (does: boolean) => {
      crashAfterPublish = does;
    },
    marks,
    optedOut,
    pauses,
    skipped,
    texts,
    visits,
  };
}

describe('A batch of notices', () => {
  test('is texted, each to one person, at its part of the campaign’s pace', async () => {
    const { pauses, send, texts, visits } = desk();
    expect(await send()).toEqual({ next: 'done' });
    expect(texts.map(({ to }) => to)).toEqual([0, 1, 2].map(numberOf));
    expect(new Set(texts.map(({ text }) => text))).toEqual(new Set([aCampaign().texts['zh-CN']]));
    // Two batches share 20 texts a second.
    expect(pauses).toEqual([100, 100, 100]);
    expect(visits).toEqual(['sent', 'sent', 'sent']);
  });

  test('that comes again texts nobody a second time', async () => {
    const { send, texts } = desk();
    await send();
    await send();
    expect(texts).toHaveLength(3);
  });

  test('whose function crashed between text and record texts that person no second time', async () => {
    const { crashAfterPublish, marks, send, texts, visits } = desk();
    crashAfterPublish(true);
    await expect(send()).rejects.toThrow('ends here');
    expect(texts).toHaveLength(1);
    crashAfterPublish(false);
    expect(await send()).toEqual({ next: 'done' });
    expect(texts.map(({ to }) => to)).toEqual([0, 1, 2].map(numberOf));
    // Stays claimed, which is counted as uncertain.
    expect([...marks.values()]).toEqual(['claimed', 'sent', 'sent']);
    expect(visits).toEqual(['taken', 'sent', 'sent']);
  });

  test.each<[string, World]>([
    ['stopped', { run: { state: 'stopped' } }],
    ['of an earlier run', { run: { run: 4 } }],
    ['expired', { now: Date.parse('2027-01-01T12:00:00+08:00') }],
  ])('of a campaign that is %s texts nobody', async (_what, world) => {
    const { send, texts } = desk(world);
    expect(await send()).toEqual({ next: 'done' });
    expect(texts).toEqual([]);
  });

  test('ends with the person at whom the stop button was pressed', async () => {
    const { send, texts } = desk({ claim: (nth) => (nth === 1 ? 'stopped' : 'claimed') });
    expect(await send()).toEqual({ next: 'done' });
    expect(texts).toHaveLength(1);
  });

  test('waits for the end of the quiet hours', async () => {
    const { send, texts } = desk({ now: Date.parse('2026-11-27T23:00:00+08:00') });
    expect(await send()).toEqual({ next: 'wait', until: '2026-11-28T00:00:00.000Z' });
    expect(texts).toEqual([]);
  });

  test('waits for the next waking day when the budget is used up', async () => {
    const { send, texts } = desk({ claim: (nth) => (nth === 2 ? 'over-budget' : 'claimed') });
    expect(await send()).toEqual({ next: 'wait', until: '2026-11-28T00:00:00.000Z' });
    expect(texts).toHaveLength(2);
  });

  test('begins again when its function runs out of time', async () => {
    const { send, texts } = desk({ timeLeft: [100_000, 20_000] });
    expect(await send()).toEqual({ next: 'again' });
    expect(texts).toHaveLength(1);
    expect(await send()).toEqual({ next: 'done' });
    expect(texts).toHaveLength(3);
  });

  test('gives a person back whom the carrier cannot take now, and tries again in a minute', async () => {
    const { send, texts, visits } = desk({ answers: [{ kind: 'later', reason: 'Throttled' }] });
    expect(await send()).toEqual({ next: 'wait', until: new Date(NOON + 60_000).toISOString() });
    expect(texts).toEqual([]);
    expect(await send()).toEqual({ next: 'done' });
    expect(texts).toHaveLength(3);
    expect(visits).toEqual(['deferred', 'sent', 'sent', 'sent']);
  });

  test.each(['TimeoutError', 'InternalError'])(
    'texts nobody a second time of whom the carrier did not say whether it took the text: %s',
    async (reason) => {
      const { marks, send, texts, visits } = desk({ answers: [{ kind: 'later', reason }] });
      expect(await send()).toMatchObject({ next: 'wait' });
      expect(await send()).toEqual({ next: 'done' });
      expect(texts.map(({ to }) => to)).toEqual([1, 2].map(numberOf));
      expect(marks.get(tokenOf(0))).toBe('claimed');
      expect(visits).toEqual(['uncertain', 'taken', 'sent', 'sent']);
    },
  );

  test('remembers who opted out at the carrier, and whom it refuses', async () => {
    const { marks, optedOut, send, visits } = desk({
      answers: [{ kind: 'opted-out' }, { kind: 'refused', reason: 'InvalidParameter' }],
    });
    await send();
    expect(optedOut).toEqual([tokenOf(0)]);
    expect([...marks.values()]).toEqual(['optedOut', 'refused', 'sent']);
    expect(visits).toEqual(['opted-out', 'refused', 'sent']);
  });

  test('passes over who is not fit for it any more, and says why', async () => {
    const left = desk({
      entries: new Map([
        [tokenOf(0), undefined],
        [tokenOf(1), { ...STUDENT, optedOut: '2026-11-26' }],
      ]),
    });
    await left.send();
    expect(left.skipped).toEqual(['no-consent', 'consent-withdrawn']);
    expect(left.texts).toHaveLength(1);
    const warned = desk({ standing: { warnedAt: NOON - 1 } });
    await warned.send();
    expect(warned.skipped).toEqual(['warned-lately', 'warned-lately', 'warned-lately']);
    const noticed = desk({ claim: () => 'noticed-lately' });
    await noticed.send();
    expect(noticed.skipped).toHaveLength(3);
    expect(noticed.texts).toEqual([]);
  });

  test('says it in the language of each person', async () => {
    const { send, texts } = desk({
      entries: new Map([[tokenOf(1), { ...STUDENT, language: 'en' }]]),
    });
    await send();
    expect(texts[1]?.text).toBe(aCampaign().texts.en);
  });
});
