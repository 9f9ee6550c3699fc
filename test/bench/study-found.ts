import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { studyDay } from '../../lib/study/study-day.ts';
import { type StudiedTown, studiedTown } from '../study/studied-town.ts';

const SCENARIO = 'docs/scenarios/slow-campaigns-held-out.json';
const SEED = 3;

function readOptions(): { readonly scenario: string; readonly seed: number } {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      scenario: { type: 'string', default: SCENARIO },
      seed: { type: 'string', default: String(SEED) },
    },
  });
  return { scenario: values.scenario, seed: Number(values.seed) };
}

/** What the studied days found of what was planted, and whom else they named. */
class Found {
  readonly listed = new Set<NumberToken>();
  readonly grouped = new Set<NumberToken>();
  readonly atRisk = new Set<NumberToken>();
  /** Honest numbers by day: listed, and in groups. */
  readonly honest: { readonly day: string; readonly listed: number; readonly grouped: number }[] =
    [];

  static async of(town: StudiedTown, planted: ReadonlySet<NumberToken>): Promise<Found> {
    const found = new Found();
    const policy = loadDefaultPolicy();
    const strangers = (numbers: readonly NumberToken[]) =>
      numbers.filter((number) => !planted.has(number)).length;
    for (const day of town.days) {
      const { callers, groups, subjects } = await studyDay(town.study, { day, policy, known: [] });
      const listed = callers.map(({ number }) => number);
      const grouped = groups.flatMap(({ numbers }) => numbers);
      for (const number of listed) found.listed.add(number);
      for (const number of grouped) found.grouped.add(number);
      for (const { number } of subjects) found.atRisk.add(number);
      found.honest.push({ day, listed: strangers(listed), grouped: strangers(grouped) });
    }
    return found;
  }
}

const share = (part: number, whole: number) =>
  `${part} of ${whole}${whole === 0 ? '' : ` (${Math.round((100 * part) / whole)} %)`}`;

/** Measures what the daily study finds of a scenario's fraud callers, and whom it names wrongly. */
export async function run(): Promise<void> {
  const { scenario, seed } = readOptions();
  await using town = await studiedTown(seed, await readFile(scenario, 'utf8'));
  const { deceived, fraudCallers, people } = town.truth;
  const habits = new Map(fraudCallers.map(({ habit, number }) => [town.tokenOf(number), habit]));
  const deceivers = new Set(
    deceived.flatMap(({ calls }) => calls.map(({ caller }) => town.tokenOf(caller))),
  );
  const found = await Found.of(town, new Set(habits.keys()));

  const table = new Table({
    head: ['habit', 'listed', 'of those who deceived somebody', 'in a group'],
    style: { head: [], border: [] },
  });
  const row = (name: string, numbers: readonly NumberToken[]) => {
    const fooled = numbers.filter((number) => deceivers.has(number));
    const among = (set: ReadonlySet<NumberToken>, of: readonly NumberToken[]) =>
      share(of.filter((number) => set.has(number)).length, of.length);
    table.push([
      name,
      among(found.listed, numbers),
      among(found.listed, fooled),
      among(found.grouped, numbers),
    ]);
  };
  const numbers = [...habits.keys()];
  for (const [habit, own] of Map.groupBy(numbers, (number) => habits.get(number) ?? '')) {
    row(habit, own);
  }
  row('all', numbers);
  const victims = new Set(deceived.map(({ number }) => town.tokenOf(number)));
  const named = [...victims].filter((number) => found.atRisk.has(number)).length;
  console.log(
    `${scenario}, seed ${seed}: ${people.toLocaleString('en')} people, ${town.days.length} studied days.`,
  );
  console.log(table.toString());
  for (const { day, grouped, listed } of found.honest) {
    console.log(`${day}: ${listed} honest numbers listed, ${grouped} in groups.`);
  }
  console.log(
    `People at risk: ${share(named, victims.size)} of the deceived, among ${found.atRisk.size} named.`,
  );
}
