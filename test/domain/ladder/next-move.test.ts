import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import {
  type AttemptOutcome,
  type CaseHead,
  calledOffAttempts,
  endAttempt,
  openAttempts,
  openCase,
} from '../../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../../lib/domain/ladder/case-news.ts';
import type { CaseTier } from '../../../lib/domain/ladder/ladder-policy.ts';
import { afterAttempt, nextMove, raiseTier, reopen } from '../../../lib/domain/ladder/next-move.ts';
import { SUBJECT } from '../factories.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const { ladder } = loadDefaultPolicy();

function caseOf(tier: CaseTier): CaseHead {
  const opening = { caseId: 'c', subject: SUBJECT, kind: 'loan', district: '', tier } as const;
  const heard = nothingHeard(tier);
  return openCase(
    {
      ...opening,
      openedBy: 'policy',
      policyVersion: 3,
      ladder,
      utcOffsetMinutes: 480,
      reasons: [],
      heard,
    },
    0,
  ).changed;
}

/** What people answer, by step, in turn; a step beyond its answers is overdue. */
type Answers = Partial<Record<'call' | 'relatives' | 'visit', readonly AttemptOutcome[]>>;

/**
 * Walks a case as the workflow does: attempts that are offered together end in order of their offers, each a minute
 * after, or at their due time.
 */
function walk(tier: CaseTier, answers: Answers) {
  let current = caseOf(tier);
  let now = 0;
  const log: string[] = [];
  const asked = { call: 0, relatives: 0, visit: 0 };
  for (let turns = 0; turns < 100; turns++) {
    const planned = nextMove(current, now);
    current = planned.changed;
    for (const { kind, details } of planned.events) {
      if (kind === 'tier-raised') log.push(`raised to ${details.to}`);
      if (kind === 'payment-stop') log.push('banks told');
    }
    if (planned.move.kind === 'close')
      return { log: [...log, `closed: ${planned.move.outcome}`], now };
    if (planned.move.kind === 'watch') {
      log.push('watched');
      now = planned.move.until;
      continue;
    }
    const steps = planned.move.attempts.map(({ step, offerAt }) => {
      const wait = (offerAt - now) / MINUTE;
      return wait > 0 ? `${step} in ${wait} min` : step;
    });
    log.push(steps.join(' + '));
    const waiting = [...planned.move.attempts];
    for (let attempt = waiting.shift(); attempt !== undefined; attempt = waiting.shift()) {
      if (current.climb.find(({ taskId }) => taskId === attempt?.taskId)?.ended) continue;
      const outcome = answers[attempt.step]?.[asked[attempt.step]++] ?? 'overdue';
      now = Math.max(now, outcome === 'overdue' ? attempt.dueAt : attempt.offerAt + MINUTE);
      const ended = endAttempt(current, attempt.taskId, outcome, 'officer', now);
      if (ended === undefined) throw new Error('an open attempt cannot be ended');
      const after = afterAttempt(ended.changed, attempt.taskId, now);
      current = after.changed;
      if (after.events.some(({ kind }) => kind === 'payment-stop')) log.push('banks told');
      for (const { taskId } of calledOffAttempts(current)) {
        current = endAttempt(current, taskId, 'cancelled', 'workflow', now)?.changed ?? current;
      }
      if (after.again !== undefined) {
        log.push(`call again in ${(after.again.offerAt - now) / MINUTE} min`);
        waiting.push(after.again);
      }
    }
  }
  throw new Error('the case never ends');
}

