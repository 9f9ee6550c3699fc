import { Compile } from 'typebox/compile';
import { jsonFault, quoted } from '../domain/plain-text.ts';
import { schemaProblems } from '../domain/schema-problems.ts';
import { CITY_SCENARIO } from './city-scenario.ts';
import { scenarioProblems } from './scenario-problems.ts';
import { type Scenario, ScenarioSchema } from './scenario-schema.ts';

/** A scenario that cannot be used. Each problem names its place in the document and what to do. */
export class ScenarioError extends Error {
  readonly code = 'bad-scenario';
  override readonly name = 'ScenarioError';
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[], options?: ErrorOptions) {
    super([`The scenario ${source} cannot be used:`, ...problems].join('\n  - '), options);
    this.problems = problems;
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/**
 * What a scenario file may hold, as JSON Schema: all of a scenario's properties, none of them required, because
 * the default city has a value for each. Only a trader's role and a fraud habit's name must be there.
 */
export const ScenarioFileSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:forewarn:scenario',
  title: 'Forewarn scenario',
  ...fileSchema(),
  description:
    'A city, and how it telephones. What is left out is as in the default city (docs/scenarios/city.json).',
};

const fileValidator = Compile(ScenarioFileSchema);
const validator = Compile(ScenarioSchema);

/**
 * Reads a scenario file: the default city with what the file changes. Objects are merged, arrays replaced, trades
 * merged by `role` and fraud habits by `name`. Counts that the file does not give follow the number of people.
 *
 * @param source how messages call the file, usually its path
 * @throws {ScenarioError} with all problems at once
 */
export function parseScenario(text: string, source: string): Scenario {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new ScenarioError(source, [`it is not JSON: ${jsonFault(cause)}`], { cause });
  }
  if (!fileValidator.Check(file)) {
    throw new ScenarioError(source, schemaProblems(fileValidator.Errors(file)));
  }
  return checkScenario(mergedWithCity(file as JsonObject, source), source);
}

/**
 * A whole scenario, checked.
 *
 * @throws {ScenarioError} with all problems at once
 */
export function checkScenario(scenario: object, source: string): Scenario {
  if (!validator.Check(scenario)) {
    const problems = schemaProblems(validator.Errors(scenario));
    throw new ScenarioError(
      source,
      problems.map((problem) => withNames(problem, scenario as JsonObject)),
    );
  }
  const problems = scenarioProblems(scenario);
  if (problems.length > 0) throw new ScenarioError(source, problems);
  return scenario;
}

/** The same city with more or fewer people; trades and fraud in proportion, at least one of each. */
export function scaledToPeople(scenario: Scenario, people: number): Scenario {
  const scale = people / scenario.people;
  const scaled = <T extends { count: number; line: unknown }>(entry: T): T => ({
    ...entry,
    count: entry.count === 0 ? 0 : Math.max(1, Math.round(entry.count * scale)),
  });
  return {
    ...scenario,
    people,
    // A service number is one number, however many people there are.
    trades: scenario.trades.map((trade) =>
      typeof trade.line === 'object' ? trade : scaled(trade),
    ),
    fraud: scenario.fraud.map(scaled),
  };
}

function fileSchema(): JsonObject {
  const schema = partial(JSON.parse(JSON.stringify(ScenarioSchema)));
  if (!isObject(schema) || !isObject(schema.properties)) return {};
  const only = {
    type: 'array',
    items: { enum: ['trades', 'fraud'] },
    description:
      'Of these lists, the default city’s entries that the file does not name are left out.',
  };
  return { ...schema, properties: { ...schema.properties, only } };
}

function mergedWithCity(file: JsonObject, source: string): JsonObject {
  const people = typeof file.people === 'number' ? file.people : CITY_SCENARIO.people;
  const city = JSON.parse(JSON.stringify(scaledToPeople(CITY_SCENARIO, people))) as JsonObject;
  const { trades, fraud, only, ...rest } = file;
  const problems: string[] = [];
  const entries = (list: string, key: string, changes: Json | undefined) => {
    const merged = mergeEntries(list, key, city, changes, problems);
    const named = objectsOf(changes).map((entry) => entry[key]);
    const onlyNamed = Array.isArray(only) && only.includes(list);
    return onlyNamed ? merged.filter((entry) => named.includes(entry[key])) : merged;
  };
  const merged = {
    ...merge(city, rest),
    trades: entries('trades', 'role', trades),
    fraud: entries('fraud', 'name', fraud),
  };
  if (problems.length > 0) throw new ScenarioError(source, problems);
  return merged;
}

function merge(base: JsonObject, changes: JsonObject): JsonObject {
  const merged = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const known = merged[key];
    merged[key] = isObject(known) && isObject(value) ? merge(known, value) : value;
  }
  return merged;
}

/** Entries of the city, changed, and new ones after them; those of count 0 are left out. */
function mergeEntries(
  list: string,
  key: string,
  city: JsonObject,
  changes: Json | undefined,
  problems: string[],
): JsonObject[] {
  const entries = new Map<Json, JsonObject>();
  for (const entry of objectsOf(city[list])) entries.set(entry[key] ?? '', entry);
  const seen = new Set<Json>();
  for (const { like, ...change } of objectsOf(changes)) {
    const name = change[key] ?? '';
    const place = `${list}, ${named(name)}`;
    if (seen.has(name)) problems.push(`${place}: is there twice`);
    seen.add(name);
    const model = entries.get(like ?? name);
    if (like !== undefined && model === undefined) {
      problems.push(`${place}: like: there is no ${named(like)}`);
    }
    const fresh: JsonObject = like === undefined ? {} : { count: 1 };
    entries.set(name, merge({ ...model, ...fresh }, change));
  }
  return [...entries.values()].filter(({ count }) => count !== 0);
}

/** What an entry calls itself, or another. */
function named(name: Json): string {
  return JSON.stringify(typeof name === 'string' ? quoted(name) : name);
}

function objectsOf(list: unknown): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The schema without its required properties, except for what an entry is called by. */
function partial(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(partial);
  if (!isObject(schema)) return schema;
  const { required, ...rest } = schema;
  const changed: JsonObject = {};
  for (const [key, value] of Object.entries(rest)) changed[key] = partial(value);
  const names = Array.isArray(required)
    ? required.filter((name) => ['role', 'name'].includes(String(name)))
    : [];
  // The scenario's own name is the file's to leave out.
  const isEntry = names.length > 0 && isObject(rest.properties) && 'like' in rest.properties;
  return isEntry ? { ...changed, required: names } : changed;
}

/** `fraud[7].calls` says little of a merged list: the entry's name says more. */
function withNames(problem: string, scenario: JsonObject): string {
  return problem.replace(/^(trades|fraud)\[(\d+)\]/, (place, list: string, index: string) => {
    const entry = objectsOf(scenario[list])[Number(index)];
    const name = entry?.role ?? entry?.name;
    return name === undefined ? place : `${list}, ${named(name)}`;
  });
}
