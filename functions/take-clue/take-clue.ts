import { ProblemError } from '../../lib/api/problem.ts';
import { addReports, cluesEntry, type Report } from '../../lib/domain/clues/clue-weight.ts';
import { networkOfAddress } from '../../lib/domain/clues/network-of-address.ts';
import type { FraudKind } from '../../lib/domain/fraud-kind.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { maskNumbersIn } from '../../lib/domain/mask-numbers.ts';
import type { PartyNumber } from '../../lib/domain/phone-number.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import type { AppealStore } from '../adapters/appeals-table.ts';
import type { ClueStore, KeptClue } from '../adapters/clues-table.ts';
import type { Servers } from '../adapters/http-api/answer-request.ts';
import type { ListingStore } from '../adapters/listings-table.ts';
import { type Pseudonym, type Sealer, sealNumber } from '../adapters/sealing.ts';

/** Counts for the metrics. */
export interface ClueCounts {
  readonly taken: number;
  /** Independent of those that counted already. */
  readonly counted: number;
  readonly bursts: number;
  readonly appeals: number;
}

/** What taking in clues works with. */
export interface TakeCluePorts {
  readonly clues: ClueStore;
  readonly listings: Pick<ListingStore, 'changeEach'>;
  readonly appeals: Pick<AppealStore, 'lodge' | 'read'>;
  readonly policy: () => Promise<Policy>;
  readonly sealing: () => Promise<{ readonly sealer: Sealer; readonly pseudonym: Pseudonym }>;
  readonly normalise: (text: string) => PartyNumber | undefined;
  readonly count: (counts: Partial<ClueCounts>) => void;
}

/** What somebody reports. */
interface Reported {
  readonly number: string;
  readonly kind: FraudKind;
  readonly when: string;
  readonly text?: string;
  readonly reporter?: string;
}

/** Who reports, by pseudonyms. */
interface Reporter {
  readonly reporter: string;
  readonly network?: string;
  /**
   * Whose reports of a day are counted, where the reporter is only named: anybody can name a number, and must neither
   * use up the reports of its owner nor see that there were any.
   */
  readonly counted?: string;
  readonly number?: NumberToken;
}

/** A report as it is kept, and as it is counted. */
interface Offered extends KeptClue {
  readonly report: Report;
}

const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;
/** After so many half-lives a clue weighs next to nothing. */
const CLOSED_AFTER_HALF_LIVES = 4;

/** What a person wrote, without numbers, however they were written. */
const scrubbed = (text: string | undefined) => maskNumbersIn((text ?? '').normalize('NFKC'));

type TakenEndpoints = 'postClue' | 'readClue' | 'importClues' | 'lodgeAppeal' | 'readAppeal';

