import type {
  Appeal,
  AppealDecision,
  AppealStore,
} from '../../functions/adapters/appeals-table.ts';
import type {
  Clue,
  ClueProgress,
  ClueStore,
  KeptClue,
} from '../../functions/adapters/clues-table.ts';
import type { ListingStore } from '../../functions/adapters/listings-table.ts';
import type { ListStore } from '../../functions/adapters/lists-table.ts';
import type { StudyFindingStore } from '../../functions/adapters/study-findings-table.ts';
import { type ClueState, NO_CLUES } from '../../lib/domain/clues/clue-weight.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { ListEntry, ListVersion, OfficerList } from '../../lib/domain/listing/list-entry.ts';
import { changeListing, type Listing } from '../../lib/domain/listing/listing.ts';
import type { StudyFinding } from '../../lib/domain/listing/study-finding.ts';

/** The lists that officers keep, all on one page. */
export class InMemoryLists implements ListStore {
  readonly lists: Record<OfficerList, Map<string, ListEntry>> = {
    'case-numbers': new Map(),
    'allowed-numbers': new Map(),
  };
  readonly changes: Record<OfficerList, ListVersion[]> = {
    'case-numbers': [],
    'allowed-numbers': [],
  };

  async add(list: OfficerList, added: Omit<ListEntry, 'version' | 'followedUp'>) {
    const known = this.lists[list].get(added.id);
    if (known !== undefined && known.until * 1000 > added.at) return undefined;
    const entry = { ...added, version: this.changes[list].length + 1 };
    this.lists[list].set(entry.id, entry);
    this.changes[list].push({ ...entry, act: 'added' });
    return entry;
  }

  async remove(list: OfficerList, id: string, change: Pick<ListVersion, 'by' | 'at' | 'reason'>) {
    const entry = this.lists[list].get(id);
    if (entry === undefined) return undefined;
    const { followedUp: _followedUp, until: _until, ...rest } = entry;
    const version = this.changes[list].length + 1;
    this.lists[list].delete(id);
    this.changes[list].push({ ...rest, ...change, act: 'removed', version });
    return { entry, version };
  }

  async read(list: OfficerList, id: string) {
    return this.lists[list].get(id);
  }

  async followedUp(list: OfficerList, entries: Parameters<ListStore['followedUp']>[1]) {
    for (const { id, version } of entries) {
      const entry = this.lists[list].get(id);
      if (entry?.version === version) this.lists[list].set(id, { ...entry, followedUp: true });
    }
  }

  async entries(list: OfficerList) {
    return { items: [...this.lists[list].values()], version: this.changes[list].length };
  }

  async versions(list: OfficerList) {
    return { items: this.changes[list], version: this.changes[list].length };
  }
}

/** What the lists say of numbers; profiles are put in by tests. */
export class InMemoryListings implements ListingStore {
  readonly listings = new Map<NumberToken, Listing>();
  readonly profiles = new Map<NumberToken, Uint8Array>();

  async read(number: NumberToken) {
    return { listing: this.listings.get(number), profile: this.profiles.get(number) };
  }

  async change(...[number, changeOf, now]: Parameters<ListingStore['change']>) {
    const before = this.listings.get(number);
    const change = changeOf(before);
    const after = change === undefined ? before : changeListing(before, change, now);
    if (after === undefined) this.listings.delete(number);
    else this.listings.set(number, after);
    return this.read(number);
  }

  async changeEach(...[changes, now]: Parameters<ListingStore['changeEach']>) {
    for (const [number, change] of changes) await this.change(number, () => change, now);
  }
}

/** Clues and what is known of who reports. */
export class InMemoryClues implements ClueStore {
  readonly clues = new Map<string, { clue: Clue; progress: ClueProgress }>();
  readonly states = new Map<NumberToken, ClueState>();
  readonly reporters = new Map<string, { first: number; day: string; count: number }>();

  async receipt(reference: string) {
    const kept = this.clues.get(reference);
    return kept && { progress: kept.progress, at: kept.clue.at };
  }

  async keep(clues: readonly KeptClue[]) {
    return clues.map(({ clue, reference }) => {
      const standing = this.clues.get(reference)?.progress ?? 'new';
      if (standing === 'new') this.clues.set(reference, { clue, progress: 'received' });
      return standing;
    });
  }

  async considered(references: readonly string[]) {
    for (const reference of references) {
      const kept = this.clues.get(reference);
      if (kept !== undefined) kept.progress = 'considered';
    }
  }

  async read(reference: string) {
    return this.clues.get(reference)?.clue;
  }

  async ofNumber(number: NumberToken) {
    const all = [...this.clues].map(([reference, { clue }]) => ({ reference, clue }));
    const clues = all.filter(({ clue }) => clue.number === number);
    return { clues: clues.sort((a, b) => b.clue.at - a.clue.at) };
  }

  async visit(reporter: string, day: string, now: number, limit: number) {
    const known = this.reporters.get(reporter) ?? { first: now, day, count: 0 };
    const count = known.day === day ? known.count + 1 : 1;
    if (count > limit) return undefined;
    this.reporters.set(reporter, { first: known.first, day, count });
    return known.first;
  }

  async change<Changed extends { readonly state: ClueState }>(
    numbers: readonly NumberToken[],
    changeOf: (number: NumberToken, state: ClueState) => Changed,
  ) {
    const changed = numbers.map(
      (number) => [number, changeOf(number, this.states.get(number) ?? NO_CLUES)] as const,
    );
    for (const [number, { state }] of changed) this.states.set(number, state);
    return new Map(changed);
  }
}

export class InMemoryAppeals implements AppealStore {
  readonly appeals = new Map<string, Appeal>();

  async lodge(appeal: Appeal) {
    if (!this.appeals.has(appeal.reference)) this.appeals.set(appeal.reference, appeal);
  }

  async read(reference: string) {
    return this.appeals.get(reference);
  }

  async list() {
    return { appeals: [...this.appeals.values()] };
  }

  async decide(reference: string, decided: AppealDecision) {
    const appeal = this.appeals.get(reference);
    if (appeal === undefined || appeal.decided !== undefined) return false;
    this.appeals.set(reference, { ...appeal, decided });
    return true;
  }
}

export class InMemoryStudyFindings implements StudyFindingStore {
  readonly findings = new Map<string, StudyFinding>();
  writes = 0;

  async change(...[id, changeOf]: Parameters<StudyFindingStore['change']>) {
    const known = this.findings.get(id);
    const after = changeOf(known);
    if (after === undefined || JSON.stringify(after) === JSON.stringify(known)) return known;
    this.findings.set(id, after);
    this.writes++;
    return after;
  }

  async ofNumber(number: NumberToken) {
    return [...this.findings.values()].filter((finding) => finding.number === number);
  }

  async list({ status }: Parameters<StudyFindingStore['list']>[0]) {
    const all = [...this.findings.values()];
    return { findings: all.filter((one) => status === undefined || one.status === status) };
  }
}
