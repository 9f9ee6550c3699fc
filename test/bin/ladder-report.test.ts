import { describe, expect, it } from 'vitest';
import { ladderPage } from '../../bin/replay/ladder-page.ts';
import {
  type CaseStory,
  ladderTable,
  reportLadder,
  storyOfCase,
} from '../../bin/replay/ladder-report.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { type CaseHead, openCase } from '../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import type { TimelineEvent } from '../../lib/domain/ladder/timeline-event.ts';
import { scriptOf } from '../../lib/simulation/officers/person-script.ts';
import { SUBJECT } from '../domain/factories.ts';

const START = 1_795_000_000_000;
/** A minute of the ladder is a second. */
const SPEED = 60;
const SECOND = 1_000;
const { ladder } = loadDefaultPolicy();

function headOf(more: Partial<CaseHead> = {}): CaseHead {
  const { changed } = openCase(
    {
      caseId: 'case',
      subject: SUBJECT,
      kind: 'loan',
      tier: 'medium',
      district: '',
      openedBy: 'policy',
      policyVersion: 1,
      ladder,
      utcOffsetMinutes: 480,
      reasons: [],
      heard: nothingHeard('medium'),
    },
    START,
  );
  return { ...changed, state: 'watching', ...more };
}

type Told = Partial<TimelineEvent> & Pick<TimelineEvent, 'kind'>;

function event(minute: number, { by = 'workflow', details = {}, ...more }: Told): TimelineEvent {
  return { id: `${minute}`, at: START + minute * SECOND, by, details, ...more };
}

const call = { step: 'call', taskId: 'case-1' } as const;
const visit = { step: 'visit', taskId: 'case-2' } as const;
const EVENTS: TimelineEvent[] = [
  event(0, { kind: 'opened', by: 'policy', details: { tier: 'medium' } }),
  event(0, { kind: 'task-offered', ...call, details: { offerAt: START, dueAt: START } }),
  event(2, { kind: 'task-claimed', by: 'desk-1', taskId: 'case-1' }),
  event(3, { kind: 'task-lapsed', taskId: 'case-1', details: { claimedBy: 'desk-1' } }),
  event(4, { kind: 'task-claimed', by: 'desk-2', taskId: 'case-1' }),
  event(9, { kind: 'task-ended', by: 'desk-2', ...call, details: { outcome: 'refused' } }),
  event(10, { kind: 'tier-raised', details: { from: 'medium', to: 'high' } }),
  event(10, { kind: 'task-offered', ...visit, details: { offerAt: START + 10 * SECOND } }),
  event(15, { kind: 'task-claimed', by: 'officer', taskId: 'case-2' }),
  event(40, { kind: 'task-ended', by: 'officer', ...visit, details: { outcome: 'dissuaded' } }),
  event(40, { kind: 'watch-began' }),
];
const simulated = {
  seed: 1,
  person: { name: 'a', standing: 'deceived', openedAt: START },
} as const;

const tell = (events = EVENTS, head = headOf()): CaseStory =>
  storyOfCase({ events, head }, SPEED, START + 100 * SECOND, simulated);

describe('the story of a case', () => {
  it('is read off its timeline, in minutes of the ladder', () => {
    expect(tell()).toMatchObject({
      openedIn: 'medium',
      tier: 'high',
      end: 'watching',
      firstContact: 9,
      atTheDoor: 40,
      dissuaded: 40,
      lasted: 40,
      tasks: [
        { step: 'call', offered: 0, claimed: 2, ended: 9, outcome: 'refused', byOfficer: true },
        { step: 'visit', offered: 10, claimed: 15, ended: 40, outcome: 'dissuaded' },
      ],
    });
  });

  it('knows no contact where nobody was met, and no end while the case is open', () => {
    const met = EVENTS.slice(0, 5);
    const busy = event(9, { kind: 'task-ended', by: 'a', ...call, details: { outcome: 'busy' } });
    const story = tell([...met, busy], headOf({ state: 'open' }));
    expect(story).toMatchObject({ end: 'open', lasted: 100, saved: 0, lost: 0 });
    expect(story).not.toHaveProperty('firstContact');
    expect(story).not.toHaveProperty('atTheDoor');
  });

  it('counts money as saved by whoever convinced the person, even too late for the case', () => {
    const { stake } = scriptOf(1, { ...simulated.person, kind: 'loan' });
    expect(stake).toBeGreaterThan(0);
    expect(tell()).toMatchObject({ saved: stake, lost: 0 });
    const closed = headOf({ state: 'closed', outcome: 'not-dissuaded' });
    const late = event(50, { kind: 'late-result', details: { outcome: 'dissuaded' } });
    expect(tell(EVENTS.slice(0, 6), closed)).toMatchObject({ saved: 0, lost: stake });
    expect(tell([...EVENTS.slice(0, 6), late], closed)).toMatchObject({ saved: stake, lost: 0 });
  });

  it('says nothing of money where nobody is simulated', () => {
    const story = storyOfCase({ events: EVENTS, head: headOf() }, SPEED, START, undefined);
    expect(story).not.toHaveProperty('saved');
  });
});

describe('the report on the ladder', () => {
  const report = reportLadder([tell(), tell(EVENTS.slice(0, 5), headOf({ state: 'open' }))], SPEED);

  it('tells per tier what came of the cases, by the highest tier that they rose to', () => {
    expect(report.stillOpen).toBe(1);
    expect(report.tiers.medium).toMatchObject({ opened: 2, cases: 1, dissuaded: 0 });
    expect(report.tiers.high).toMatchObject({
      opened: 0,
      cases: 1,
      dissuaded: 1,
      ends: { watching: 1 },
      minutesToContact: 9,
      minutesToDoor: 40,
    });
    expect(report.tiers.urgent).toMatchObject({ cases: 0, minutesToContact: null });
  });

  it('keeps how long each step took and what came of it', () => {
    expect(report.steps).toContainEqual({
      tier: 'high',
      step: 'visit',
      outcomes: { dissuaded: 1 },
      offeredToClaimed: [5],
      claimedToEnded: [25],
    });
    expect(report.steps).toContainEqual(
      expect.objectContaining({ tier: 'medium', step: 'call', outcomes: { open: 1 } }),
    );
  });

  it('prints a row per tier', () => {
    expect(ladderTable(report)).toMatch(/high\s*│ 0\s*│ 1\s*│ 1 .*9\.0 min.*40\.0 min.*¥/);
    expect(ladderTable(report)).toMatch(/medium .*open 1/);
  });

  it('makes a page with a plot for each question, and one without cases too', () => {
    const page = ladderPage(report, 'a <morning>');
    expect(page.match(/<svg/g)).toHaveLength(4);
    expect(page).toContain('a &lt;morning&gt;: 2 cases');
    expect(ladderPage(reportLadder([], SPEED), 'nothing')).not.toContain('<svg');
  });
});
