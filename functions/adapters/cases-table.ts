import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { CaseChange, CaseHead, CaseState } from '../../lib/domain/ladder/case-head.ts';
import { CASE_STATES } from '../../lib/domain/ladder/case-head.ts';
import type { CaseTier } from '../../lib/domain/ladder/ladder-policy.ts';
import type { TimelineEvent } from '../../lib/domain/ladder/timeline-event.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { held } from './conditional-write.ts';
import { TableError } from './errors.ts';
import { decodeCursor, encodeCursor, hasForm, isText } from './page-cursor.ts';
import { CONDITION_FAILED, transact } from './transact.ts';

/** A case and its timeline share a partition: `CASE`, and `EVENT#<epoch ms>#<order>#<id>`. */
const CASE_ITEM = 'CASE';
const EVENT_PREFIX = 'EVENT#';
/** Digits of an epoch in ms until the year 2286. */
const MS_DIGITS = 13;
/** Tries per change; each lost one means that another writer won. */
const MOST_TRIES = 12;
const DEFAULT_PAGE = 50;
/** A case and its timeline outlive the last change by this much, for questions about it. */
export const CASE_KEPT_SECONDS = 400 * 86_400;

type Item = Record<string, AttributeValue>;

export interface Page {
  readonly limit?: number;
  /** As the page before gave it. */
  readonly next?: string;
}

/** Which cases to list: by officer, else by district, else by state (all states when none is given); newest first. */
export interface CaseSearch extends Page {
  readonly state?: CaseState;
  readonly district?: string;
  readonly officer?: string;
  readonly tier?: CaseTier;
  /** Epoch ms: opened then or later. */
  readonly from?: number;
}

export interface CasePage {
  readonly cases: CaseHead[];
  readonly next?: string;
}

export interface TimelinePage {
  readonly events: TimelineEvent[];
  readonly next?: string;
}

export interface CaseStore {
  read(caseId: string): Promise<CaseHead | undefined>;
  /** @returns false when there is such a case already, and nothing was written */
  create(head: CaseHead, ...events: TimelineEvent[]): Promise<boolean>;
  /**
   * Writes a case and what its timeline says of the change, or nothing.
   *
   * @param head with the version that was read
   * @returns false when it changed since it was read
   */
  update(head: CaseHead, events: readonly TimelineEvent[]): Promise<boolean>;
  /** Adds to the timeline alone; an event that was written before (its time and id) is not written twice. */
  append(caseId: string, events: readonly TimelineEvent[]): Promise<void>;
  /** Oldest first. */
  timeline(caseId: string, page?: Page): Promise<TimelinePage>;
  /** The indexes lag behind the table by moments. */
  search(wanted: CaseSearch): Promise<CasePage>;
}

/**
 * Changes a case, anew on what another writer left if that came between.
 *
 * @param change pure: it may be asked more than once; undefined leaves the case as it is
 * @returns the case as it stands after it; undefined where there is none
 * @throws {TableError} when the case kept changing under us
 */
export async function changeCase(
  store: Pick<CaseStore, 'read' | 'update'>,
  caseId: string,
  change: (head: CaseHead) => CaseChange | undefined,
): Promise<CaseHead | undefined> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const head = await store.read(caseId);
    const update = head && change(head);
    if (head === undefined || update === undefined) return head;
    // The version stays the one that was read, whatever the change made of the head.
    const changed = { ...update.changed, version: head.version };
    if (await store.update(changed, update.events)) {
      return { ...changed, version: head.version + 1 };
    }
  }
  throw new TableError('a case kept changing under us');
}

const keyOf = (caseId: string, item: string): Item => ({
  caseId: { S: caseId },
  item: { S: item },
});

function eventItem(caseId: string, event: TimelineEvent, order: string, expiresAt: number): Item {
  const at = String(event.at).padStart(MS_DIGITS, '0');
  return {
    ...keyOf(caseId, `${EVENT_PREFIX}${at}#${order}#${event.id}`),
    event: { S: JSON.stringify(event) },
    expiresAt: { N: String(expiresAt) },
  };
}

