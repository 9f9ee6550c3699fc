import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { holds, type Item, type Placeholders, updated } from './expressions.ts';
import type { Place, Stream } from './stream.ts';

export interface IndexKeys {
  readonly hash: string;
  readonly range: string;
}

export interface TableKeys {
  readonly hash: string;
  readonly range?: string;
  readonly indexes?: Readonly<Record<string, IndexKeys>>;
}

/** Where changes of a table are carried on. */
export type Outlet = Pick<Stream, 'put'>;

/** An item as it is, and as it was before its last change: what a read may still see that is not consistent. */
interface Slot {
  item: Item | undefined;
  before: Item | undefined;
  changedAt: number;
}

type Slots = Map<string, Slot>;

const keyText = (value: AttributeValue | undefined): string => value?.S ?? value?.N ?? '';

/** Order of a range key: numbers by value, texts by their code units (all are ASCII here). */
function compareKeys(a: AttributeValue | undefined, b: AttributeValue | undefined): number {
  if (a?.N !== undefined && b?.N !== undefined) return Number(a.N) - Number(b.N);
  const [x, y] = [keyText(a), keyText(b)];
  return x < y ? -1 : Number(x > y);
}

class Table {
  readonly name: string;
  readonly keys: TableKeys;
  readonly partitions = new Map<string, Slots>();
  readonly stream: Outlet | undefined;

  constructor(name: string, keys: TableKeys, stream: Outlet | undefined) {
    this.name = name;
    this.keys = keys;
    this.stream = stream;
  }

  slot(key: Item): Slot | undefined {
    return this.partitions.get(keyText(key[this.keys.hash]))?.get(this.rangeText(key));
  }

  rangeText(key: Item): string {
    return this.keys.range === undefined ? '' : keyText(key[this.keys.range]);
  }

  write(key: Item, item: Item | undefined, now: number): Item | undefined {
    const hash = keyText(key[this.keys.hash]);
    const slots = this.partitions.get(hash) ?? new Map<string, Slot>();
    this.partitions.set(hash, slots);
    const range = this.rangeText(key);
    const before = slots.get(range)?.item;
    slots.set(range, { item, before, changedAt: now });
    return before;
  }
}

interface Write extends Placeholders {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ReturnValues?: string;
}

interface Read {
  readonly TableName: string;
  readonly Key: Item;
  readonly ConsistentRead?: boolean;
}

interface Query extends Placeholders {
  readonly TableName: string;
  readonly IndexName?: string;
  readonly KeyConditionExpression: string;
  readonly FilterExpression?: string;
  readonly ConsistentRead?: boolean;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
}

interface Statement {
  readonly Statement: string;
  readonly Parameters: readonly AttributeValue[];
}

/** What is to go wrong with a request. */
export type TableTrouble = 'partial' | 'conflict' | undefined;

export interface TablesOptions {
  readonly now: () => number;
  readonly staleMs: number;
  /** Told of every item that is written. */
  readonly wrote: (table: string, item: Item) => void;
}

const INSERT = /^INSERT INTO "([^"]+)" VALUE \{(.*)\}$/;
const UPDATE =
  /^UPDATE "([^"]+)" SET (.*) WHERE "number" = \?( AND "seq" = \?)?( AND "listing" (?:IS MISSING|= \?))?$/;
