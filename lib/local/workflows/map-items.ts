import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { StateError } from './state-error.ts';

/** What a distributed map hands to one child execution, with the number of items in it. */
export interface MapBatch {
  readonly input: JsonValue;
  readonly items: number;
}

/** As ItemBatcher has them. */
export interface BatchLimits {
  readonly maxItems?: number;
  readonly maxBytes?: number;
  readonly batchInput?: JsonObject;
}

/** The most that Step Functions hands to an execution, and takes from a state. */
export const MOST_BYTES = 256 * 1024;

function failed(cause: string): never {
  throw new StateError('States.ItemReaderFailed', cause);
}

/**
 * The items in an object, after the documented input types: `JSON`, an array, and `JSONL`, a value on each line.
 *
 * @throws {StateError} `States.ItemReaderFailed`
 */
export function readItems(text: string, inputType: string, maxItems?: number): JsonValue[] {
  const parse = (json: string, where: string): JsonValue => {
    try {
      return JSON.parse(json) as JsonValue;
    } catch {
      return failed(`${where} is not JSON`);
    }
  };
  let items: JsonValue[];
  if (inputType === 'JSON') {
    const value = parse(text, 'The object');
    if (!Array.isArray(value)) failed('The object is not an array');
    items = value;
  } else {
    items = text
      .split('\n')
      .map((line, i) => ({ line: line.trim(), number: i + 1 }))
      .filter(({ line }) => line !== '')
      .map(({ line, number }) => parse(line, `Line ${number}`));
  }
  return maxItems === undefined ? items : items.slice(0, maxItems);
}

const sizeOf = (value: JsonValue): number => Buffer.byteLength(JSON.stringify(value));

/**
 * Groups items as ItemBatcher does: `{ "BatchInput": …, "Items": […] }`, as many items as both limits allow. Without
 * limits each item is the input of an execution of its own.
 *
 * @throws {StateError} when an item alone is over the limit of bytes
 */
export function batchItems(
  items: readonly JsonValue[],
  limits: BatchLimits | undefined,
): MapBatch[] {
  if (limits === undefined) return items.map((item) => ({ input: item, items: 1 }));
  const { batchInput, maxBytes = MOST_BYTES, maxItems = Number.POSITIVE_INFINITY } = limits;
  const inputOf = (some: JsonValue[]): JsonObject => ({
    ...(batchInput === undefined ? {} : { BatchInput: batchInput }),
    Items: some,
  });
  const empty = sizeOf(inputOf([]));
  const batches: MapBatch[] = [];
  let batch: JsonValue[] = [];
  let bytes = empty;
  const close = (): void => {
    if (batch.length > 0) batches.push({ input: inputOf(batch), items: batch.length });
    batch = [];
    bytes = empty;
  };
  for (const item of items) {
    const size = sizeOf(item);
    if (empty + size > maxBytes) {
      throw new StateError(
        'States.DataLimitExceeded',
        'An item alone is larger than a batch may be',
      );
    }
    // The comma between two items counts too.
    if (batch.length === maxItems || bytes + 1 + size > maxBytes) close();
    bytes += size + (batch.length > 0 ? 1 : 0);
    batch.push(item);
  }
  close();
  return batches;
}

/** As the state has them; a run fails when more than either allows has failed. */
export interface FailureTolerance {
  readonly percentage?: number;
  readonly count?: number;
}

/** Whether so many failed items are more than a run may have. Without a tolerance one is too many. */
export function isOverTolerance(
  failedItems: number,
  allItems: number,
  { count, percentage }: FailureTolerance,
): boolean {
  if (failedItems === 0) return false;
  if (count === undefined && percentage === undefined) return true;
  const overCount = count !== undefined && failedItems > count;
  const overShare = percentage !== undefined && (100 * failedItems) / allItems > percentage;
  return overCount || overShare;
}

/** A number that a field of the state, or its path, gave. @throws {StateError} */
export function numberOf(value: JsonValue | undefined, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new StateError('States.Runtime', `${name} must be a whole number`);
}

/** An object that a template gave. @throws {StateError} */
export function objectOf(value: JsonValue | undefined, name: string): JsonObject {
  if (value !== undefined && isJsonObject(value)) return value;
  throw new StateError('States.Runtime', `${name} must be an object`);
}
