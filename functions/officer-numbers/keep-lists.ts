import type { BodyOf } from '../../lib/api/endpoints.ts';
import type { Officer } from '../../lib/api/officer.ts';
import { ProblemError } from '../../lib/api/problem.ts';
import type { TakenBackView, Unlisted } from '../../lib/api/schemas.ts';
import type { Finding } from '../../lib/domain/exposure.ts';
import type { FraudKind } from '../../lib/domain/fraud-kind.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { CASE_NUMBER_TERM } from '../../lib/domain/listing/added-points.ts';
import { exposuresOfEntry } from '../../lib/domain/listing/exposures-of-entry.ts';
import type { ListEntry, OfficerList } from '../../lib/domain/listing/list-entry.ts';
import type { CaseNumberEntry } from '../../lib/domain/listing/listing.ts';
import { holdsNumber, maskNumbersIn } from '../../lib/domain/mask-numbers.ts';
import type { PartyNumber } from '../../lib/domain/phone-number.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { findingOfCaseNumber, type Judgement } from '../../lib/domain/profile/fold-legs.ts';
import { Profile, readToken } from '../../lib/domain/profile/profile.ts';
import { type RememberedCall, rememberedCalls } from '../../lib/domain/profile/remembered-calls.ts';
import { type Frame, packExposures } from '../../lib/wire/frames.ts';
import type { AppealStore } from '../adapters/appeals-table.ts';
import { eachConcurrently } from '../adapters/batch-requests.ts';
import { decisionName } from '../adapters/decision-name.ts';
import type { KeptFinding } from '../adapters/findings-table.ts';
import type { ApiCall, Servers } from '../adapters/http-api/answer-request.ts';
import { entryEnd } from '../adapters/http-api/entry-end.ts';
import type { ListingStore } from '../adapters/listings-table.ts';
import type { ListStore } from '../adapters/lists-table.ts';
import type { SearchContacts } from '../adapters/search-contacts.ts';
import type { TakeBack } from '../adapters/take-back.ts';

/** What keeping the lists takes, beside sealing. */
export interface KeepListsPorts {
  readonly lists: ListStore;
  readonly listings: ListingStore;
  readonly policy: () => Promise<Policy>;
  readonly normalise: (text: string) => PartyNumber | undefined;
  readonly putExposures: (frames: readonly Frame[]) => Promise<void>;
  readonly keepFindings: (findings: readonly KeptFinding[]) => Promise<void>;
  readonly takeBack: TakeBack;
  readonly appeals: Pick<AppealStore, 'read' | 'decide'>;
  readonly searchContacts: SearchContacts;
}

const DAY_SECONDS = 86_400;
const DAY_MS = 86_400_000;
/** A text about a call is decided at most so long after it, and so stands in the index that far back. */
const DECIDED_WITHIN_DAYS = 3;
/** However wrong a judgement was, somebody looks again within a year. */
const LONGEST_ALLOWED_DAYS = 366;

/** The id of a number's entry: the same whenever it is put on the list, and no way back to the number. */
function entryId(list: OfficerList, number: NumberToken): string {
  return decisionName(`${list}|${number}`);
}

function callsOf(profile: Uint8Array | undefined, since: number): RememberedCall[] {
  if (profile === undefined) return [];
  const loaded = new Profile();
  loaded.load(profile);
  return rememberedCalls(loaded, { read: readToken }, since, 'all');
}

function judgementOf(
  number: NumberToken,
  finding: Finding,
  calls: readonly RememberedCall[],
): Judgement {
  const { points } = finding;
  return {
    track: 'live',
    caller: number,
    finding,
    points,
    base: 0,
    terms: [{ id: CASE_NUMBER_TERM, points }],
    features: {},
    calls,
  };
}

/** Why a number is put on a list. */
interface ListingReason {
  readonly kind?: FraudKind;
  readonly reason: string;
  readonly reference: string;
}

type Listers =
  | 'addCaseNumber'
  | 'importCaseNumbers'
  | 'removeCaseNumber'
  | 'addAllowedNumber'
  | 'removeAllowedNumber'
  | 'decideAppeal';

