import { beforeEach, describe, expect, it } from 'vitest';
import { findingId } from '../../../functions/adapters/study-findings-table.ts';
import { feedFindings } from '../../../functions/study-day/feed-findings.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { decideFinding } from '../../../lib/domain/listing/study-finding.ts';
import type { FoundCaller, StudyResult } from '../../../lib/study/study-result.ts';
import { tokenOf } from '../../domain/factories.ts';
import { aFinding } from '../../domain/listing/a-finding.ts';
import { sampleStudy } from '../../study/sample-study.ts';
import { InMemoryListings, InMemoryStudyFindings } from '../../support/in-memory-lists.ts';

const REVIEW = loadDefaultPolicy();
const AUTOMATIC = {
  ...REVIEW,
  lists: { ...REVIEW.lists, study: { ...REVIEW.lists.study, feed: 'automatic' as const } },
};
const STUDY: StudyResult = { ...sampleStudy(), day: '2026-11-24', utcOffsetMinutes: 480 };
const MIDNIGHT = Date.parse('2026-11-25T00:00:00+08:00');
const NOW = MIDNIGHT + 5 * 3_600_000;
const UNTIL = MIDNIGHT / 1000 + REVIEW.lists.study.days * 86_400;

const { evidence, fraudKind } = aFinding();
const [SAMPLE] = STUDY.callers as [FoundCaller, ...FoundCaller[]];
const callerOf = (index: number, changes: Partial<FoundCaller> = {}): FoundCaller => ({
  ...SAMPLE,
  number: tokenOf(index),
  kind: 'slow-campaign',
  fraudKind,
  evidence,
  points: 3.4,
  ...changes,
});
const STRONG = callerOf(1);
const WEAK = callerOf(2, { points: 1 });

describe('what a study found', () => {
  let findings: InMemoryStudyFindings;
  let listings: InMemoryListings;
  const feed = (
    policy = REVIEW,
    callers: readonly FoundCaller[] = [STRONG, WEAK],
    changes: Partial<StudyResult> = {},
    now = NOW,
  ) => feedFindings({ ...STUDY, callers, ...changes }, policy, { findings, listings }, now);
  const known = ({ kind, number }: FoundCaller) => findings.findings.get(findingId(number, kind));

  beforeEach(() => {
    findings = new InMemoryStudyFindings();
    listings = new InMemoryListings();
  });

  it('waits for an officer, and changes nothing that calls are judged by', async () => {
    expect(await feed()).toEqual({ waiting: 2, listed: 0, refused: 0 });
    expect(known(STRONG)).toMatchObject({
      number: tokenOf(1),
      evidence,
      day: '2026-11-24',
      status: 'waiting',
      until: UNTIL,
    });
    expect(listings.listings.size).toBe(0);
  });

  it('is listed at once where the policy says so and the points suffice, and no longer than they hold', async () => {
    expect(await feed(AUTOMATIC)).toEqual({ waiting: 1, listed: 1, refused: 0 });
    const id = findingId(STRONG.number, STRONG.kind);
    expect(listings.listings.get(STRONG.number)).toEqual({
      study: { points: 3.4, kind: fraudKind, until: UNTIL, reference: id },
    });
    expect(known(STRONG)?.decisions).toMatchObject([{ by: `policy ${REVIEW.version}` }]);
    expect(listings.listings.get(WEAK.number)).toBeUndefined();
  });

  it('is written once, however often the day is studied', async () => {
    await feed(AUTOMATIC);
    const after = new Map(findings.findings);
    const { writes } = findings;
    expect(await feed(AUTOMATIC, [WEAK, STRONG], {}, NOW + 60_000)).toMatchObject({ listed: 1 });
    expect(findings.findings).toEqual(after);
    expect(findings.writes).toBe(writes);
  });

  it('is listed by whoever comes again after a crash between finding and listing', async () => {
    await feed(AUTOMATIC);
    listings.listings.clear();
    await feed(AUTOMATIC);
    expect(listings.listings.has(STRONG.number)).toBe(true);
  });

  it('stays refused on later days, though it is stronger', async () => {
    await feed();
    const refusal = {
      decision: 'refuse',
      reason: 'a courier',
      by: 'lin',
      automatic: false,
    } as const;
    await findings.change(
      findingId(STRONG.number, STRONG.kind),
      (one) => one && decideFinding(one, { ...refusal, at: NOW }),
    );
    const later = { day: '2026-11-25' };
    const fed = await feed(AUTOMATIC, [callerOf(1, { points: 8 })], later, NOW + 86_400_000);
    expect(fed).toEqual({ waiting: 0, listed: 0, refused: 1 });
    expect(known(STRONG)).toMatchObject({ points: 8, day: '2026-11-25', status: 'refused' });
    expect(listings.listings.size).toBe(0);
  });

  it('of one number in two ways is two findings, and the stronger one its listing', async () => {
    const farm = callerOf(1, { kind: 'farm', points: 6 });
    await feed(AUTOMATIC, [farm, STRONG]);
    expect(findings.findings.size).toBe(2);
    expect(listings.listings.get(STRONG.number)?.study?.points).toBe(6);
  });

  it('is not handed on when the day is too long past', async () => {
    const fed = await feed(AUTOMATIC, [STRONG], {}, UNTIL * 1000);
    expect(fed).toEqual({ waiting: 0, listed: 0, refused: 0 });
    expect(findings.findings.size).toBe(0);
  });

  it('of a whole farm is handed on without anybody left out', async () => {
    const many = Array.from({ length: 100 }, (_, i) => callerOf(i, { kind: 'farm' }));
    expect(await feed(AUTOMATIC, many)).toEqual({ waiting: 0, listed: 100, refused: 0 });
    expect(listings.listings.size).toBe(100);
  });
});
