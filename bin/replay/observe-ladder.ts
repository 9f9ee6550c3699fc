import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CASE_KEPT_SECONDS,
  type CaseStore,
  createCasesTable,
} from '../../functions/adapters/cases-table.ts';
import type { Sealer } from '../../functions/adapters/sealing.ts';
import type { CaseHead } from '../../lib/domain/ladder/case-head.ts';
import type { TimelineEvent } from '../../lib/domain/ladder/timeline-event.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import type { Standing } from '../../lib/simulation/officers/person-script.ts';
import type { Truth } from '../../lib/simulation/truth.ts';
import { openSealer } from './observe-results.ts';
import type { PersonOfCase } from './officers-at-work.ts';

/** A case as it stands, and all that its timeline says. */
export interface RecordedCase {
  readonly head: CaseHead;
  readonly events: readonly TimelineEvent[];
}

/** What is seen of the cases from behind the counter: the local cloud's own keys are at hand. */
export interface LadderView {
  /** The oldest first. */
  cases(): Promise<CaseHead[]>;
  record(): Promise<RecordedCase[]>;
  /** What the simulation knows of a case's person; undefined where there is no such case yet. */
  personOf(caseId: string): Promise<PersonOfCase | undefined>;
  close(): void;
}

const PAGE = 100;

async function allCases(store: CaseStore): Promise<CaseHead[]> {
  const heads = new Map<string, CaseHead>();
  let next: string | undefined;
  do {
    const page = await store.search({ limit: PAGE, ...(next !== undefined && { next }) });
    for (const head of page.cases) heads.set(head.caseId, head);
    next = page.next;
  } while (next !== undefined);
  return [...heads.values()].sort((a, b) => a.openedAt - b.openedAt);
}

async function timelineOf(store: CaseStore, caseId: string): Promise<TimelineEvent[]> {
  const events: TimelineEvent[] = [];
  let next: string | undefined;
  do {
    const page = await store.timeline(caseId, next === undefined ? {} : { next });
    events.push(...page.events);
    next = page.next;
  } while (next !== undefined);
  return events;
}

/** How it really is with people, by number. Of an operator's own calls nobody knows: then everybody is deceived. */
function standingsOf(truth: Truth | undefined): (number: string) => Standing {
  if (truth === undefined) return () => 'deceived';
  const deceived = new Set(truth.deceived.map(({ number }) => number));
  return (number) => {
    if (deceived.has(number)) return 'deceived';
    const hasMet = truth.talkedWithFraud.has(number) || truth.calledByFraud.has(number);
    return hasMet ? 'doubtful' : 'not-concerned';
  };
}

/** Opens the cases of a local cloud. */
export async function viewLadder(cloud: LocalCloud, truth: Truth | undefined): Promise<LadderView> {
  const { credentials, endpoint, outputs, region } = cloud;
  const sealer: Sealer = await openSealer(cloud);
  const client = new DynamoDBClient({ credentials, endpoint, region });
  const store = createCasesTable(client, outputs.CasesTableName ?? '', CASE_KEPT_SECONDS);
  const standingOf = standingsOf(truth);
  const people = new Map<string, PersonOfCase>();
  return {
    cases: () => allCases(store),
    async record() {
      const recorded: RecordedCase[] = [];
      for (const head of await allCases(store)) {
        recorded.push({ head, events: await timelineOf(store, head.caseId) });
      }
      return recorded;
    },
    async personOf(caseId) {
      const known = people.get(caseId);
      if (known !== undefined) return known;
      const head = await store.read(caseId);
      if (head === undefined) return undefined;
      const { number } = sealer.unseal(head.subject);
      const person = { name: number, standing: standingOf(number), openedAt: head.openedAt };
      people.set(caseId, person);
      return person;
    },
    close: () => client.destroy(),
  };
}
