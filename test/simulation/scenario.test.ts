import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CITY_SCENARIO } from '../../lib/simulation/city-scenario.ts';
import {
  checkScenario,
  parseScenario,
  ScenarioError,
  ScenarioFileSchema,
  scaledToPeople,
} from '../../lib/simulation/scenario.ts';

function problemsOf(file: unknown): string {
  const text = typeof file === 'string' ? file : JSON.stringify(file);
  try {
    parseScenario(text, 'town.json');
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems.join('\n');
    throw error;
  }
  return '';
}

const parsed = (file: object) => parseScenario(JSON.stringify(file), 'town.json');
const entry = <T extends object>(list: readonly T[], key: keyof T, name: string) =>
  list.find((one) => one[key] === name);

describe('a scenario file', () => {
  it('may be empty, and is the default city then', () => {
    expect(parsed({})).toEqual(CITY_SCENARIO);
  });

  it('changes what it names, and nothing else', () => {
    const changed = parsed({
      days: 5,
      residents: { relations: { shop: { habit: { talkSpread: 1 } } } },
    });
    expect(changed.days).toBe(5);
    expect(changed.residents.relations.shop.habit.talkSpread).toBe(1);
    expect({
      ...changed,
      days: CITY_SCENARIO.days,
      residents: CITY_SCENARIO.residents,
    }).toEqual(CITY_SCENARIO);
    expect(changed.residents.relations.family).toEqual(CITY_SCENARIO.residents.relations.family);
  });

  it('changes a trader by role and a fraud habit by name', () => {
    const { trades, fraud } = parsed({
      trades: [{ role: 'courier', count: 3 }],
      fraud: [{ name: 'fake-orders', calls: [5, 6] }],
    });
    expect(trades).toHaveLength(CITY_SCENARIO.trades.length);
    expect(entry(trades, 'role', 'courier')).toEqual({
      ...entry(CITY_SCENARIO.trades, 'role', 'courier'),
      count: 3,
    });
    expect(entry(fraud, 'name', 'fake-orders')?.calls).toEqual([5, 6]);
  });

  it('adds an entry like another one, once unless it says how often', () => {
    const { fraud } = parsed({ fraud: [{ name: 'mine', like: 'fake-orders', line: 'abroad' }] });
    expect(entry(fraud, 'name', 'mine')).toEqual({
      ...entry(CITY_SCENARIO.fraud, 'name', 'fake-orders'),
      name: 'mine',
      line: 'abroad',
      count: 1,
    });
    expect(fraud).toHaveLength(CITY_SCENARIO.fraud.length + 1);
  });

  it('leaves an entry out by count 0, or all that it does not name', () => {
    const without = parsed({ trades: [{ role: 'courier', count: 0 }] });
    expect(entry(without.trades, 'role', 'courier')).toBeUndefined();
    const only = parsed({ only: ['fraud', 'trades'], fraud: [{ name: 'fake-orders' }] });
    expect(only.trades).toEqual([]);
    expect(only.fraud).toEqual([entry(CITY_SCENARIO.fraud, 'name', 'fake-orders')]);
  });

  it('has trades and fraud in proportion to its people, except for counts that it gives', () => {
    const town = parsed({ people: 5000, fraud: [{ name: 'fake-orders', count: 9 }] });
    expect(entry(town.trades, 'role', 'courier')?.count).toBe(8);
    expect(entry(town.trades, 'role', 'bank-hotline')?.count).toBe(1);
    expect(entry(town.fraud, 'name', 'autodialled-loans')?.count).toBe(1);
    expect(entry(town.fraud, 'name', 'fake-orders')?.count).toBe(9);
    const again = scaledToPeople(CITY_SCENARIO, 5000);
    expect(town.trades).toEqual(again.trades);
  });

  it('may be the whole scenario as it is printed', () => {
    const town = parsed({
      people: 7000,
      only: ['trades'],
      fraud: [{ name: 'game-accounts', count: 0 }],
    });
    expect(parsed({ ...town, only: ['trades', 'fraud'] })).toEqual(town);
  });

  it.each<[string, unknown, string]>([
    ['text that is not JSON', '{', 'it is not JSON'],
    ['a misspelt property', { poeple: 3000 }, 'poeple: there is no such property'],
    [
      'a misspelt property deep within',
      { fraud: [{ name: 'fake-orders', outgoing: { answerShare: 0.2 } }] },
      'fraud[0].outgoing.answerShare: there is no such property',
    ],
    ['a wrong type', { days: 'three' }, 'days: must be number'],
    ['an unknown kind', { fraud: [{ name: 'x', like: 'fake-orders', kind: 'spam' }] }, '"loan"'],
    ['a share above 1', { residents: { elsewhereShare: 2 } }, 'residents.elsewhereShare'],
    ['a fraud habit without name', { fraud: [{ count: 2 }] }, 'fraud[0]: name is missing'],
    [
      'a new entry that is not whole',
      { fraud: [{ name: 'mine', count: 1 }] },
      'fraud, "mine": kind, line, startsAt',
    ],
    [
      'an unknown model',
      { trades: [{ role: 'mine', like: 'postman' }] },
      'trades, "mine": like: there is no "postman"',
    ],
    [
      'a name that is there twice',
      { fraud: [{ name: 'fake-orders' }, { name: 'fake-orders' }] },
      'is there twice',
    ],
    ['a start without offset', { start: '2026-11-23T00:00:00' }, 'start: must be ISO 8601'],
    [
      'a range that runs backwards',
      { fraud: [{ name: 'fake-orders', calls: [9, 2] }] },
      'fraud, "fake-orders": calls: runs backwards',
    ],
    [
      'shares that are no whole',
      { residents: { relations: { family: { share: 0.9 } } } },
      'residents.relations: share: together they are 1.6',
    ],
    [
      'a service number that is several',
      { trades: [{ role: 'bank-hotline', count: 2 }] },
      'a service number is one',
    ],
    [
      'more contacts than there are numbers',
      { people: 1_000_000, residents: { outsideContacts: 100 } },
      'residents.outsideContacts',
    ],
  ])('is refused with %s', (_name, file, problem) => {
    expect(problemsOf(file)).toContain(problem);
  });

  it('is refused with all its problems at once, and its name', () => {
    const file = { poeple: 3000, days: -1, fraud: [{ name: 'fake-orders', kinds: 'loan' }] };
    expect(problemsOf(file).split('\n')).toHaveLength(3);
    expect(() => parseScenario(JSON.stringify(file), 'town.json')).toThrow(/town\.json/);
  });
});