/** Events of one millisecond stand in the order of the changes that made them; those of no change come last. */
function orderOf(version: number, position: number): string {
  return `${String(version).padStart(6, '0')}-${String(position).padStart(2, '0')}`;
}
const OF_NO_CHANGE = '~';

function headItem(head: CaseHead, expiresAt: number): Item {
  const { district, lastOfficer, openedAt, state, tier, version } = head;
  return {
    ...keyOf(head.caseId, CASE_ITEM),
    head: { S: JSON.stringify(head) },
    version: { N: String(version) },
    // What indexes and filters look at; an empty district is in no index.
    state: { S: state },
    tier: { S: tier },
    openedAt: { N: String(openedAt) },
    ...(district !== '' && { district: { S: district } }),
    ...(lastOfficer !== undefined && { lastOfficer: { S: lastOfficer } }),
    expiresAt: { N: String(expiresAt) },
  };
}

function headOf(item: Item | undefined): CaseHead | undefined {
  return item?.head?.S === undefined ? undefined : (JSON.parse(item.head.S) as CaseHead);
}

interface Index {
  readonly name: 'by-officer' | 'by-district' | 'by-state';
  readonly attribute: 'lastOfficer' | 'district' | 'state';
  readonly value: string;
}

function indexesFor({ district, officer, state }: CaseSearch): Index[] {
  if (officer !== undefined) {
    return [{ name: 'by-officer', attribute: 'lastOfficer', value: officer }];
  }
  if (district !== undefined) {
    return [{ name: 'by-district', attribute: 'district', value: district }];
  }
  const states = state === undefined ? CASE_STATES : [state];
  return states.map((value) => ({ name: 'by-state', attribute: 'state', value }));
}

/** Where a search goes on: in which of its indexes, and after which case. */
interface SearchCursor {
  readonly index: number;
  readonly after?: { readonly caseId: string; readonly openedAt: number };
}

const isEventName = (value: unknown) => isText(value) && value.startsWith(EVENT_PREFIX);
const isCasePlace = (value: unknown) =>
  value === undefined || hasForm(value, { caseId: isText, openedAt: Number.isSafeInteger });
const isSearchCursor = (value: unknown) =>
  hasForm(value, { index: Number.isSafeInteger, after: isCasePlace });