const COLUMN = /["'](\w+)["'](?: =|: \?)/g;
const REMOVED = /REMOVE "(\w+)"/g;

function failure(name: string): Error {
  return Object.assign(new Error(name), { name });
}

/** Tables of DynamoDB in memory, by its documented answers. */
export class Tables {
  readonly #tables = new Map<string, Table>();
  readonly #options: TablesOptions;
  readonly #tokens = new Set<string>();

  constructor(options: TablesOptions) {
    this.#options = options;
  }

  create(name: string, keys: TableKeys, stream?: Outlet): void {
    this.#tables.set(name, new Table(name, keys, stream));
  }

  /** All items as they are, for those who check them. */
  itemsOf(name: string): Item[] {
    const items: Item[] = [];
    for (const slots of this.#table(name).partitions.values()) {
      for (const { item } of slots.values()) if (item !== undefined) items.push(item);
    }
    return items;
  }

  /** Deletes what has expired, as DynamoDB does within days. */
  expire(): void {
    const now = this.#options.now();
    for (const table of this.#tables.values()) {
      for (const slots of table.partitions.values()) {
        for (const [range, { item }] of slots) {
          if (item?.expiresAt?.N !== undefined && Number(item.expiresAt.N) * 1000 < now) {
            slots.delete(range);
          }
        }
      }
    }
  }

  execute(operation: string, input: unknown, trouble: TableTrouble): unknown {
    switch (operation) {
      case 'GetItem':
        return { Item: this.#get(input as Read) };
      case 'PutItem':
      case 'UpdateItem':
      case 'DeleteItem':
        return this.#writeAlone(operation, input as Write, trouble);
      case 'Query':
        return this.#query(input as Query);
      case 'Scan':
        return { Items: this.itemsOf((input as Query).TableName) };
      case 'BatchGetItem':
        return this.#batchGet(input, trouble);
      case 'BatchExecuteStatement':
        return this.#batchStatements(input, trouble);
      case 'TransactWriteItems':
        return this.#transact(input, trouble);
    }
    throw failure(`UnknownOperation${operation}`);
  }

  #table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw failure('ResourceNotFoundException');
    return table;
  }

  #seen(slot: Slot | undefined, isConsistent: boolean): Item | undefined {
    if (slot === undefined) return undefined;
    const isOld = this.#options.now() - slot.changedAt >= this.#options.staleMs;
    return isConsistent || isOld ? slot.item : slot.before;
  }

  #get({ ConsistentRead, Key, TableName }: Read): Item | undefined {
    return this.#seen(this.#table(TableName).slot(Key), ConsistentRead === true);
  }

  #plan(operation: string, write: Write): { key: Item; item: Item | undefined } {
    const table = this.#table(write.TableName);
    const key = write.Key ?? write.Item ?? {};
    const before = table.slot(key)?.item;
    if (!holds(write.ConditionExpression, before, write)) {
      throw new ConditionalCheckFailedException({
        $metadata: {},
        message: 'The conditional request failed',
      });
    }
    if (operation === 'DeleteItem') return { key, item: undefined };
    if (operation === 'PutItem') return { key, item: { ...write.Item } };
    const item = updated(write.UpdateExpression ?? '', before ?? { ...write.Key }, write);
    return { key, item };
  }

  #apply(name: string, key: Item, item: Item | undefined): Item | undefined {
    const { now, wrote } = this.#options;
    const table = this.#table(name);
    const before = table.write(key, item, now());
    if (item !== undefined) wrote(name, item);
    if (item !== undefined && table.stream !== undefined) carry(table, item, before, now());
    return before;
  }

  #writeAlone(operation: string, write: Write, trouble: TableTrouble): unknown {
    if (trouble === 'conflict') {
      throw new TransactionConflictException({
        $metadata: {},
        message: 'Transaction is ongoing for the item',
      });
    }
    const { item, key } = this.#plan(operation, write);
    const before = this.#apply(write.TableName, key, item);
    if (write.ReturnValues === 'ALL_NEW') return { Attributes: { ...item } };
    return operation === 'DeleteItem' ? { Attributes: before } : {};
  }

  #transact(input: unknown, trouble: TableTrouble): unknown {
    const { ClientRequestToken: token, TransactItems: items } = input as {
      readonly ClientRequestToken?: string;
      readonly TransactItems: readonly Record<string, Write>[];
    };
    if (token !== undefined && this.#tokens.has(token)) return {};
    const writes = items.map((one): [string, Write] => {
      const [kind = '', write] = Object.entries(one)[0] ?? [];
      return [`${kind}Item`, write as Write];
    });
    const planned: (readonly [string, { key: Item; item: Item | undefined }])[] = [];
    const codes = writes.map(([operation, write], i) => {
      if (trouble === 'conflict' && i === 0) return 'TransactionConflict';
      try {
        planned.push([write.TableName, this.#plan(operation, write)]);
        return 'None';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'ConditionalCheckFailed';
        throw error;
      }
    });
    if (codes.some((code) => code !== 'None')) {
      throw new TransactionCanceledException({
        $metadata: {},
        message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
        CancellationReasons: codes.map((Code) => ({ Code })),
      });
    }
    for (const [name, { item, key }] of planned) this.#apply(name, key, item);
    if (token !== undefined) this.#tokens.add(token);
    return {};
  }

  #batchGet(input: unknown, trouble: TableTrouble): unknown {
    const { RequestItems: requests } = input as {
      readonly RequestItems: Record<string, { Keys: Item[]; ConsistentRead?: boolean }>;
    };
    const Responses: Record<string, Item[]> = {};
    const UnprocessedKeys: Record<string, { Keys: Item[]; ConsistentRead?: boolean }> = {};
    for (const [name, { ConsistentRead = false, Keys }] of Object.entries(requests)) {
      // The last half is not read, and at least one.
      const read = trouble === 'partial' ? Keys.slice(0, Keys.length >> 1) : Keys;
      const left = Keys.slice(read.length);
      if (left.length > 0) UnprocessedKeys[name] = { Keys: left, ConsistentRead };
      Responses[name] = read.flatMap((key): Item[] => {
        const item = this.#seen(this.#table(name).slot(key), ConsistentRead);
        return item === undefined ? [] : [item];
      });
    }
    return { Responses, UnprocessedKeys };
  }

  #batchStatements(input: unknown, trouble: TableTrouble): unknown {
    const { Statements } = input as { readonly Statements: readonly Statement[] };
    return {
      Responses: Statements.map((statement, i) => {
        if (trouble === 'partial' && i % 2 === 0) {
          return { Error: { Code: 'ThrottlingError', Message: 'throttled' } };
        }
        if (trouble === 'conflict' && i === 0) {
          return { Error: { Code: 'TransactionConflict', Message: 'conflict' } };
        }
        const code = this.#run(statement);
        return code === undefined ? {} : { Error: { Code: code, Message: code } };
      }),
    };
  }

  /** @returns the code of the error, if it is one */
  #run({ Parameters, Statement }: Statement): string | undefined {
    const insert = INSERT.exec(Statement);
    const update = insert === null ? UPDATE.exec(Statement) : null;
    const [, name = '', list = ''] = insert ?? update ?? [];
    if (name === '') throw failure('ValidationException');
    const columns = [...list.matchAll(COLUMN)].map(([, column]) => column as string);
    const values: Item = {};
    columns.forEach((column, i) => {
      values[column] = copyOf(Parameters[i]);
    });
    if (insert !== null) {
      if (this.#table(name).slot(values)?.item !== undefined) return 'DuplicateItem';
      this.#apply(name, values, values);
      return undefined;
    }
    const number: AttributeValue = Parameters[columns.length] ?? { S: '' };
    const readAt = Parameters[columns.length + 1];
    const before = this.#table(name).slot({ number })?.item;
    const isWanted = readAt === undefined || before?.seq?.S === readAt.S;
    const [, , , , onListing] = update ?? [];
    // Missing in the condition is undefined among the parameters, as it is in an item without one.
    const listingRead = Parameters[columns.length + 2]?.S;
    const isListed = onListing === undefined || before?.listing?.S === listingRead;
    if (before === undefined || !isWanted || !isListed) return 'ConditionalCheckFailed';
    const after: Item = { ...before, ...values };
    for (const [, column = ''] of list.matchAll(REMOVED)) delete after[column];
    this.#apply(name, { number }, after);
    return undefined;
  }

  #query(query: Query): unknown {
    const table = this.#table(query.TableName);
    const index = query.IndexName === undefined ? undefined : table.keys.indexes?.[query.IndexName];
    if (query.IndexName !== undefined && index === undefined) throw failure('ValidationException');
    const isConsistent = query.ConsistentRead === true && index === undefined;
    const range = index === undefined ? table.keys.range : index.range;
    const found: Item[] = [];
    for (const slots of partitionsFor(table, index, query)) {
      for (const slot of slots.values()) {
        const item = this.#seen(slot, isConsistent);
        if (item === undefined) continue;
        if (index !== undefined && !(index.hash in item && index.range in item)) continue;
        if (holds(query.KeyConditionExpression, item, query)) found.push(item);
      }
    }
    if (range !== undefined) found.sort((a, b) => compareKeys(a[range], b[range]));
    if (query.ScanIndexForward === false) found.reverse();
    const start = query.ExclusiveStartKey;
    const from =
      start === undefined || range === undefined
        ? 0
        : 1 + found.findIndex((item) => keyText(item[range]) === keyText(start[range]));
    const page = found.slice(from, query.Limit === undefined ? undefined : from + query.Limit);
    const last = from + page.length < found.length ? page.at(-1) : undefined;
    return {
      Items: page.filter((item) => holds(query.FilterExpression, item, query)),
      ...(last !== undefined && { LastEvaluatedKey: last }),
    };
  }
}

