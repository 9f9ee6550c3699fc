import { stationQueueOf } from '../../lib/api/access.ts';
import { openApiDocument } from '../../lib/api/openapi.ts';
import type { Statistics } from '../../lib/api/schemas.ts';
import { caseStatistics } from '../../lib/domain/ladder/case-statistics.ts';
import { casesOfState } from '../adapters/cases-of-state.ts';
import type { Servers } from '../adapters/http-api/answer-request.ts';
import type { OfficersPorts } from './officers-ports.ts';

const DAY_MS = 86_400_000;
const CLOSED_DAYS = 30;
/** Counting reads thousands of items: who asks again at once gets the same. */
const COUNTED_FOR_MS = 30_000;

type OverviewEndpoints =
  | 'health'
  | 'document'
  | 'whoAmI'
  | 'readStatistics'
  | 'readAudit'
  | 'takeTicket';

/** What is neither of a task nor of a case. */
export function overviewServers(ports: OfficersPorts): Servers<OverviewEndpoints> {
  const document = openApiDocument();
  let counted: Statistics | undefined;

  async function count(now: number): Promise<Statistics> {
    const [open, watching, closed] = await Promise.all([
      casesOfState(ports.cases, 'open', 0),
      casesOfState(ports.cases, 'watching', 0),
      casesOfState(ports.cases, 'closed', now - CLOSED_DAYS * DAY_MS),
    ]);
    const { outcomes, ...statistics } = caseStatistics(
      [...open.found, ...watching.found],
      closed.found,
      now,
    );
    return {
      at: now,
      ...statistics,
      open: { ...statistics.open },
      closedDays: CLOSED_DAYS,
      outcomes: { ...outcomes },
      medianMinutes: { ...statistics.medianMinutes },
      precisionByTier: { ...statistics.precisionByTier },
      precisionByReason: { ...statistics.precisionByReason },
      precisionByText: { ...statistics.precisionByText },
      work: [...statistics.work],
      complete: open.complete && watching.complete && closed.complete,
    };
  }

  return {
    health: async () => ({ status: 'ok' }),
    document: async () => document,
    async whoAmI({ officer }) {
      const queue = stationQueueOf(officer) ?? (await ports.policy()).ladder.queue;
      const { districts, groups, name, station } = officer;
      return {
        name,
        groups: [...groups],
        ...(station !== undefined && { station }),
        districts: [...districts],
        queue,
      };
    },
    async readStatistics({ now }) {
      if (counted === undefined || now - counted.at > COUNTED_FOR_MS) counted = await count(now);
      return counted;
    },
    async readAudit({ query: { limit, next } }) {
      return ports.audit.list({
        ...(limit !== undefined && { limit: Number(limit) }),
        ...(next !== undefined && { next }),
      });
    },
    takeTicket: ({ now, officer }) => ports.createTicket(officer, now),
  };
}
