import { maySeeCase } from '../../lib/api/access.ts';
import { type Officer, seesAllDistricts } from '../../lib/api/officer.ts';
import { ProblemError } from '../../lib/api/problem.ts';
import type { CaseView } from '../../lib/api/schemas.ts';
import { closeByHand, type Hand, setTier } from '../../lib/domain/ladder/by-hand.ts';
import type { CaseChange, CaseHead } from '../../lib/domain/ladder/case-head.ts';
import { maskNumbersIn } from '../../lib/domain/mask-numbers.ts';
import { changeCase } from '../adapters/cases-table.ts';
import type { ApiCall, Servers } from '../adapters/http-api/answer-request.ts';
import { answerTask, callOffTask, NEWS } from '../adapters/report-outcome.ts';
import { caseFor } from '../adapters/seen-by-officer.ts';
import { tellWorkflowOf } from '../adapters/tell-case.ts';
import type { OfficersPorts } from './officers-ports.ts';
import { caseView, eventView, numbersOfTask, personView, taskView } from './views.ts';

const FIRST_EVENTS = 100;

type CaseEndpoints =
  | 'listCases'
  | 'readCase'
  | 'readTimeline'
  | 'setTier'
  | 'addNote'
  | 'closeCase';

/** A search of one district at a time, for those who see only their own. @throws {ProblemError} */
function districtFor(officer: Officer, asked: string | undefined): string | undefined {
  if (seesAllDistricts(officer)) return asked;
  const district = asked ?? (officer.districts.length === 1 ? officer.districts[0] : undefined);
  if (district === undefined) {
    throw new ProblemError('bad-request', 'Say which of your districts.', [
      `district: must be one of ${officer.districts.join(', ') || 'none: your user has no district'}`,
    ]);
  }
  if (!maySeeCase(officer, { district })) {
    throw new ProblemError('not-allowed', 'You see the cases of your own districts.');
  }
  return district;
}

export type CaseServerPorts = Pick<
  OfficersPorts,
  'cases' | 'mask' | 'readPerson' | 'stepFunctions' | 'tasks'
>;

/** @throws {ProblemError} for a second 60, which is a time by RFC 3339 and none that can be compared */
function timeOf(since: string): number {
  const time = Date.parse(since);
  if (!Number.isNaN(time)) return time;
  throw new ProblemError('bad-request', 'That is no time that can be compared.', [
    'since: must have seconds from 0 to 59',
  ]);
}

/** What officers see of cases, and do with them. */
export function caseServers(ports: CaseServerPorts): Servers<CaseEndpoints> {
  const { cases, mask, stepFunctions, tasks } = ports;

  const view = async (head: CaseHead): Promise<CaseView> =>
    caseView(head, await mask([head.subject]));

  /** Changes a case by an officer's hand, and tells its workflow. */
  async function change(
    call: ApiCall<'setTier' | 'closeCase'>,
    make: (before: CaseHead, hand: Hand) => CaseChange | undefined,
  ): Promise<CaseView> {
    const { key, now, officer, parameters } = call;
    const { caseId } = await caseFor(ports, parameters.caseId, officer, now);
    const hand: Hand = { by: officer.name, reason: maskNumbersIn(call.body.reason), key, at: now };
    let changed = false;
    const head = await changeCase(cases, caseId, (before) => {
      const update = make(before, hand);
      changed = update !== undefined;
      return update;
    });
    if (head === undefined) throw new ProblemError('not-found', 'There is no such case.');
    // Also where nothing changed: a crash may have come between the change and this.
    await tellWorkflowOf(head, {
      callOff: (taskId) => callOffTask(tasks, stepFunctions, taskId, now),
      tellNews: (newsToken) => answerTask(stepFunctions, newsToken, NEWS),
    });
    if (!changed) {
      throw head.state === 'closed'
        ? new ProblemError('case-closed', `It was closed as ${head.outcome}.`)
        : new ProblemError('no-change', `The case is ${head.tier} already.`);
    }
    return view(head);
  }

  return {
    async listCases({ officer, query }) {
      const { limit, next, officer: lastOfficer, since, state, tier } = query;
      const district = districtFor(officer, query.district);
      const page = await cases.search({
        ...(state !== undefined && { state }),
        ...(tier !== undefined && { tier }),
        ...(district !== undefined && { district }),
        ...(lastOfficer !== undefined && { officer: lastOfficer }),
        ...(since !== undefined && { from: timeOf(since) }),
        ...(limit !== undefined && { limit: Number(limit) }),
        ...(next !== undefined && { next }),
      });
      const masks = await mask(page.cases.map(({ subject }) => subject));
      return {
        cases: page.cases.map((head) => caseView(head, masks)),
        ...(page.next !== undefined && { next: page.next }),
      };
    },

    async readCase({ now, officer, parameters }) {
      const head = await caseFor(ports, parameters.caseId, officer, now);
      const { caseId, subject } = head;
      const [person, all, timeline] = await Promise.all([
        ports.readPerson(subject, caseId),
        tasks.ofCase(caseId),
        cases.timeline(caseId, { limit: FIRST_EVENTS }),
      ]);
      const masks = await mask([
        subject,
        ...all.flatMap((task) => numbersOfTask(task, head)),
        ...person.exposures.map(({ caller }) => caller),
      ]);
      return {
        case: caseView(head, masks),
        ...personView(person, masks),
        tasks: all.map((task) => taskView(task, officer.name, now, masks, head)),
        timeline: timeline.events.map(eventView),
        ...(timeline.next !== undefined && { next: timeline.next }),
      };
    },

    async readTimeline({ now, officer, parameters, query: { limit, next } }) {
      const { caseId } = await caseFor(ports, parameters.caseId, officer, now);
      const page = await cases.timeline(caseId, {
        limit: Number(limit ?? FIRST_EVENTS),
        ...(next !== undefined && { next }),
      });
      return {
        events: page.events.map(eventView),
        ...(page.next !== undefined && { next: page.next }),
      };
    },

    setTier: (call) =>
      change(call as ApiCall<'setTier' | 'closeCase'>, (before, hand) =>
        setTier(before, call.body.tier, hand),
      ),

    closeCase: (call) =>
      change(call as ApiCall<'setTier' | 'closeCase'>, (before, hand) =>
        closeByHand(before, call.body.outcome, hand),
      ),

    async addNote({ body, key, now, officer, parameters }) {
      const { caseId } = await caseFor(ports, parameters.caseId, officer, now);
      await cases.append(caseId, [
        {
          id: `${caseId}-note-${key}`,
          at: now,
          kind: 'note',
          by: officer.name,
          details: { notes: maskNumbersIn(body.notes) },
        },
      ]);
      return { done: true };
    },
  };
}
