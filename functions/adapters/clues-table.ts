import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type ClueState, NO_CLUES } from '../../lib/domain/clues/clue-weight.ts';
import type { FraudKind } from '../../lib/domain/fraud-kind.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { executeStatements, readItems } from './batch-requests.ts';
import { TableError } from './errors.ts';
import type { PageRequest } from './list-page.ts';
import { decodeCursor, encodeCursor, hasForm, isText } from './page-cursor.ts';

/** A clue as it is kept: numbers sealed, the text without any. */
export interface Clue {
  readonly number: NumberToken;
  readonly kind: FraudKind;
  /** Epoch ms of what is reported. */
  readonly when: number;
  readonly text: string;
  /** Pseudonym of the reporter, and the reporter's number where it was given. */
  readonly reporter: string;
  readonly reporterNumber?: NumberToken;
  /** Epoch ms. */
  readonly at: number;
}

/** How far a clue has come: what its reference tells, and all that it tells. */
export type ClueProgress = 'received' | 'considered';

/** A clue that is to be kept, by its reference. */
export interface KeptClue {
  readonly reference: string;
  readonly clue: Clue;
}

export interface CluePage {
  readonly clues: readonly KeptClue[];
  readonly next?: string;
}

/** How a clue stood when it was to be kept: not there, cut short on its way, or taken before. */
export type ClueStanding = 'new' | ClueProgress;

/** A receipt, by its reference. */
export interface Receipt {
  readonly progress: ClueProgress;
  /** Epoch ms. */
  readonly at: number;
}

/** Clues, their receipts, and what is known of who reports. */
export interface ClueStore {
  /** @returns how far the clue of that reference has come; undefined where it is unknown */
  receipt(reference: string): Promise<Receipt | undefined>;
  /** Keeps clues, each once. @returns how each stood before, in their order */
  keep(clues: readonly KeptClue[], expiresAt: number): Promise<readonly ClueStanding[]>;
  considered(references: readonly string[]): Promise<void>;
  /** @returns undefined for a reference that is unknown, or whose clue has expired */
  read(reference: string): Promise<Clue | undefined>;
  /** What was reported of a number, the newest first. @throws {CursorError} */
  ofNumber(number: NumberToken, page: PageRequest): Promise<CluePage>;
  /**
   * Counts a report of a reporter's day.
   *
   * @param day UTC, as `2026-11-24`
   * @returns when the reporter was first there, epoch ms; undefined where the day's limit is reached
   */
  visit(
    reporter: string,
    day: string,
    now: number,
    limit: number,
    expiresAt: number,
  ): Promise<number | undefined>;
  /**
   * Changes what is kept of numbers' reports.
   *
   * @param changeOf asked again for a number where another was quicker
   * @returns what came of each number
   */
  change<Changed extends { readonly state: ClueState }>(
    numbers: readonly NumberToken[],
    changeOf: (number: NumberToken, state: ClueState) => Changed,
    expiresAt: number,
  ): Promise<ReadonlyMap<NumberToken, Changed>>;
}

type Item = Record<string, AttributeValue>;

const CLUE_PREFIX = 'clue#';
/** Index of the clues by their number, in order of time. */
const BY_NUMBER = 'by-number';
const DEFAULT_PAGE = 50;

/** Where a page of a number's clues ended. */
interface CluePlace {
  readonly reference: string;
  readonly at: number;
}
const isCluePlace = (value: unknown) =>
  hasForm(value, { reference: isText, at: Number.isSafeInteger });

const clueOf = ({ clue }: Item) => JSON.parse(clue?.S ?? '') as Clue;

