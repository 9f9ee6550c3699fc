import { parseIsoTimestamp } from '../domain/timestamp.ts';
import type { Scenario } from './scenario-schema.ts';

/** Shares that make a whole may miss it by so much. */
const ROUNDING = 0.011;
/** Room that the numbering has for residents' contacts elsewhere. */
const MOST_OUTSIDERS = 25_000_000;

/** What a schema cannot say about a scenario; empty when it can be used. */
export function scenarioProblems(scenario: Scenario): string[] {
  const { residents, districts, feeds, people, start } = scenario;
  const problems: string[] = [];
  if (parseIsoTimestamp(start) === undefined) {
    problems.push('start: must be ISO 8601 with an offset: 2026-11-23T00:00:00+08:00');
  }
  if (people * residents.outsideContacts > MOST_OUTSIDERS) {
    problems.push(`residents.outsideContacts: times people must be at most ${MOST_OUTSIDERS}`);
  }
  return [
    ...problems,
    ...wholeProblem(
      'districts: homeShare',
      districts.map((one) => one.homeShare),
    ),
    ...wholeProblem(
      'districts: workShare',
      districts.map((one) => one.workShare),
    ),
    ...wholeProblem(
      'feeds: share',
      feeds.map((one) => one.share),
    ),
    ...wholeProblem(
      'residents.relations: share',
      Object.values(residents.relations).map((one) => one.share),
    ),
    ...serviceProblems(scenario),
    ...shapeProblems(residents, 'residents'),
    ...scenario.trades.flatMap((trade) => shapeProblems(trade, `trades, "${trade.role}"`)),
    ...scenario.fraud.flatMap((habit) => shapeProblems(habit, `fraud, "${habit.name}"`)),
  ];
}

function wholeProblem(place: string, shares: readonly number[]): string[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  return Math.abs(total - 1) < ROUNDING
    ? []
    : [`${place}: together they are ${Number(total.toFixed(4))}, and must be 1`];
}

function serviceProblems({ trades }: Scenario): string[] {
  return trades
    .filter(({ line, count }) => typeof line === 'object' && count > 1)
    .map(({ role }) => `trades, "${role}": count: a service number is one; give it more lines`);
}

/** Ranges that run backwards, and weights that are all zero, at any depth. */
function shapeProblems(value: object, place: string): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const at = `${place}: ${key}`;
    if (!Array.isArray(inner)) {
      return typeof inner === 'object' && inner !== null ? shapeProblems(inner, at) : [];
    }
    const numbers = inner.filter((one) => typeof one === 'number');
    const [from, to] = numbers;
    if (numbers.length === 2 && from !== undefined && to !== undefined && from > to) {
      return [`${at}: runs backwards, from ${from} to ${to}`];
    }
    return numbers.length > 2 && numbers.every((one) => one === 0) ? [`${at}: is all zero`] : [];
  });
}