/** One partition for the hash key of a table, else all. */
function partitionsFor(table: Table, index: IndexKeys | undefined, query: Query): Iterable<Slots> {
  const placeholder = / = (:\w+)/.exec(query.KeyConditionExpression)?.[1] ?? '';
  const hash = query.ExpressionAttributeValues?.[placeholder];
  if (index !== undefined) return table.partitions.values();
  const slots = table.partitions.get(keyText(hash));
  return slots === undefined ? [] : [slots];
}

/** What is written is a copy: a buffer may be used again. */
function copyOf(value: AttributeValue | undefined): AttributeValue {
  if (value?.B !== undefined) return { B: new Uint8Array(value.B) };
  return value ?? { NULL: true };
}

function carry(table: Table, item: Item, before: Item | undefined, now: number): void {
  const hash = keyText(item[table.keys.hash]);
  const Keys: Item = { [table.keys.hash]: item[table.keys.hash] ?? { S: '' } };
  if (table.keys.range !== undefined) Keys[table.keys.range] = item[table.keys.range] ?? { S: '' };
  table.stream?.put(hash, 0, now, ({ sequenceNumber }: Place) => ({
    eventName: before === undefined ? 'INSERT' : 'MODIFY',
    dynamodb: { SequenceNumber: sequenceNumber, Keys, NewImage: item },
  }));
}