/** @param keptSeconds how long a case and its timeline outlive the last change */
export function createCasesTable(
  client: DynamoDBClient,
  table: string,
  keptSeconds: number,
  now: () => number = Date.now,
  patience: Patience = DEFAULT_PATIENCE,
): CaseStore {
  const expiry = () => Math.floor(now() / 1000) + keptSeconds;

  /** @param read the version that is replaced; undefined for a new case */
  async function write(
    head: CaseHead,
    read: number | undefined,
    events: readonly TimelineEvent[],
  ): Promise<boolean> {
    const expiresAt = expiry();
    const condition =
      read === undefined
        ? { ConditionExpression: 'attribute_not_exists(caseId)' }
        : {
            ConditionExpression: 'version = :read',
            ExpressionAttributeValues: { ':read': { N: String(read) } },
          };
    const writes = [
      { Put: { TableName: table, Item: headItem(head, expiresAt), ...condition } },
      ...events.map((event, i) => ({
        Put: {
          TableName: table,
          Item: eventItem(head.caseId, event, orderOf(head.version, i), expiresAt),
        },
      })),
    ];
    for (let attempt = 0; attempt < patience.attempts; attempt++) {
      const lost = await transact(client, writes);
      if (lost.length === 0) return true;
      if (lost.includes(CONDITION_FAILED)) return false;
      // Another write is under way, and may yet come to nothing: that says nothing of what stands there.
      await patience.delay(backoffMs(attempt, patience.random));
    }
    throw new TableError('a case stayed busy');
  }

  async function searchIndex(
    { attribute, name, value }: Index,
    wanted: CaseSearch,
    limit: number,
    after: SearchCursor['after'],
  ) {
    const filters: [string, string | undefined][] = [
      ['state', attribute === 'state' ? undefined : wanted.state],
      ['tier', wanted.tier],
      ['district', attribute === 'district' ? undefined : wanted.district],
    ];
    const held = filters.filter((one): one is [string, string] => one[1] !== undefined);
    const { Items, LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: name,
        ScanIndexForward: false,
        Limit: limit,
        KeyConditionExpression: '#by = :by AND openedAt >= :from',
        ...(held.length > 0 && {
          FilterExpression: held.map(([field]) => `#${field} = :${field}`).join(' AND '),
        }),
        ExpressionAttributeNames: {
          '#by': attribute,
          ...Object.fromEntries(held.map(([field]) => [`#${field}`, field])),
        },
        ExpressionAttributeValues: {
          ':by': { S: value },
          ':from': { N: String(wanted.from ?? 0) },
          ...Object.fromEntries(held.map(([field, text]) => [`:${field}`, { S: text }])),
        },
        ...(after !== undefined && {
          ExclusiveStartKey: {
            ...keyOf(after.caseId, CASE_ITEM),
            [attribute]: { S: value },
            openedAt: { N: String(after.openedAt) },
          },
        }),
      }),
    );
    const last = LastEvaluatedKey && {
      caseId: LastEvaluatedKey.caseId?.S ?? '',
      openedAt: Number(LastEvaluatedKey.openedAt?.N ?? 0),
    };
    return { cases: (Items ?? []).flatMap((item) => headOf(item) ?? []), last };
  }

  return {
    async read(caseId) {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: keyOf(caseId, CASE_ITEM),
          ConsistentRead: true,
        }),
      );
      return headOf(Item);
    },
    create: (head, ...events) => write(head, undefined, events),
    update: (head, events) => write({ ...head, version: head.version + 1 }, head.version, events),
    async append(caseId, events) {
      const expiresAt = expiry();
      for (const event of events) {
        await held(
          client.send(
            new PutItemCommand({
              TableName: table,
              Item: eventItem(caseId, event, OF_NO_CHANGE, expiresAt),
              ConditionExpression: 'attribute_not_exists(caseId)',
            }),
          ),
        );
      }
    },
    async timeline(caseId, { limit, next } = {}) {
      const after = decodeCursor<string>(next, isEventName);
      const { Items, LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'caseId = :case AND begins_with(#item, :event)',
          ExpressionAttributeNames: { '#item': 'item' },
          ExpressionAttributeValues: { ':case': { S: caseId }, ':event': { S: EVENT_PREFIX } },
          ...(limit !== undefined && { Limit: limit }),
          ...(after !== undefined && { ExclusiveStartKey: keyOf(caseId, after) }),
        }),
      );
      const last = LastEvaluatedKey?.item?.S;
      return {
        events: (Items ?? []).map(({ event }) => JSON.parse(event?.S ?? '') as TimelineEvent),
        ...(last !== undefined && { next: encodeCursor(last) }),
      };
    },
    async search(wanted) {
      const limit = wanted.limit ?? DEFAULT_PAGE;
      const indexes = indexesFor(wanted);
      const cases: CaseHead[] = [];
      let cursor: SearchCursor | undefined = decodeCursor<SearchCursor>(
        wanted.next,
        isSearchCursor,
      ) ?? {
        index: 0,
      };
      while (cursor !== undefined && cases.length < limit) {
        const { after, index }: SearchCursor = cursor;
        const searched = indexes[index];
        if (searched === undefined) {
          cursor = undefined;
          break;
        }
        const found = await searchIndex(searched, wanted, limit - cases.length, after);
        cases.push(...found.cases);
        cursor = found.last === undefined ? { index: index + 1 } : { index, after: found.last };
      }
      const more = cursor !== undefined && cursor.index < indexes.length;
      return { cases, ...(more && { next: encodeCursor(cursor) }) };
    },
  };
}
