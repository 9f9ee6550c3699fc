import { ProblemError } from '../../lib/api/problem.ts';
import type { FindingView } from '../../lib/api/schemas.ts';
import {
  decideFinding,
  type FindingDecision,
  type StudyFinding,
} from '../../lib/domain/listing/study-finding.ts';
import { maskNumbersIn } from '../../lib/domain/mask-numbers.ts';
import type { Judgement } from '../../lib/domain/profile/fold-legs.ts';
import type { Servers } from '../adapters/http-api/answer-request.ts';
import { entryEnd } from '../adapters/http-api/entry-end.ts';
import type { Masks } from '../adapters/masked-numbers.ts';
import { settleListing } from '../adapters/settle-listing.ts';
import type { OfficersPorts } from './officers-ports.ts';

const DAY_SECONDS = 86_400;

function findingView(finding: StudyFinding, masks: Masks): FindingView {
  const { day, decisions, evidence, fraudKind, id, kind, listedUntil, number, points } = finding;
  return {
    id,
    number: masks.get(number) ?? '',
    kind,
    fraudKind,
    points,
    evidence: evidence.map((one) => ({ ...one })),
    day,
    until: finding.until * 1000,
    status: finding.status,
    ...(listedUntil !== undefined && { listedUntil: listedUntil * 1000 }),
    decisions: decisions.map(({ until, ...decision }) => ({
      ...decision,
      ...(until !== undefined && { until: until * 1000 }),
    })),
  };
}

function clueFindingView({ base, caller, finding, points, terms }: Judgement, masks: Masks) {
  return {
    token: caller,
    number: masks.get(caller) ?? '',
    kind: finding.kind,
    at: finding.at * 1000,
    until: finding.until * 1000,
    points,
    base,
    terms: terms.map(({ id, points }) => ({ id, points })),
  };
}

/** What the daily study found, and what only clues led to: shown masked, and decided on. A number is named by its token, so no key is needed. */
export function findingServers({
  clueFindings,
  findings,
  listings,
  mask,
  policy,
}: Pick<OfficersPorts, 'clueFindings' | 'findings' | 'listings' | 'mask' | 'policy'>): Servers<
  'listFindings' | 'listClueFindings' | 'decideFinding'
> {
  /** Time to live is slow, and what nobody decided on ends with its evidence. */
  const isCurrent = ({ status, until }: StudyFinding, now: number) =>
    status !== 'waiting' || until * 1000 > now;

  return {
    async listFindings({ now, query: { limit, next, status } }) {
      const page = await findings.list({
        ...(limit !== undefined && { limit: Number(limit) }),
        ...(next !== undefined && { next }),
        ...(status !== undefined && { status }),
      });
      const current = page.findings.filter((finding) => isCurrent(finding, now));
      const masks = await mask(current.map(({ number }) => number));
      return { ...page, findings: current.map((finding) => findingView(finding, masks)) };
    },

    async listClueFindings({ query: { limit, next } }) {
      const page = await clueFindings({
        ...(limit !== undefined && { limit: Number(limit) }),
        ...(next !== undefined && { next }),
      });
      const masks = await mask(page.findings.map(({ caller }) => caller));
      return { ...page, findings: page.findings.map((one) => clueFindingView(one, masks)) };
    },

    async decideFinding({ body, now, officer, parameters: { findingId } }) {
      const { decision, until } = body;
      if (decision === 'refuse' && until !== undefined) {
        throw new ProblemError('bad-request', 'A refused number is not listed at all.', [
          'until: only for a number that is listed',
        ]);
      }
      const { days } = (await policy()).lists.study;
      const at = Math.floor(now / 1000);
      const end = until === undefined ? at + days * DAY_SECONDS : entryEnd(until, now, days);
      const taken: FindingDecision = {
        decision,
        reason: maskNumbersIn(body.reason),
        by: officer.name,
        automatic: false,
        at: now,
        ...(decision === 'list' && { until: end }),
      };
      let isNew = false;
      const finding = await findings.change(findingId, (known) => {
        const decided = known && isCurrent(known, now) ? decideFinding(known, taken) : undefined;
        isNew = decided !== undefined;
        return decided;
      });
      if (finding === undefined || !(isNew || isCurrent(finding, now))) {
        throw new ProblemError(
          'not-found',
          'There is no such finding, or its evidence is too old.',
        );
      }
      // Also where it was decided before: a crash may have come in between.
      await settleListing({ findings, listings }, finding.number, at);
      if (!isNew) throw new ProblemError('no-change', 'It is decided that way.');
      const masks = await mask([finding.number]);
      return findingView(finding, masks);
    },
  };
}
