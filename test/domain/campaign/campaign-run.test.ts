import { describe, expect, test } from 'vitest';
import {
  type CampaignRun,
  endRun,
  resumeRun,
  startStage,
  stopRun,
} from '../../../lib/domain/campaign/campaign-run.ts';
import { aCampaign } from './a-campaign.ts';

const CAMPAIGN = aCampaign();
const AT = Date.parse('2026-11-27T10:00:00Z');
const CHANGE = { at: AT, by: 'Li Na' };
const FIRST = startStage(CAMPAIGN, undefined, 'first', CHANGE);
const stored = (run: CampaignRun) => ({ campaign: CAMPAIGN, run });

describe('A campaign that runs', () => {
  test('begins with its first stage, and goes on with all when that is done', () => {
    expect(FIRST).toMatchObject({ state: 'running', stage: 'first', run: 1, since: { first: AT } });
    const done = endRun(FIRST, 1, 'done', AT + 1);
    expect(done?.state).toBe('done');
    const all = startStage(CAMPAIGN, done && stored(done), 'all', { ...CHANGE, at: AT + 2 });
    expect(all).toMatchObject({ stage: 'all', run: 2, since: { first: AT, all: AT + 2 } });
  });

  test.each<[string, () => unknown]>([
    ['--stage first', () => startStage(CAMPAIGN, undefined, 'all', CHANGE)],
    ['is running', () => startStage(CAMPAIGN, stored(FIRST), 'all', CHANGE)],
    ['campaign resume', () => startStage(CAMPAIGN, stored(FIRST), 'first', CHANGE)],
    [
      'another document',
      () => startStage({ ...CAMPAIGN, name: 'other' }, stored(FIRST), 'all', CHANGE),
    ],
    ['expired', () => startStage(CAMPAIGN, undefined, 'first', { ...CHANGE, at: AT * 2 })],
    ['expired', () => resumeRun(CAMPAIGN, FIRST, { ...CHANGE, at: AT * 2 })],
    ['not running, but done', () => stopRun(CAMPAIGN, { ...FIRST, state: 'done' }, CHANGE)],
  ])('is refused with what can be done: %s', (words, change) => {
    expect(change).toThrow(words);
  });

  test('is stopped, and resumed as another run', () => {
    const stopped = stopRun(CAMPAIGN, FIRST, CHANGE);
    expect(stopped.state).toBe('stopped');
    expect(resumeRun(CAMPAIGN, stopped, CHANGE)).toMatchObject({ state: 'running', run: 2 });
    // A start that got lost on its way to the workflow is repeated, not counted.
    expect(resumeRun(CAMPAIGN, FIRST, CHANGE)).toBe(FIRST);
  });

  test('is not ended by the workflow of an earlier run, nor after it was stopped', () => {
    const stopped = stopRun(CAMPAIGN, FIRST, CHANGE);
    expect(endRun(stopped, 1, 'done', AT)).toBeUndefined();
    expect(endRun({ ...FIRST, run: 2 }, 1, 'failed', AT)).toBeUndefined();
  });
});
