import {
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { backoffMs, type Patience } from './backoff.ts';
import { TableError } from './errors.ts';
import { type Item, MOST_KEYS, readToTheEnd } from './read-items.ts';

/** BatchExecuteStatement: so many independent statements a request. */
const MOST_STATEMENTS = 25;
/** Requests under way at once. */
const CONCURRENCY = 4;
/** What BatchExecuteStatement reports of a condition that did not hold, for an update and an insert. */
const CONDITION_FAILED: ReadonlySet<string> = new Set(['ConditionalCheckFailed', 'DuplicateItem']);

function chunk<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

/** Runs over a list, some at once. The first that fails ends it. */
export async function eachConcurrently<T>(
  list: readonly T[],
  run: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let item = list[next++]; item !== undefined; item = list[next++]) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, list.length) }, worker));
}

/**
 * Reads items of a table by their keys, a hundred a request, consistently.
 *
 * @returns those that are there, in no particular order
 * @throws {TableError} when some could not be read to the end
 */
export async function readItems(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  patience: Patience,
): Promise<Item[]> {
  const found: Item[] = [];
  await eachConcurrently(chunk(keys, MOST_KEYS), async (some) => {
    const read = await readToTheEnd(client, new Map([[table, some]]), true, patience);
    found.push(...(read.get(table) ?? []));
  });
  return found;
}

/**
 * Executes statements, each independent of the others, 25 a request. What is refused for a while is tried again.
 *
 * @returns positions of those whose condition did not hold, or whose item was there already
 * @throws {TableError} when some could not be executed to the end
 */
export async function executeStatements(
  client: DynamoDBClient,
  statements: readonly BatchStatementRequest[],
  patience: Patience,
): Promise<number[]> {
  const refused: number[] = [];
  const positions = statements.map((_, position) => position);
  await eachConcurrently(chunk(positions, MOST_STATEMENTS), async (some) => {
    let waiting = some;
    let code = '';
    for (let attempt = 0; waiting.length > 0; attempt++) {
      if (attempt === patience.attempts) {
        throw new TableError(`${waiting.length} items could not be written (${code})`);
      }
      if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
      const { Responses: responses } = await client.send(
        new BatchExecuteStatementCommand({
          Statements: waiting.map((position) => statements[position] as BatchStatementRequest),
        }),
      );
      if (responses?.length !== waiting.length)
        throw new TableError('DynamoDB left statements unanswered');
      const again: number[] = [];
      waiting.forEach((position, i) => {
        const failure = responses[i]?.Error?.Code;
        if (failure === undefined) return;
        if (CONDITION_FAILED.has(failure)) {
          refused.push(position);
          return;
        }
        code = failure;
        again.push(position);
      });
      waiting = again;
    }
  });
  return refused;
}