export function createCluesTable(
  client: DynamoDBClient,
  table: string,
  patience: Patience = DEFAULT_PATIENCE,
): ClueStore {
  const key = (id: string) => ({ id: { S: id } });
  const clueKey = (reference: string) => key(CLUE_PREFIX + reference);

  const numberKey = (number: NumberToken) => key(`number#${number}`);

  /** Holds only while the state is the one that was read. */
  function stateStatement(
    number: NumberToken,
    before: AttributeValue | undefined,
    state: ClueState,
    expiresAt: number,
  ) {
    const { id } = numberKey(number);
    const values = [{ S: JSON.stringify(state) }, { N: String(expiresAt) }];
    return before === undefined
      ? {
          Statement: `INSERT INTO "${table}" VALUE {'id': ?, 'state': ?, 'expiresAt': ?}`,
          Parameters: [id, ...values],
        }
      : {
          Statement: `UPDATE "${table}" SET "state" = ?, "expiresAt" = ? WHERE "id" = ? AND "state" = ?`,
          Parameters: [...values, id, before],
        };
  }

  async function get(id: Item): Promise<Item | undefined> {
    const { Item: item } = await client.send(
      new GetItemCommand({ TableName: table, Key: id, ConsistentRead: true }),
    );
    return item;
  }

  const receiptOf = (item: Item | undefined): Receipt | undefined =>
    item?.progress?.S === undefined
      ? undefined
      : { progress: item.progress.S as ClueProgress, at: Number(item.receivedAt?.N) };

  return {
    receipt: async (reference) => receiptOf(await get(clueKey(reference))),
    async keep(clues, expiresAt) {
      const keys = clues.map(({ reference }) => clueKey(reference));
      const known = new Map(
        (await readItems(client, table, keys, patience)).map((item) => [item.id?.S, item]),
      );
      const standings = keys.map(({ id }) => receiptOf(known.get(id.S))?.progress ?? 'new');
      const added = clues.filter((_, i) => standings[i] === 'new');
      await executeStatements(
        client,
        added.map(({ clue, reference }) => ({
          Statement: `INSERT INTO "${table}" VALUE {'id': ?, 'clue': ?, 'number': ?, 'progress': ?, 'receivedAt': ?, 'expiresAt': ?}`,
          Parameters: [
            clueKey(reference).id,
            { S: JSON.stringify(clue) },
            { S: clue.number },
            { S: 'received' satisfies ClueProgress },
            { N: String(clue.at) },
            { N: String(expiresAt) },
          ],
        })),
        patience,
      );
      return standings;
    },
    async considered(references) {
      await executeStatements(
        client,
        references.map((reference) => ({
          Statement: `UPDATE "${table}" SET "progress" = ? WHERE "id" = ?`,
          Parameters: [{ S: 'considered' satisfies ClueProgress }, clueKey(reference).id],
        })),
        patience,
      );
    },
    async read(reference) {
      const item = await get(clueKey(reference));
      return item === undefined ? undefined : clueOf(item);
    },
    async ofNumber(number, { limit = DEFAULT_PAGE, next }) {
      const after = decodeCursor<CluePlace>(next, isCluePlace);
      const { Items = [], LastEvaluatedKey: last } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: BY_NUMBER,
          KeyConditionExpression: '#number = :number',
          ExpressionAttributeNames: { '#number': 'number' },
          ExpressionAttributeValues: { ':number': { S: number } },
          ScanIndexForward: false,
          Limit: limit,
          ...(after !== undefined && {
            ExclusiveStartKey: {
              ...clueKey(after.reference),
              number: { S: number },
              receivedAt: { N: String(after.at) },
            },
          }),
        }),
      );
      const clues = Items.map((item) => ({
        reference: (item.id?.S ?? '').slice(CLUE_PREFIX.length),
        clue: clueOf(item),
      }));
      const { clue, reference } = clues.at(-1) ?? {};
      return {
        clues,
        ...(last !== undefined &&
          clue !== undefined && { next: encodeCursor({ reference, at: clue.at }) }),
      };
    },
    async visit(reporter, day, now, limit, expiresAt) {
      const names = { '#day': 'day', '#count': 'count', '#first': 'first' };
      const values = {
        ':day': { S: day },
        ':one': { N: '1' },
        ':now': { N: String(now) },
        ':end': { N: String(expiresAt) },
      };
      const update = async (change: string, condition: string, more: Item) => {
        try {
          const { Attributes } = await client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: key(`reporter#${reporter}`),
              UpdateExpression: `SET #day = :day, #count = ${change}, #first = if_not_exists(#first, :now), expiresAt = :end`,
              ConditionExpression: condition,
              ExpressionAttributeNames: names,
              ExpressionAttributeValues: { ...values, ...more },
              ReturnValues: 'ALL_NEW',
            }),
          );
          return Number(Attributes?.first?.N ?? now);
        } catch (error) {
          if (error instanceof ConditionalCheckFailedException) return undefined;
          throw error;
        }
      };
      const sameDay = () =>
        update('#count + :one', '#day = :day AND #count < :limit', {
          ':limit': { N: String(limit) },
        });
      const newDay = () => update(':one', 'attribute_not_exists(#day) OR #day < :day', {});
      // Of two who begin the day at once, one comes second: it is the day's by then.
      return (await sameDay()) ?? (await newDay()) ?? sameDay();
    },
    async change<Changed extends { readonly state: ClueState }>(
      numbers: readonly NumberToken[],
      changeOf: (number: NumberToken, state: ClueState) => Changed,
      expiresAt: number,
    ) {
      const changed = new Map<NumberToken, Changed>();
      let waiting = numbers;
      for (let attempt = 0; waiting.length > 0; attempt++) {
        if (attempt === patience.attempts)
          throw new TableError('the clues of a number kept changing under us');
        if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
        const keys = waiting.map(numberKey);
        const read = await readItems(client, table, keys, patience);
        const states = new Map(read.map((item) => [item.id?.S, item.state]));
        const changes = waiting.map((number, i) => {
          const before = states.get(keys[i]?.id.S);
          const known = before?.S === undefined ? NO_CLUES : (JSON.parse(before.S) as ClueState);
          return { number, before, change: changeOf(number, known) };
        });
        const moved = await executeStatements(
          client,
          changes.map(({ before, change, number }) =>
            stateStatement(number, before, change.state, expiresAt),
          ),
          patience,
        );
        const lost = new Set(moved);
        changes.forEach(({ change, number }, i) => {
          if (!lost.has(i)) changed.set(number, change);
        });
        waiting = waiting.filter((_, i) => lost.has(i));
      }
      return changed;
    },
  };
}