it('the example of the documentation is a good scenario file', () => {
  const page = readFileSync(new URL('../../docs/simulation.md', import.meta.url), 'utf8');
  const example = /```json\n(.*?)```/s.exec(page)?.[1] ?? '';
  const { fraud, trades } = parseScenario(example, 'docs/simulation.md');
  expect(fraud.map(({ name }) => name)).toContain('night-loans');
  expect(trades.map(({ role }) => role)).not.toContain('ride-driver');
});

it('the default city is a good scenario', () => {
  expect(checkScenario(CITY_SCENARIO, 'the default city')).toBe(CITY_SCENARIO);
});

// After a change: npx vitest run test/simulation/scenario.test.ts -u
it('publishes the schema of scenario files', async () => {
  await expect(`${JSON.stringify(ScenarioFileSchema, undefined, 2)}\n`).toMatchFileSnapshot(
    '../../docs/schemas/scenario.schema.json',
  );
});

// After a change: node bin/forewarn.ts simulate --print-scenario > docs/scenarios/city.json; npm run format
it('publishes the default city', () => {
  const file = readFileSync(new URL('../../docs/scenarios/city.json', import.meta.url), 'utf8');
  expect(JSON.parse(file)).toEqual({ ...CITY_SCENARIO, only: ['trades', 'fraud'] });
  expect(parseScenario(file, 'city.json')).toEqual(CITY_SCENARIO);
});

it.each(['slow-campaigns', 'slow-campaigns-held-out', 'farms'])(
  'the published scenario %s can be used, and names all of its fraud itself',
  (name) => {
    const file = readFileSync(
      new URL(`../../docs/scenarios/${name}.json`, import.meta.url),
      'utf8',
    );
    const scenario = parseScenario(file, name);
    const named = (JSON.parse(file).fraud as { name: string }[]).map((habit) => habit.name);
    expect(scenario.fraud.map((habit) => habit.name).toSorted()).toEqual(named.toSorted());
  },
);