describe('a case on the ladder', () => {
  it.each<[string, CaseTier, Answers, string[]]>([
    [
      'a dissuaded person is watched',
      'medium',
      { call: ['dissuaded'] },
      ['call', 'watched', 'closed: dissuaded'],
    ],
    ['wrong person', 'medium', { call: ['wrong-person'] }, ['call', 'closed: wrong-person']],
    ['duplicate', 'high', { call: ['duplicate'] }, ['call', 'closed: duplicate']],
    ['not a fraud', 'high', { call: ['not-a-fraud'] }, ['call', 'closed: not-a-fraud']],
    [
      'refused: relatives, then the station',
      'high',
      { call: ['refused'], relatives: ['refused'], visit: ['dissuaded'] },
      ['call', 'relatives', 'visit', 'watched', 'closed: dissuaded'],
    ],
    [
      'refused in the lowest tier: the case climbs',
      'medium',
      { call: ['refused'], relatives: ['dissuaded'] },
      ['call', 'raised to high', 'relatives', 'watched', 'closed: dissuaded'],
    ],
    [
      'nobody reports: every due time passes',
      'medium',
      {},
      ['call', 'raised to high', 'relatives', 'visit', 'closed: not-dissuaded'],
    ],
    [
      'no answer: dialled again by the intervals, then relatives',
      'high',
      { call: ['no-answer', 'no-answer', 'no-answer'], relatives: ['dissuaded'] },
      ['call', 'call in 5 min', 'call in 15 min', 'relatives', 'watched', 'closed: dissuaded'],
    ],
    [
      'busy: dialled again in three minutes, relatives and station meanwhile',
      'high',
      { call: ['busy', 'dissuaded'] },
      ['call', 'call in 3 min + relatives + visit', 'watched', 'closed: dissuaded'],
    ],
    [
      'busy in the lowest tier: the case climbs for its relatives and station',
      'medium',
      { call: ['busy', 'busy', 'refused'], relatives: ['refused'], visit: ['dissuaded'] },
      [
        'call',
        'raised to high',
        'call in 3 min + relatives + visit',
        'call again in 3 min',
        'watched',
        'closed: dissuaded',
      ],
    ],
    [
      'no relatives are known: a step that fails, not a dead end',
      'high',
      { call: ['refused'], relatives: ['no-relatives'], visit: ['refused'] },
      ['call', 'relatives', 'visit', 'closed: not-dissuaded'],
    ],
    [
      'money lost: the banks at once, then the station',
      'medium',
      { call: ['money-lost'], visit: ['dissuaded'] },
      ['call', 'banks told', 'visit', 'closed: money-lost'],
    ],
    [
      'money lost while the station is on its way',
      'urgent',
      { call: ['money-lost'], visit: ['refused'] },
      ['banks told', 'call + relatives + visit', 'closed: money-lost'],
    ],
    [
      'urgent: all together, and who succeeds calls the others off',
      'urgent',
      { call: ['no-answer'], relatives: ['dissuaded'] },
      [
        'banks told',
        'call + relatives + visit',
        'call again in 5 min',
        'watched',
        'closed: dissuaded',
      ],
    ],
  ])('%s', (_, tier, answers, expected) => {
    expect(walk(tier, answers).log).toEqual(expected);
  });

  it('keeps the due times of its tier', () => {
    const due = (tier: CaseTier) => {
      const { move } = nextMove(caseOf(tier), 0);
      return move.kind === 'climb' ? move.attempts.map(({ dueAt }) => dueAt / MINUTE) : [];
    };
    expect(due('medium')).toEqual([30]);
    expect(due('high')).toEqual([10]);
    expect(due('urgent')).toEqual([10, 15, 60]);
  });

  it('answers with the same attempts when asked again while they are open', () => {
    const first = nextMove(caseOf('urgent'), 0);
    const again = nextMove(first.changed, 5 * MINUTE);
    expect(again.move).toEqual(first.move);
    expect(again.changed).toEqual(first.changed);
    expect(again.events).toEqual([]);
  });

  it('ends an attempt once', () => {
    const { changed } = nextMove(caseOf('medium'), 0);
    const [attempt] = openAttempts(changed);
    const ended = endAttempt(changed, attempt?.taskId ?? '', 'refused', 'officer', 1);
    expect(ended?.changed.climb[0]?.ended).toEqual({ outcome: 'refused', by: 'officer', at: 1 });
    expect(endAttempt(ended?.changed ?? changed, 'c-1', 'dissuaded', 'another', 2)).toBeUndefined();
    expect(endAttempt(changed, 'c-7', 'dissuaded', 'another', 2)).toBeUndefined();
  });

  it('takes the steps of a higher tier when its waiting ones were called off', () => {
    const { changed } = nextMove(caseOf('medium'), 0);
    const raised = raiseTier(changed, 'high', 'workflow', MINUTE)?.changed ?? changed;
    const off = endAttempt(raised, 'c-1', 'cancelled', 'workflow', MINUTE)?.changed ?? raised;
    const { move } = nextMove(off, MINUTE);
    expect(move).toMatchObject({
      kind: 'climb',
      attempts: [{ taskId: 'c-2', step: 'call', dueAt: 11 * MINUTE }],
    });
    expect(raiseTier(off, 'medium', 'workflow', MINUTE)).toBeUndefined();
  });

  it('is reopened one tier higher by news in its watch period, so often and no oftener', () => {
    const watched = (current: CaseHead, now: number) => {
      const { changed, move } = nextMove(current, now);
      const [attempt] = move.kind === 'climb' ? move.attempts : [];
      const ended = endAttempt(changed, attempt?.taskId ?? '', 'dissuaded', 'officer', now);
      let after = afterAttempt(ended?.changed ?? changed, attempt?.taskId ?? '', now).changed;
      for (const { taskId } of calledOffAttempts(after)) {
        after = endAttempt(after, taskId, 'cancelled', 'workflow', now)?.changed ?? after;
      }
      return nextMove(after, now).changed;
    };
    const first = watched(caseOf('medium'), 0);
    expect(first).toMatchObject({ state: 'watching', watchUntil: 72 * HOUR });
    const second = reopen(first, HOUR)?.changed ?? first;
    expect(second).toMatchObject({ state: 'open', tier: 'high', reopened: 1, climb: [] });
    const third = reopen(watched(second, HOUR), 2 * HOUR)?.changed ?? second;
    expect(third).toMatchObject({ state: 'open', tier: 'urgent', reopened: 2 });
    expect(reopen(watched(third, 2 * HOUR), 3 * HOUR)).toBeUndefined();
    expect(reopen(third, 3 * HOUR)).toBeUndefined();
  });
});