/** The endpoints that change what the lists say of a number. */
export function listKeepers(
  ports: KeepListsPorts,
  sealedNumber: (text: string) => Promise<NumberToken>,
): Servers<Listers> {
  const {
    appeals,
    keepFindings,
    listings,
    lists,
    normalise,
    policy,
    putExposures,
    searchContacts,
    takeBack,
  } = ports;

  /** Puts a number on a list; again with the same request where a crash came in between. */
  async function put(
    list: OfficerList,
    number: NumberToken,
    { kind, reason, reference }: ListingReason,
    { name }: Officer,
    now: number,
    until: number,
  ): Promise<ListEntry> {
    if (holdsNumber(reference, normalise)) {
      throw new ProblemError('bad-request', 'The reference holds a phone number.', [
        'reference: must name a file or an order; numbers are kept sealed only',
      ]);
    }
    const id = entryId(list, number);
    const other: OfficerList = list === 'case-numbers' ? 'allowed-numbers' : 'case-numbers';
    const onOther = await lists.read(other, entryId(other, number));
    if (onOther !== undefined && onOther.until * 1000 > now) {
      throw new ProblemError(
        'on-other-list',
        `The number is on ${other}; take it off there first.`,
      );
    }
    const added = await lists.add(list, {
      id,
      number,
      ...(kind !== undefined && { kind }),
      reason: maskNumbersIn(reason),
      reference,
      by: name,
      at: now,
      until,
    });
    if (added !== undefined) return added;
    const known = await lists.read(list, id);
    const listed = (await listings.read(number)).listing;
    const isListed = listed?.[list === 'case-numbers' ? 'caseNumber' : 'allowed'] !== undefined;
    // On the list, but not all came of it: whoever put it there did not get that far.
    if (known !== undefined && !(isListed && known.followedUp === true)) return known;
    throw new ProblemError('no-change', 'The number is on the list.');
  }

  /** Everybody who was in touch with the number of late, as far as its profile remembers. */
  async function expose(
    number: NumberToken,
    finding: Finding,
    calls: readonly RememberedCall[],
    now: number,
  ): Promise<number> {
    await keepFindings([
      { judgement: judgementOf(number, finding, calls), expiresAt: finding.until },
    ]);
    await putExposures(packExposures(exposuresOfEntry(number, finding, calls, now)));
    return new Set(calls.map(({ subject }) => subject)).size;
  }

  /** @throws {ProblemError} where there is no such entry */
  async function entryFor(list: OfficerList, id: string): Promise<ListEntry> {
    const entry = await lists.read(list, id);
    if (entry === undefined) throw new ProblemError('not-found', 'There is no such entry.');
    return entry;
  }

  /** Last of all what tells of it: after a crash before, the entry is there to be removed again. */
  async function forgetEntry(
    list: OfficerList,
    { id }: ListEntry,
    { body, now, officer }: ApiCall<'removeCaseNumber' | 'removeAllowedNumber'>,
  ): Promise<Unlisted> {
    const change = { at: now, by: officer.name, reason: maskNumbersIn(body.reason) };
    const removed = await lists.remove(list, id, change);
    if (removed === undefined) throw new ProblemError('not-found', 'There is no such entry.');
    return { id, version: removed.version };
  }

  /** Lets a number be, and takes back what its judgement had led to and is not sent yet. */
  async function allow(
    number: NumberToken,
    why: ListingReason & { readonly until: string },
    officer: Officer,
    now: number,
  ): Promise<TakenBackView> {
    const end = entryEnd(why.until, now, LONGEST_ALLOWED_DAYS);
    const entry = await put('allowed-numbers', number, why, officer, now, end);
    const { id, until, version } = entry;
    const at = Math.floor(now / 1000);
    await listings.change(number, () => ({ list: 'allowed', put: { until } }), at);
    const back = await takeBack(number, 'all', [], now - DECIDED_WITHIN_DAYS * DAY_MS, now);
    // Last: a crash before it lets the same request take back again.
    await lists.followedUp('allowed-numbers', [entry]);
    return { id, version, ...back, cases: [...back.cases] };
  }

  async function putCaseNumber(
    body: BodyOf<'addCaseNumber'>,
    officer: Officer,
    now: number,
  ): Promise<ListEntry> {
    const number = await sealedNumber(body.number);
    const { days } = (await policy()).lists.caseNumber;
    const until =
      body.until === undefined
        ? Math.floor(now / 1000) + days * DAY_SECONDS
        : entryEnd(body.until, now, days);
    return put('case-numbers', number, body, officer, now, until);
  }

  /** From here on calls of the number are exposures. @returns how many people were in touch with it lately */
  async function actOn(
    { kind, number, reference, until }: ListEntry,
    now: number,
  ): Promise<number> {
    const inForce = await policy();
    const at = Math.floor(now / 1000);
    const listed: CaseNumberEntry = { kind: kind ?? 'other', at, until, reference };
    const { listing, profile } = await listings.change(
      number,
      () => ({ list: 'caseNumber', put: listed }),
      at,
    );
    const finding = findingOfCaseNumber(listing ?? {}, inForce);
    if (finding === undefined) return 0;
    const since = at - inForce.lists.contactDays * DAY_SECONDS;
    return expose(number, finding, callsOf(profile, since), now);
  }

  /** Last: it takes a minute, and whether it begins must not decide on what is done already. */
  async function search(entries: readonly ListEntry[], now: number) {
    const { contactDays } = (await policy()).lists;
    const archiveSearch = await searchContacts(entries, Math.floor(now / 1000), contactDays);
    // Without this mark, the same numbers again begin it again.
    if (archiveSearch === 'under-way') await lists.followedUp('case-numbers', entries);
    return archiveSearch;
  }

  return {
    async addCaseNumber({ body, now, officer }) {
      const entry = await putCaseNumber(body, officer, now);
      const people = await actOn(entry, now);
      const archiveSearch = await search([entry], now);
      const { id, until, version } = entry;
      return { id, version, until: until * 1000, people, archiveSearch };
    },

    async importCaseNumbers({ body, now, officer }) {
      const rejected: { item: number; detail: string }[] = [];
      const entries = new Map<string, ListEntry>();
      let known = 0;
      // One after the other: each makes a version of the list.
      for (const [item, row] of body.numbers.entries()) {
        try {
          const entry = await putCaseNumber(row, officer, now);
          known += Number(entries.has(entry.id));
          entries.set(entry.id, entry);
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          if (error.code === 'no-change') known++;
          else rejected.push({ item, detail: [error.message, ...error.faults].join(' ') });
        }
      }
      let people = 0;
      await eachConcurrently([...entries.values()], async (entry) => {
        const exposed = await actOn(entry, now);
        people += exposed;
      });
      const added = [...entries.values()];
      return {
        taken: added.length,
        known,
        rejected,
        people,
        archiveSearch: added.length === 0 ? 'not-needed' : await search(added, now),
      };
    },

    async removeCaseNumber(call) {
      const { now, parameters } = call;
      const entry = await entryFor('case-numbers', parameters.entryId);
      const at = Math.floor(now / 1000);
      const { profile } = await listings.change(entry.number, () => ({ list: 'caseNumber' }), at);
      const { contactDays } = (await policy()).lists;
      const since = Math.floor(entry.at / 1000) - contactDays * DAY_SECONDS;
      const people = callsOf(profile, since).map(({ subject }) => subject);
      const back = await takeBack(entry.number, 'list', people, entry.at, now);
      return {
        ...(await forgetEntry('case-numbers', entry, call)),
        ...back,
        cases: [...back.cases],
      };
    },

    async addAllowedNumber({ body, now, officer }) {
      const number = await sealedNumber(body.number);
      return allow(number, body, officer, now);
    },

    async removeAllowedNumber(call) {
      const entry = await entryFor('allowed-numbers', call.parameters.entryId);
      const at = Math.floor(call.now / 1000);
      await listings.change(entry.number, () => ({ list: 'allowed' }), at);
      return forgetEntry('allowed-numbers', entry, call);
    },

    async decideAppeal({ body, now, officer, parameters: { reference } }) {
      const { decision, reason, until } = body;
      const appeal = await appeals.read(reference);
      if (appeal === undefined) throw new ProblemError('not-found', 'There is no such appeal.');
      if (appeal.decided !== undefined)
        throw new ProblemError('no-change', 'It was decided before.');
      if (decision === 'granted') {
        if (until === undefined) {
          throw new ProblemError('bad-request', 'Say until when the number is allowed.', [
            'until: must be there for an appeal that is granted',
          ]);
        }
        const why = { reason, reference: `appeal ${reference}`, until };
        const list: OfficerList = 'allowed-numbers';
        const known = await lists.read(list, entryId(list, appeal.number));
        const isAllowed = known?.followedUp === true && known.until * 1000 > now;
        // A crash may have come between this and the decision.
        if (!isAllowed) await allow(appeal.number, why, officer, now);
      }
      const decided = { decision, reason: maskNumbersIn(reason), by: officer.name, at: now };
      if (!(await appeals.decide(reference, decided))) {
        throw new ProblemError('no-change', 'It was decided before.');
      }
      return { done: true };
    },
  };
}
