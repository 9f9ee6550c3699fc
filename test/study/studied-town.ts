import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sealNumber } from '../../functions/adapters/sealing.ts';
import { startOfDay } from '../../lib/archive/archived-call.ts';
import { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { importHistory } from '../../lib/archive/import-history.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { createNumberNormaliser, type PartyNumber } from '../../lib/domain/phone-number.ts';
import { parseScenario } from '../../lib/simulation/scenario.ts';
import { simulateCity } from '../../lib/simulation/simulate-city.ts';
import type { TruthFile } from '../../lib/simulation/truth-file.ts';
import { DuckDbStudyArchive } from '../../lib/study/duckdb-study-archive.ts';
import { TEST_SEALER } from '../support/in-memory-pipeline.ts';

/** A simulated town in an archive of its own, with what really went on in it. */
export interface StudiedTown extends AsyncDisposable {
  readonly archive: DuckDbArchive;
  readonly study: DuckDbStudyArchive;
  readonly truth: TruthFile;
  /** Studied days, in order. */
  readonly days: readonly string[];
  tokenOf(number: string): NumberToken;
}

const DECEPTION = {
  talkMedianSeconds: 900,
  talkSpread: 0.4,
  moreCalls: [3, 6],
  gapMinutes: [30, 500],
  calledByVictimShare: 0.2,
};

const TOWN = {
  name: 'studied-town',
  people: 1_500,
  days: 3,
  warmUpDays: 1,
  only: ['fraud'],
  fraud: [
    {
      ...{ name: 'patient', like: 'slow-and-careful', count: 6, startsAt: [0, 0.05] },
      ...{
        callsPerHour: [0.6, 1],
        callsPerDay: [2, 3],
        calls: [6, 9],
        cover: { share: 0, contacts: 1 },
      },
      deception: { ...DECEPTION, oneAmongAnswered: [1, 2] },
    },
    {
      ...{ name: 'farm', like: 'loan-sim-box', count: 1, numbers: [7, 7], startsAt: [0.2, 0.25] },
      ...{ calls: [12, 16], rotationMinutes: [2, 20], handsets: [3, 3], callsPerHandset: 4 },
      deception: { ...DECEPTION, oneAmongAnswered: [3, 5], transferShare: 0.4 },
    },
  ],
};

const UTC_OFFSET_MINUTES = 480;

/**
 * Makes a town and its archive; it goes with the archive's folder.
 *
 * @param scenario as a file has it; the small one of the tests unless given
 */
export async function studiedTown(
  seed: number,
  scenario = JSON.stringify(TOWN),
): Promise<StudiedTown> {
  const folder = await mkdtemp(join(tmpdir(), 'forewarn-study-'));
  const archive = await DuckDbArchive.open(folder, { memoryMiB: 512, threads: 2 });
  const simulation = simulateCity(parseScenario(scenario, 'the town'), seed);
  const seal = (party: PartyNumber) => sealNumber(party, TEST_SEALER);
  const { days } = await importHistory(Readable.from(simulation.chunks()), archive, {
    country: 'CN',
    utcOffsetMinutes: UTC_OFFSET_MINUTES,
    tokenOf: seal,
  });
  const truth = simulation.truth();
  const normalise = createNumberNormaliser('CN');
  return {
    archive,
    study: await DuckDbStudyArchive.open(archive),
    truth,
    days: days.filter((day) => {
      const start = startOfDay(day, UTC_OFFSET_MINUTES) * 1000;
      return start >= truth.from && start < truth.to;
    }),
    tokenOf: (number) => {
      const party = normalise(number);
      if (party === undefined) throw new Error(`${number} is no number`);
      return seal(party);
    },
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
