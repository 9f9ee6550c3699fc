import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import type { Execution } from './execution.ts';
import {
  batchItems,
  isOverTolerance,
  MOST_BYTES,
  numberOf,
  objectOf,
  readItems,
} from './map-items.ts';
import { StateError } from './state-error.ts';

/** The resource that a translated distributed map has in the place of a function. */
export const DISTRIBUTED_MAP = 'distributed-map';

/** What the interpreter hands over of a distributed map: its fields, with all paths resolved. */
export interface MapInput extends JsonObject {
  resource: typeof DISTRIBUTED_MAP;
  /** The state's name. */
  map: string;
  reader: JsonValue;
  inputType: string;
}

/** What a map run needs of the machine that it belongs to. */
export interface MapEnvironment {
  /** Aborted when the execution is stopped. */
  readonly signal: AbortSignal;
  /** Reads an object as the machine's role may. @throws AwsError */
  readObject(bucket: string, key: string): Promise<Buffer>;
  /** Starts a child execution of the map's item processor, as the machine's role may. */
  startChild(map: string, label: string, input: JsonValue): Execution;
}

/** Step Functions runs so many children at once where the state names no limit. */
const MOST_AT_ONCE = 10_000;

function limitsOf(input: MapInput) {
  const { batch } = input;
  if (batch === undefined) return undefined;
  const { batchInput, maxBytes, maxItems } = objectOf(batch, 'ItemBatcher');
  const items = numberOf(maxItems, 'MaxItemsPerBatch');
  const bytes = numberOf(maxBytes, 'MaxInputBytesPerBatch');
  return {
    ...(items !== undefined && items > 0 && { maxItems: items }),
    ...(bytes !== undefined && bytes > 0 && { maxBytes: bytes }),
    ...(batchInput !== undefined && { batchInput: objectOf(batchInput, 'BatchInput') }),
  };
}

function toleranceOf({ toleratedCount, toleratedPercentage }: MapInput) {
  const count = numberOf(toleratedCount, 'ToleratedFailureCount');
  // The one figure of the state that may have decimals.
  const percentage = typeof toleratedPercentage === 'number' ? toleratedPercentage : undefined;
  return {
    ...(count !== undefined && { count }),
    ...(percentage !== undefined && { percentage }),
  };
}

async function itemsOf(input: MapInput, environment: MapEnvironment): Promise<JsonValue[]> {
  const { Bucket, Key } = objectOf(input.reader, 'ItemReader.Parameters');
  if (typeof Bucket !== 'string' || typeof Key !== 'string') {
    throw new StateError('States.Runtime', 'ItemReader.Parameters must give Bucket and Key');
  }
  let object: Buffer;
  try {
    object = await environment.readObject(Bucket, Key);
  } catch (error) {
    throw new StateError('States.ItemReaderFailed', (error as Error).message);
  }
  return readItems(object.toString('utf8'), input.inputType, numberOf(input.maxItems, 'MaxItems'));
}

/**
 * Runs a distributed map: reads its items from S3, groups them, and starts a child execution for each group, so many
 * at a time. Fails when more items fail than the state tolerates, and ends the children that are left then.
 *
 * @returns the outputs of the children that succeeded, in the order of the items
 */
export async function runDistributedMap(
  input: MapInput,
  environment: MapEnvironment,
): Promise<JsonValue> {
  const items = await itemsOf(input, environment);
  const batches = batchItems(items, limitsOf(input));
  const tolerance = toleranceOf(input);
  const atOnce = numberOf(input.maxConcurrency, 'MaxConcurrency') || MOST_AT_ONCE;
  const outputs: (JsonValue | undefined)[] = [];
  const running = new Set<Execution>();
  let failedItems = 0;
  let next = 0;
  let isOver = false;
  const endAll = (): void => {
    isOver = true;
    for (const child of running) child.stop(undefined, 'The map run ended');
  };
  environment.signal.addEventListener('abort', endAll, { once: true });
  const worker = async (): Promise<void> => {
    while (!isOver && next < batches.length) {
      const position = next++;
      const batch = batches[position];
      if (batch === undefined) return;
      const child = environment.startChild(
        input.map,
        String(input.label ?? input.map),
        batch.input,
      );
      running.add(child);
      await child.finished;
      running.delete(child);
      if (child.status === 'SUCCEEDED') {
        outputs[position] = JSON.parse(child.output ?? 'null') as JsonValue;
        continue;
      }
      failedItems += batch.items;
      if (isOverTolerance(failedItems, items.length, tolerance)) endAll();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, batches.length) }, worker));
  } finally {
    environment.signal.removeEventListener('abort', endAll);
  }
  if (environment.signal.aborted) throw new StateError('ExecutionAborted', 'Stopped', false);
  if (isOver) {
    throw new StateError(
      'States.ExceedToleratedFailureThreshold',
      `${failedItems} of ${items.length} items failed`,
    );
  }
  const result = outputs.filter((output) => output !== undefined);
  if (Buffer.byteLength(JSON.stringify(result)) > MOST_BYTES) {
    throw new StateError(
      'States.DataLimitExceeded',
      'The outputs of all children together are larger than a state may hand on',
    );
  }
  return result;
}

/** Whether a task of the interpreter is one of ours in the place of a distributed map. */
export function isMapInput(input: JsonValue): input is MapInput {
  return isJsonObject(input) && input.resource === DISTRIBUTED_MAP;
}
