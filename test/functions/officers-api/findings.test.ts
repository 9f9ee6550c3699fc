import { beforeEach, describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { aFinding } from '../../domain/listing/a-finding.ts';
import {
  ANALYST,
  AUDITOR,
  NOW,
  OfficersDesk,
  PERSON,
  SUPERVISOR,
  tokenOf,
} from '../../support/officers-desk.ts';

const { days } = loadDefaultPolicy().lists.study;
const SECONDS = NOW / 1000;
const NUMBER = tokenOf(PERSON);
const FOUND = aFinding({ number: NUMBER, until: SECONDS + 86_400 });

describe('Findings of the study', () => {
  let desk: OfficersDesk;
  const decide = (body: object, claims = ANALYST, findingId = FOUND.id) =>
    desk.call('decideFinding', claims, { parameters: { findingId }, body });

  beforeEach(async () => {
    desk = new OfficersDesk();
    await desk.studyFindings.change(FOUND.id, () => FOUND);
  });

  test('are shown masked, with ids and figures of their evidence', async () => {
    const { body, text } = await desk.call('listFindings', AUDITOR);
    expect(body.findings).toEqual([
      {
        ...FOUND,
        number: '+86*******0008',
        until: FOUND.until * 1000,
        evidence: FOUND.evidence,
      },
    ]);
    expect(text).not.toContain(NUMBER);
  });

  test('are shown by state, and no longer once nobody decided in time', async () => {
    const stateOf = async (status: string) =>
      (await desk.call('listFindings', ANALYST, { query: { status } })).body.findings;
    expect(await stateOf('listed')).toEqual([]);
    expect(await stateOf('waiting')).toHaveLength(1);
    desk.now = FOUND.until * 1000;
    expect(await stateOf('waiting')).toEqual([]);
    expect((await decide({ decision: 'list', reason: 'late' })).status).toBe(404);
  });

  test('listed, stand in the number’s listing as long as the policy says', async () => {
    const { body, status } = await decide({ decision: 'list', reason: 'rang 13712340008' });
    expect(status).toBe(200);
    const until = SECONDS + days * 86_400;
    expect(body).toMatchObject({ status: 'listed', listedUntil: until * 1000 });
    expect(body.decisions).toMatchObject([{ by: 'lin', decision: 'list', automatic: false }]);
    expect(JSON.stringify(body)).not.toContain('13712340008');
    expect(desk.listings.listings.get(NUMBER)).toEqual({
      study: { points: FOUND.points, kind: 'loan', until, reference: FOUND.id },
    });
  });

  test('refused after all, are taken off, and the other lists’ word stays', async () => {
    const allowed = { until: SECONDS + 500 };
    desk.listings.listings.set(NUMBER, { allowed });
    await decide({ decision: 'list', reason: 'two victims' });
    const { body } = await decide({ decision: 'refuse', reason: 'a courier' }, SUPERVISOR);
    expect(body).toMatchObject({ status: 'refused', decisions: [{ by: 'lin' }, { by: 'sun' }] });
    expect(desk.listings.listings.get(NUMBER)).toEqual({ allowed });
  });

  test('decided before change no more, but what a crash left undone is done', async () => {
    const body = {
      decision: 'list',
      reason: 'two victims',
      until: new Date(NOW + 86_400_000).toISOString(),
    };
    await decide(body);
    desk.listings.listings.clear();
    const again = await decide(body);
    expect([again.status, again.body.type]).toEqual([409, 'urn:forewarn:problem:no-change']);
    expect(desk.listings.listings.get(NUMBER)?.study?.until).toBe(SECONDS + 86_400);
  });

  test.each<[string, object, number]>([
    ['an end that is past', { decision: 'list', until: '2026-11-01T00:00:00Z' }, 400],
    ['an end beyond the policy’s', { decision: 'list', until: '2027-11-01T00:00:00Z' }, 400],
    ['an end of a refusal', { decision: 'refuse', until: '2026-11-25T00:00:00Z' }, 400],
    ['another word', { decision: 'burn' }, 400],
  ])('are not decided on with %s', async (_, body, status) => {
    expect((await decide({ reason: 'because', ...body })).status).toBe(status);
    expect(desk.listings.listings.size).toBe(0);
  });

  test('that are not there cannot be decided on', async () => {
    const reply = await decide({ decision: 'list', reason: 'x' }, ANALYST, 'no-such-finding');
    expect(reply.status).toBe(404);
  });
});
