import { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { DuckDbStudyArchive } from '../../lib/study/duckdb-study-archive.ts';
import { loadDefaultReference } from '../../lib/study/measures/read-reference.ts';
import { studyDay } from '../../lib/study/study-day.ts';
import { MOST_CONTACTS } from '../../lib/study/suspect.ts';
import {
  addCalls,
  closedOf,
  contactsOf,
  numbersOf,
  type PlainCall,
  type PlainPair,
  suspectsOf,
} from '../study/plain-study.ts';

/** What a process of the benchmark tells on its standard output. */
export interface Told {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most memory that the process ever had, MB. */
  readonly peakMb: number;
  readonly suspects: number;
}

/** The study's questions about contacts, in loops over all calls in memory. */
async function plainStudy(archive: DuckDbArchive, day: string): Promise<number> {
  const pairs = new Map<string, PlainPair>();
  const result = await archive.connection.stream(
    `SELECT caller, callee, CAST(start AS DOUBLE) AS start, duration, answered, international, caller_is_service AS "callerIsService",
       callee_is_service AS "calleeIsService", district, handset, day
     FROM calls WHERE day = '${day}'`,
  );
  for await (const rows of result.yieldRowObjectJs()) addCalls(pairs, rows as never as PlainCall[]);
  const contacts = contactsOf(pairs.values(), numbersOf(pairs.values()).values());
  const suspects = suspectsOf(contacts);
  closedOf(suspects, contacts, pairs.values(), MOST_CONTACTS);
  return suspects.size;
}

async function ourStudy(archive: DuckDbArchive, day: string, windowDays: number): Promise<number> {
  await studyDay(await DuckDbStudyArchive.open(archive), {
    day,
    policy: loadDefaultPolicy(),
    known: [],
    reference: loadDefaultReference(),
    windowDays,
  });
  const rows = await archive.ask<{ suspects: number }>(
    `SELECT count(*) AS suspects FROM study_suspects WHERE day = '${day}'`,
  );
  return rows[0]?.suspects ?? 0;
}

const [folder = '', day = '', how = ''] = process.argv.slice(2);
await using archive = await DuckDbArchive.open(folder);
const startedAt = performance.now();
const before = process.cpuUsage();
const suspects =
  how === 'plain' ? await plainStudy(archive, day) : await ourStudy(archive, day, Number(how));
const { user, system } = process.cpuUsage(before);
const told: Told = {
  seconds: (performance.now() - startedAt) / 1000,
  cpuSeconds: (user + system) / 1e6,
  peakMb: process.resourceUsage().maxRSS / 1000,
  suspects,
};
console.log(JSON.stringify(told));
