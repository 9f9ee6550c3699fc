import { beforeAll, describe, expect, it } from 'vitest';
import {
  addReport,
  type ClueState,
  cluesEntry,
  NO_CLUES,
  type Report,
} from '../../../lib/domain/clues/clue-weight.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import type { CluesEntry, Listing } from '../../../lib/domain/listing/listing.ts';
import { SeededRandom } from '../../../lib/simulation/seeded-random.ts';
import { type DayJudged, judgeDay, simulateTown, type TownDay } from './town-day.ts';

const POLICY = loadDefaultPolicy();
const CLUES = POLICY.lists.clues;
const REPORTS = 10_000;
const MINUTE = 60;
const DAY = 86_400;

let town: TownDay;
let undisturbed: DayJudged;
/** Epoch seconds at which the simulated day begins. */
let dawn: number;

beforeAll(() => {
  town = simulateTown(2_500, 1, 11);
  undisturbed = judgeDay(town, POLICY);
  dawn = Math.floor(town.truth.from / 1000);
}, 240_000);

/** Who reports, from where, and when, of 10,000 false reports. Times are seconds before the day. */
type Campaign = (i: number) => Pick<Report, 'reporter' | 'network' | 'known'> & {
  readonly before: number;
};

const CAMPAIGNS: readonly (readonly [string, Campaign])[] = [
  [
    'from one network, by as many names as there are reports',
    (i) => ({ reporter: `name-${i}`, network: 'one', known: false, before: (i * DAY) / REPORTS }),
  ],
  [
    'from as many networks, in one hour',
    (i) => ({
      reporter: `name-${i}`,
      network: `network-${i}`,
      known: false,
      before: (i * 60 * MINUTE) / REPORTS,
    }),
  ],
  [
    'by fresh names from fresh networks, over four weeks',
    (i) => ({
      reporter: `name-${i}`,
      network: `network-${i}`,
      known: false,
      before: (i * 28 * DAY) / REPORTS,
    }),
  ],
  [
    'by a thousand patient accounts that were there long before',
    (i) => ({
      reporter: `name-${i % 1_000}`,
      network: `network-${i % 1_000}`,
      known: true,
      before: (i * 3 * DAY) / REPORTS,
    }),
  ],
];

/** What the lists say of a number on the day after a campaign against it. */
function afterCampaign(campaign: Campaign): { entry: CluesEntry | undefined; bursts: number } {
  let state: ClueState = NO_CLUES;
  let bursts = 0;
  for (let i = REPORTS - 1; i >= 0; i--) {
    const { before, ...report } = campaign(i);
    const reported = addReport(state, { ...report, at: Math.round(dawn - before) }, CLUES);
    state = reported.state;
    bursts += Number(reported.isBurst);
  }
  return { entry: cluesEntry(state, dawn, CLUES), bursts };
}

const tokensWithRole = (role: string) =>
  town.truth.hardNegatives
    .filter((one) => one.role === role)
    .map(({ number }) => town.numbers.get(number) ?? '');

function fraudsters(): ReadonlySet<string> {
  return new Set(town.truth.fraudCallers.map(({ number }) => town.numbers.get(number) ?? ''));
}

/** Somebody of whom there is nothing to say, but that he makes calls. */
function ordinaryPerson(): string {
  const { fraudCallers, hardNegatives } = town.truth;
  const others = new Set([...hardNegatives, ...fraudCallers].map(({ number }) => number));
  const calling = new Set(
    town.legs.flat().flatMap(({ number, originating }) => (originating ? [number] : [])),
  );
  const ordinary = [...town.numbers]
    .filter(([number, token]) => !others.has(number) && calling.has(token))
    .map(([, token]) => token);
  return ordinary[new SeededRandom(7, 'ordinary').below(ordinary.length)] ?? '';
}

describe('10,000 coordinated false reports', () => {
  it.each(CAMPAIGNS)(
    'against an ordinary person, a hospital and a courier cause not one warning: %s',
    (_, campaign) => {
      const targets = [
        ordinaryPerson(),
        ...tokensWithRole('hospital-desk'),
        ...tokensWithRole('courier'),
      ];
      expect(targets.length).toBeGreaterThan(2);
      const { entry } = afterCampaign(campaign);
      const listing: Listing = entry === undefined ? {} : { clues: entry };
      const framed = new Set(targets);

      const { warnings } = judgeDay(town, POLICY, (number) =>
        framed.has(number) ? listing : undefined,
      );

      expect(warnings).toEqual(undisturbed.warnings);
    },
    120_000,
  );

  it('against every innocent number of the town at once change no warning', () => {
    const guilty = fraudsters();
    const entry: CluesEntry = { weight: REPORTS, at: dawn, until: dawn + 90 * DAY };
    const { warnings } = judgeDay(town, POLICY, (number) =>
      guilty.has(number) ? undefined : { clues: entry },
    );
    expect(undisturbed.warnings.length).toBeGreaterThan(10);
    expect(warnings).toEqual(undisturbed.warnings);
  }, 120_000);

  it('from one network count once, and in a burst are told of', () => {
    const [oneNetwork, oneHour] = CAMPAIGNS.map(([, campaign]) => afterCampaign(campaign));
    expect(oneNetwork?.entry).toBeUndefined();
    expect(oneHour?.entry?.weight ?? 0).toBeLessThanOrEqual(3);
    expect(oneHour?.bursts).toBeGreaterThan(0);
  });
});

describe('real reports against real swindlers', () => {
  it('bring them to light no later, and some sooner, for people to look into', () => {
    const guilty = fraudsters();
    const entry: CluesEntry = { weight: 8, at: dawn, until: dawn + 28 * DAY };
    const { found } = judgeDay(town, POLICY, (number) =>
      guilty.has(number) ? { clues: entry } : undefined,
    );
    let sooner = 0;
    for (const number of guilty) {
      const before = undisturbed.found.get(number) ?? Number.POSITIVE_INFINITY;
      const after = found.get(number) ?? Number.POSITIVE_INFINITY;
      expect(after).toBeLessThanOrEqual(before);
      sooner += Number(after < before);
    }
    expect(sooner).toBeGreaterThan(0);
  }, 120_000);
});
