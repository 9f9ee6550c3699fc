import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { changeListing, type Listing } from '../../../lib/domain/listing/listing.ts';
import {
  decideByPolicy,
  decideFinding,
  type FindingDecision,
  foundAgain,
  listingOfFindings,
  type StudyFinding,
} from '../../../lib/domain/listing/study-finding.ts';
import { aFinding } from './a-finding.ts';

const DAY = 86_400;
const NOW = 1_795_500_000;
const REVIEW = loadDefaultPolicy().lists.study;
const AUTOMATIC = { ...REVIEW, feed: 'automatic' } as const;
const UNTIL = NOW + 30 * DAY;
const WAITING = aFinding({ until: UNTIL });

const word = (decision: 'list' | 'refuse', changes: Partial<FindingDecision> = {}) =>
  ({
    decision,
    reason: 'looked into it',
    by: 'lin',
    automatic: false,
    at: NOW * 1000,
    ...(decision === 'list' && { until: UNTIL }),
    ...changes,
  }) satisfies FindingDecision;
const decided = (decision: FindingDecision, finding = WAITING): StudyFinding =>
  decideFinding(finding, decision) ?? finding;

describe('a finding found again', () => {
  const { decisions: _none, status: _status, ...FOUND } = WAITING;
  const LATER = { ...FOUND, day: '2026-11-24', points: 5, until: UNTIL + DAY };

  it('waits at first, and once more the same changes nothing', () => {
    const first = foundAgain(undefined, FOUND, NOW);
    expect(first).toEqual(WAITING);
    expect(foundAgain(first, FOUND, NOW + 60)).toEqual(first);
  });

  it.each(['list', 'refuse'] as const)('keeps the decision to %s, with new evidence', (what) => {
    const before = decided(word(what));
    const after = foundAgain(before, LATER, NOW);
    expect(after).toEqual({ ...before, day: '2026-11-24', points: 5, until: UNTIL + DAY });
  });

  it('takes new evidence of the same day, and none of a day before', () => {
    expect(foundAgain(WAITING, { ...FOUND, points: 4 }, NOW).points).toBe(4);
    expect(foundAgain(WAITING, { ...FOUND, day: '2026-11-22', points: 9 }, NOW)).toEqual(WAITING);
  });

  it('waits again where it was listed until then, and remembers by whom', () => {
    const listed = decided(word('list', { until: NOW + DAY }));
    const after = foundAgain(listed, LATER, NOW + DAY);
    expect(after).toMatchObject({ status: 'waiting', decisions: listed.decisions });
    expect(after.listedUntil).toBeUndefined();
  });
});

describe('the policy', () => {
  it('leaves every finding to people under review', () => {
    expect(decideByPolicy({ ...WAITING, points: 50 }, REVIEW, 7, NOW * 1000).status).toBe(
      'waiting',
    );
  });

  it('lists what has points enough where it acts by itself, as long as the evidence holds', () => {
    expect(decideByPolicy(WAITING, AUTOMATIC, 7, NOW * 1000)).toMatchObject({
      status: 'listed',
      listedUntil: UNTIL,
      decisions: [{ by: 'policy 7', automatic: true, decision: 'list', until: UNTIL }],
    });
    const weak = { ...WAITING, points: AUTOMATIC.pointsAtLeast - 0.1 };
    expect(decideByPolicy(weak, AUTOMATIC, 7, NOW * 1000)).toEqual(weak);
  });

  it('prolongs what it listed itself, and not what an officer did', () => {
    const renewed = { ...decideByPolicy(WAITING, AUTOMATIC, 7, NOW * 1000), until: UNTIL + DAY };
    expect(decideByPolicy(renewed, AUTOMATIC, 8, NOW * 1000)).toEqual({
      ...renewed,
      listedUntil: UNTIL + DAY,
    });
    const officers = { ...decided(word('list')), until: UNTIL + DAY };
    expect(decideByPolicy(officers, AUTOMATIC, 8, NOW * 1000)).toEqual(officers);
  });

  it('never goes against an officer who refused', () => {
    const refused = decided(word('refuse'));
    expect(decideByPolicy(refused, AUTOMATIC, 7, NOW * 1000)).toEqual(refused);
  });
});

describe('a decision', () => {
  it('the same again is none', () => {
    expect(decideFinding(decided(word('refuse')), word('refuse'))).toBeUndefined();
    expect(decideFinding(decided(word('list')), word('list'))).toBeUndefined();
  });

  it('can be turned round, and all stand in its history', () => {
    const turned = decided(word('refuse', { by: 'sun' }), decided(word('list')));
    expect(turned).toMatchObject({ status: 'refused', decisions: [{ by: 'lin' }, { by: 'sun' }] });
    expect(turned.listedUntil).toBeUndefined();
  });
});

describe('a number’s listing', () => {
  const finding = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    points: fc.integer({ min: 1, max: 9 }),
    state: fc.constantFrom('waiting', 'refused', 'listed'),
    hours: fc.integer({ min: -24, max: 48 }),
  });
  const findingsOf = fc.uniqueArray(finding, { selector: ({ id }) => id }).map((rows) =>
    rows.map(({ hours, id, points, state }) => {
      const waiting = aFinding({ id, points, until: UNTIL });
      if (state === 'waiting') return waiting;
      return state === 'refused'
        ? decided(word('refuse'), waiting)
        : decided(word('list', { until: NOW + hours * 3_600 }), waiting);
    }),
  );
  const settle = (findings: readonly StudyFinding[], before: Listing | undefined) => {
    const change = listingOfFindings(findings, before, NOW);
    return change === undefined ? before : changeListing(before, change, NOW);
  };

  it('says what the strongest listed finding does, whatever it said before, and then nothing changes', () => {
    fc.assert(
      fc.property(findingsOf, findingsOf, (before, findings) => {
        const listing = settle(findings, settle(before, undefined));
        const most = Math.max(
          0,
          ...findings
            .filter(({ listedUntil = 0, status }) => status === 'listed' && listedUntil > NOW)
            .map(({ points }) => points),
        );
        expect(listing?.study?.points ?? 0).toBe(most);
        expect(listingOfFindings(findings, listing, NOW)).toBeUndefined();
      }),
    );
  });

  it('keeps what the other lists say', () => {
    const allowed = { until: UNTIL };
    const listed = settle([decided(word('list'))], { allowed });
    expect(listed).toEqual({
      study: { points: 3.4, kind: 'loan', until: UNTIL, reference: 'finding-1' },
      allowed,
    });
    expect(settle([decided(word('refuse'))], listed)).toEqual({ allowed });
  });
});