/** The endpoints through which the public speaks. None of them tells anything of a number. */
export function clueServers(ports: TakeCluePorts): Servers<TakenEndpoints> {
  const { appeals, clues, listings, normalise, policy, sealing } = ports;

  /** @throws {ProblemError} which does not repeat it */
  async function sealed(text: string, field: string): Promise<NumberToken> {
    const party = normalise(text);
    if (party?.kind === 'subscriber') return sealNumber(party, (await sealing()).sealer);
    throw new ProblemError('bad-request', 'That is no phone number of a subscriber.', [
      `${field}: must be a phone number, such as +8613800138000`,
    ]);
  }

  function timeOf(when: string, now: number): number {
    const time = Date.parse(when);
    if (time <= now + DAY_MS) return time;
    throw new ProblemError('bad-request', 'What has not happened yet cannot be reported.', [
      'when: must not be in the future',
    ]);
  }

  /** Counts the visit. @returns since when the reporter is known, epoch ms @throws {ProblemError} beyond the limit */
  async function visit({ counted, network, reporter }: Reporter, now: number): Promise<number> {
    const { clues: limits } = (await policy()).lists;
    const day = new Date(now).toISOString().slice(0, 10);
    const expiresAt = Math.floor(now / 1000) + limits.receiptDays * DAY_SECONDS;
    const upTo = (who: string, limit: number) => clues.visit(who, day, now, limit, expiresAt);
    const visits = [
      upTo(reporter, counted === undefined ? limits.reportsPerDay : Number.MAX_SAFE_INTEGER),
      ...(counted === undefined ? [] : [upTo(counted, limits.reportsPerDay)]),
      ...(network === undefined || network === reporter
        ? []
        : [upTo(network, limits.reportsPerNetworkPerDay)]),
    ];
    const [since, ...others] = await Promise.all(visits);
    if (since !== undefined && !others.includes(undefined)) return since;
    throw new ProblemError('too-many', 'Enough reports for a day; try again tomorrow.');
  }

  /** What is to be kept of a report. @throws {ProblemError} for what cannot be taken */
  async function offeredOf(
    reference: string,
    reported: Reported,
    by: Reporter,
    since: number,
    now: number,
  ): Promise<Offered> {
    const { clues: limits } = (await policy()).lists;
    const number = await sealed(reported.number, 'number');
    return {
      reference,
      clue: {
        number,
        kind: reported.kind,
        when: timeOf(reported.when, now),
        text: scrubbed(reported.text),
        reporter: by.reporter,
        ...(by.number !== undefined && { reporterNumber: by.number }),
        at: now,
      },
      report: {
        reporter: by.reporter,
        ...(by.network !== undefined && { network: by.network }),
        at: Math.floor(now / 1000),
        known: now - since >= limits.knownAfterDays * DAY_MS,
      },
    };
  }

  /**
   * Keeps clues and counts them, as if one came after the other. Those about one number are counted by one write.
   *
   * @returns how many were repeats
   */
  async function take(offered: readonly Offered[], now: number): Promise<number> {
    const { clues: limits } = (await policy()).lists;
    const at = Math.floor(now / 1000);
    const expiresAt = at + limits.receiptDays * DAY_SECONDS;
    // Of the same reference twice, the first is taken.
    const distinct = [
      ...new Map(offered.toReversed().map((one) => [one.reference, one])).values(),
    ].toReversed();
    const standings = await clues.keep(distinct, expiresAt);
    const fresh = distinct.filter((_, i) => standings[i] !== 'considered');
    // A crash may have come between the counting of a report and what it makes the lists say.
    const cutShort = new Set(
      distinct.filter((_, i) => standings[i] === 'received').map(({ clue }) => clue.number),
    );
    const byNumber = Map.groupBy(fresh, ({ clue }) => clue.number);
    // Again after a crash it is the same reporter's, and counts once.
    const changed = await clues.change(
      [...byNumber.keys()],
      (number, before) => {
        const reports = (byNumber.get(number) ?? []).map(({ report }) => report);
        return addReports(before, reports, limits);
      },
      expiresAt,
    );
    const listed = [...changed].flatMap(([number, { counted, state }]) => {
      const entry = cluesEntry(state, at, limits);
      if (entry === undefined || (counted === 0 && !cutShort.has(number))) return [];
      return [[number, { list: 'clues', put: entry }] as const];
    });
    await listings.changeEach(new Map(listed), at);
    await clues.considered(fresh.map(({ reference }) => reference));
    const total = [...changed.values()];
    ports.count({
      taken: fresh.length,
      counted: total.reduce((sum, { counted }) => sum + counted, 0),
      bursts: total.reduce((sum, { bursts }) => sum + bursts, 0),
    });
    return offered.length - fresh.length;
  }

  async function reporterOf(text: string | undefined, network?: string): Promise<Reporter> {
    if (text === undefined) return { reporter: network ?? '', ...(network && { network }) };
    const { pseudonym } = await sealing();
    const number = await sealed(text, 'reporter');
    return {
      reporter: pseudonym(`reporter|${number}`),
      number,
      ...(network && { network, counted: pseudonym(`reporter|${number}|${network}`) }),
    };
  }

  return {
    async postClue({ body, from, key, now }) {
      const { pseudonym } = await sealing();
      const network = pseudonym(`network|${networkOfAddress(from)}`);
      // What cannot be taken costs the reporter nothing of the day.
      await sealed(body.number, 'number');
      const by = await reporterOf(body.reporter, network);
      const reference = pseudonym(`clue|${key}`);
      const since = await visit(by, now);
      await take([await offeredOf(reference, body, by, since, now)], now);
      return { reference };
    },

    async readClue({ now, parameters: { reference } }) {
      const receipt = await clues.receipt(reference);
      if (receipt === undefined) throw new ProblemError('not-found', 'There is no such clue.');
      const { halfLifeDays } = (await policy()).lists.clues;
      const closedAt = receipt.at + CLOSED_AFTER_HALF_LIVES * halfLifeDays * DAY_MS;
      return { state: now >= closedAt ? 'closed' : receipt.progress };
    },

    async importClues({ body, now, officer }) {
      const { pseudonym } = await sealing();
      // What names no reporter is one source, however many rows there are.
      const nameless: Reporter = { reporter: pseudonym(`import|${officer.name}`) };
      const rejected: { item: number; detail: string }[] = [];
      const offered: Offered[] = [];
      for (const [item, { reference, ...reported }] of body.clues.entries()) {
        try {
          const by =
            reported.reporter === undefined ? nameless : await reporterOf(reported.reporter);
          const name = pseudonym(`import|${reference}`);
          // A hotline's own reporters are known to it.
          offered.push(await offeredOf(name, reported, by, 0, now));
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          rejected.push({ item, detail: [error.message, ...error.faults].join(' ') });
        }
      }
      const known = await take(offered, now);
      return { taken: offered.length - known, known, rejected };
    },

    async lodgeAppeal({ body, from, key, now }) {
      const { pseudonym } = await sealing();
      const number = await sealed(body.number, 'number');
      const network = pseudonym(`network|${networkOfAddress(from)}`);
      await visit({ reporter: network, network }, now);
      const reference = pseudonym(`appeal|${key}`);
      await appeals.lodge({ reference, number, text: scrubbed(body.text), at: now });
      ports.count({ appeals: 1 });
      return { reference };
    },

    async readAppeal({ parameters: { reference } }) {
      const appeal = await appeals.read(reference);
      if (appeal === undefined) throw new ProblemError('not-found', 'There is no such appeal.');
      return { state: appeal.decided === undefined ? 'received' : 'closed' };
    },
  };
}
