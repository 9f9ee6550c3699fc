import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import type { Patience } from '../../../functions/adapters/backoff.ts';
import { TableError } from '../../../functions/adapters/errors.ts';
import {
  createProfilesTable,
  type ProfileWrite,
} from '../../../functions/adapters/profiles-table.ts';
import { tokenOf } from '../../domain/factories.ts';

const TABLE = 'profiles';
const PATIENCE: Patience = { attempts: 3, random: () => 0, delay: async () => {} };

interface Statement {
  readonly text: string;
  readonly number: string;
}

interface FakeTable {
  readonly reads: string[][];
  readonly statements: Statement[][];
  readonly store: ReturnType<typeof createProfilesTable>;
}

/**
 * A table that knows every number but says how many keys of a request it leaves, and what becomes of each
 * statement.
 */
function tableThat(behaviour: {
  left?: (keys: readonly string[], request: number) => readonly string[];
  failure?: (number: string, request: number) => string | undefined;
  silent?: boolean;
}): FakeTable {
  const reads: string[][] = [];
  const statements: Statement[][] = [];
  const read = (command: BatchGetItemCommand) => {
    const asked = command.input.RequestItems?.[TABLE];
    expect(asked?.ConsistentRead).toBe(true);
    const keys = (asked?.Keys ?? []).map((key) => key.number?.S ?? '');
    reads.push(keys);
    const left = behaviour.left?.(keys, reads.length) ?? [];
    const items = keys
      .filter((key) => !left.includes(key))
      .map((key) => ({
        number: { S: key },
        seq: { S: `seq ${key}` },
        profile: { B: Buffer.from(key) },
      }));
    return {
      Responses: { [TABLE]: items },
      UnprocessedKeys:
        left.length === 0 ? {} : { [TABLE]: { Keys: left.map((key) => ({ number: { S: key } })) } },
    };
  };
  const write = (command: BatchExecuteStatementCommand) => {
    const batch = (command.input.Statements ?? []).map(({ Statement: text = '', Parameters }) => ({
      text,
      number: Parameters?.[text.startsWith('INSERT') ? 0 : 3]?.S ?? '',
    }));
    statements.push(batch);
    if (behaviour.silent) return {};
    return {
      Responses: batch.map(({ number }) => {
        const code = behaviour.failure?.(number, statements.length);
        return code === undefined ? {} : { Error: { Code: code } };
      }),
    };
  };
  const send = async (command: unknown) => {
    if (command instanceof BatchGetItemCommand) return read(command);
    if (command instanceof BatchExecuteStatementCommand) return write(command);
    throw new Error('the table was asked something else');
  };
  const client = { send } as unknown as DynamoDBClient;
  return { reads, statements, store: createProfilesTable(client, TABLE, PATIENCE) };
}

const numbersOf = (count: number) => Array.from({ length: count }, (_, i) => tokenOf(i));

function writesOf(count: number, readAt: string | undefined = '7'): ProfileWrite[] {
  return numbersOf(count).map((number) => ({
    number,
    readAt,
    sequenceNumber: '8',
    profile: Buffer.from(number),
    expiresAt: 1_800_000_000,
  }));
}

describe('reading profiles', () => {
  test('asks for 100 keys at a time and finds them all', async () => {
    const { store, reads } = tableThat({});
    const found = await store.read(numbersOf(250));
    expect(reads.map((keys) => keys.length).toSorted((a, b) => b - a)).toEqual([100, 100, 50]);
    expect(found.size).toBe(250);
    expect(found.get(tokenOf(3))).toEqual({
      sequenceNumber: `seq ${tokenOf(3)}`,
      profile: Buffer.from(tokenOf(3)),
    });
  });

  test('asks again for the keys that were left, and only for those', async () => {
    const { store, reads } = tableThat({
      left: (keys, request) => (request === 1 ? keys.slice(0, 2) : []),
    });
    const found = await store.read(numbersOf(5));
    expect(reads[1]).toEqual(numbersOf(2));
    expect(found.size).toBe(5);
  });

  test('fails, and does not take left keys for new numbers, when they stay left', async () => {
    const { store, reads } = tableThat({ left: (keys) => keys.slice(0, 1) });
    await expect(store.read(numbersOf(5))).rejects.toThrow(TableError);
    expect(reads).toHaveLength(PATIENCE.attempts);
  });

  test('asks nothing for nobody', async () => {
    const { store, reads } = tableThat({});
    expect((await store.read([])).size).toBe(0);
    expect(reads).toEqual([]);
  });
});

describe('writing profiles', () => {
  test('sends 25 statements at a time, an insert for a new number and else a conditional update', async () => {
    const { store, statements } = tableThat({});
    const [first, ...rest] = writesOf(60);
    if (first === undefined) throw new Error('no write');
    expect(await store.write([{ ...first, readAt: undefined }, ...rest])).toEqual([]);
    expect(statements.map((batch) => batch.length).toSorted((a, b) => b - a)).toEqual([25, 25, 10]);
    const all = statements.flat();
    expect(all.filter(({ text }) => text.startsWith('INSERT')).map(({ number }) => number)).toEqual(
      [first.number],
    );
    expect(
      all.filter(({ text }) =>
        /WHERE "number" = \? AND "seq" = \? AND "listing" IS MISSING$/.test(text),
      ),
    ).toHaveLength(59);
  });

  test('tries throttled statements again, and only those', async () => {
    const { store, statements } = tableThat({
      failure: (number, request) =>
        request === 1 && number === tokenOf(1) ? 'ProvisionedThroughputExceeded' : undefined,
    });
    expect(await store.write(writesOf(3))).toEqual([]);
    expect(statements.map((batch) => batch.map(({ number }) => number))).toEqual([
      numbersOf(3),
      [tokenOf(1)],
    ]);
  });

  test.each(['ConditionalCheckFailed', 'DuplicateItem'])(
    'names the numbers whose watermark had moved, and does not try them again: %s',
    async (code) => {
      const { store, statements } = tableThat({
        failure: (number) => (number === tokenOf(2) ? code : undefined),
      });
      expect(await store.write(writesOf(4))).toEqual([tokenOf(2)]);
      expect(statements).toHaveLength(1);
    },
  );

  test('fails with the last code when statements stay throttled', async () => {
    const { store, statements } = tableThat({ failure: () => 'ThrottlingError' });
    await expect(store.write(writesOf(2))).rejects.toThrow(/2 items .*ThrottlingError/);
    expect(statements).toHaveLength(PATIENCE.attempts);
  });

  test('fails when DynamoDB leaves statements unanswered', async () => {
    const { store } = tableThat({ silent: true });
    await expect(store.write(writesOf(2))).rejects.toThrow(TableError);
  });
});
