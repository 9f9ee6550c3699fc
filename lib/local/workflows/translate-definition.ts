import { LocalCloudError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { DISTRIBUTED_MAP } from './distributed-map.ts';

/** Stands in a task's parameters for what is known only when the task starts. */
export const placeholders = {
  '$$.Task.Token': '\u0000task-token',
  '$$.State.EnteredTime': '\u0000state-entered-time',
} as const;

/** What the task override of the interpreter gets as its input. */
export interface TaskInput {
  resource: string;
  parameters: JsonValue;
  timeoutSeconds: number;
  heartbeatSeconds?: number;
}

/** The interpreter waits with setTimeout, which takes at most 2^31 - 1 ms. */
export const longestTimeoutSeconds = 2_147_483;

const supportedResource =
  /^arn:[\w-]+:(states:[\w-]*:\d*:(lambda:invoke(\.waitForTaskToken)?|athena:(startQueryExecution(\.sync)?|getQueryExecution|getQueryResults|stopQueryExecution))|lambda:[\w-]+:\d+:function:[\w:$-]+)$/;

const jsonataFields = ['Arguments', 'Output', 'Assign', 'Condition', 'Items'];

function refuse(message: string): never {
  throw new LocalCloudError('state-machine-unsupported', message);
}

/** Replaces references to the context's task and state by constants and placeholders. */
function replaceContext(value: JsonValue, stateName: string): JsonValue {
  if (Array.isArray(value)) return value.map((item) => replaceContext(item, stateName));
  if (!isJsonObject(value)) return value;
  const replaced: JsonObject = {};
  for (const [key, inner = null] of Object.entries(value)) {
    const plain = key.slice(0, -'.$'.length);
    if (key.endsWith('.$') && inner === '$$.State.Name') replaced[plain] = stateName;
    else if (key.endsWith('.$') && typeof inner === 'string' && inner in placeholders) {
      replaced[plain] = placeholders[inner as keyof typeof placeholders];
    } else replaced[key] = replaceContext(inner, stateName);
  }
  return replaced;
}

function translateTask(name: string, state: JsonObject): JsonObject {
  const {
    Resource,
    Parameters,
    TimeoutSeconds,
    TimeoutSecondsPath,
    HeartbeatSeconds,
    HeartbeatSecondsPath,
    ...rest
  } = state;
  if (typeof Resource !== 'string' || !supportedResource.test(Resource)) {
    refuse(`State ${name}: the task resource ${String(Resource)} is not emulated`);
  }
  const parameters: JsonObject = { resource: Resource };
  if (Parameters === undefined) parameters['parameters.$'] = '$';
  else parameters.parameters = replaceContext(Parameters, name);
  if (TimeoutSecondsPath !== undefined) parameters['timeoutSeconds.$'] = TimeoutSecondsPath;
  // Without a timeout AWS waits for ever; the interpreter would give up after a minute.
  else parameters.timeoutSeconds = TimeoutSeconds ?? longestTimeoutSeconds;
  if (HeartbeatSecondsPath !== undefined) parameters['heartbeatSeconds.$'] = HeartbeatSecondsPath;
  else if (HeartbeatSeconds !== undefined) parameters.heartbeatSeconds = HeartbeatSeconds;
  return {
    ...rest,
    Resource,
    Parameters: parameters,
    TimeoutSecondsPath: '$.timeoutSeconds',
  };
}

/** All that a distributed map may have here; anything else would be passed over without a word. */
const mapFields = new Set([
  'Type',
  'Comment',
  'Label',
  'ItemReader',
  'ItemBatcher',
  'ItemProcessor',
  'MaxConcurrency',
  'MaxConcurrencyPath',
  'ToleratedFailurePercentage',
  'ToleratedFailurePercentagePath',
  'ToleratedFailureCount',
  'ToleratedFailureCountPath',
  'InputPath',
  'ResultSelector',
  'ResultPath',
  'OutputPath',
  'Retry',
  'Catch',
  'Next',
  'End',
]);

const itemTypes = new Set(['JSON', 'JSONL']);

/** The object in a field, with no other properties than these. */
function knownObject(place: string, value: JsonValue | undefined, ...known: string[]): JsonObject {
  if (value === undefined || !isJsonObject(value)) refuse(`${place} must be an object`);
  const strange = Object.keys(value).find((field) => !known.includes(field));
  if (strange !== undefined) refuse(`${place}: ${strange} is not emulated`);
  return value;
}

/** A field or its path, as a parameter of that name. */
function given(name: string, from: JsonObject, field: string): JsonObject {
  const path = from[`${field}Path`];
  if (path !== undefined) return { [`${name}.$`]: path };
  const value = from[field];
  return value === undefined ? {} : { [name]: value };
}

function translateReader(name: string, reader: JsonValue | undefined): JsonObject {
  const place = `State ${name}: ItemReader`;
  const { Parameters, ReaderConfig, Resource } = knownObject(
    place,
    reader,
    'Resource',
    'ReaderConfig',
    'Parameters',
  );
  if (typeof Resource !== 'string' || !/^arn:[\w-]+:states:::s3:getObject$/.test(Resource)) {
    refuse(`${place}: the resource ${String(Resource)} is not emulated`);
  }
  const config = knownObject(`${place}.ReaderConfig`, ReaderConfig, 'InputType', 'MaxItems');
  if (typeof config.InputType !== 'string' || !itemTypes.has(config.InputType)) {
    refuse(`${place}: the input type ${String(config.InputType)} is not emulated`);
  }
  const parameters = knownObject(
    `${place}.Parameters`,
    Parameters,
    'Bucket',
    'Bucket.$',
    'Key',
    'Key.$',
  );
  return {
    reader: parameters,
    inputType: config.InputType,
    ...given('maxItems', config, 'MaxItems'),
  };
}

function translateBatcher(name: string, batcher: JsonValue | undefined): JsonObject {
  if (batcher === undefined) return {};
  const known = knownObject(
    `State ${name}: ItemBatcher`,
    batcher,
    'MaxItemsPerBatch',
    'MaxItemsPerBatchPath',
    'MaxInputBytesPerBatch',
    'MaxInputBytesPerBatchPath',
    'BatchInput',
  );
  return {
    batch: {
      ...given('maxItems', known, 'MaxItemsPerBatch'),
      ...given('maxBytes', known, 'MaxInputBytesPerBatch'),
      ...(known.BatchInput === undefined ? {} : { batchInput: known.BatchInput }),
    },
  };
}

/** A task that the interpreter hands to us, in the place of a map that it would run within the execution. */
function translateDistributedMap(name: string, state: JsonObject): JsonObject {
  const strange = Object.keys(state).find((field) => !mapFields.has(field));
  if (strange !== undefined) {
    refuse(`State ${name}: ${strange} of a distributed map is not emulated`);
  }
  const processor = state.ItemProcessor as JsonObject;
  if ((processor.ProcessorConfig as JsonObject).ExecutionType !== 'STANDARD') {
    refuse(`State ${name}: only standard child executions are emulated`);
  }
  const kept = ['Comment', 'InputPath', 'ResultSelector', 'ResultPath', 'OutputPath']
    .concat('Retry', 'Catch', 'Next', 'End')
    .filter((field) => field in state);
  return {
    ...Object.fromEntries(kept.map((field) => [field, state[field] as JsonValue])),
    Type: 'Task',
    Resource: DISTRIBUTED_MAP,
    Parameters: {
      resource: DISTRIBUTED_MAP,
      map: name,
      label: state.Label ?? name,
      ...translateReader(name, state.ItemReader),
      ...translateBatcher(name, state.ItemBatcher),
      ...given('maxConcurrency', state, 'MaxConcurrency'),
      ...given('toleratedPercentage', state, 'ToleratedFailurePercentage'),
      ...given('toleratedCount', state, 'ToleratedFailureCount'),
      timeoutSeconds: longestTimeoutSeconds,
    },
    TimeoutSecondsPath: '$.timeoutSeconds',
  };
}

function isDistributed({ ItemProcessor, Type }: JsonObject): boolean {
  return (
    Type === 'Map' &&
    ItemProcessor !== undefined &&
    isJsonObject(ItemProcessor) &&
    ItemProcessor.ProcessorConfig !== undefined &&
    isJsonObject(ItemProcessor.ProcessorConfig) &&
    ItemProcessor.ProcessorConfig.Mode === 'DISTRIBUTED'
  );
}

function translateState(name: string, state: JsonObject, maps: DistributedMaps): JsonObject {
  if (state.QueryLanguage === 'JSONata') refuse(`State ${name}: JSONata is not emulated`);
  const jsonata = jsonataFields.find((field) => field in state);
  if (jsonata !== undefined) refuse(`State ${name}: the field ${jsonata} is not emulated`);
  if (isDistributed(state)) {
    const { ProcessorConfig: _config, ...processor } = state.ItemProcessor as JsonObject;
    maps.set(name, translateMachine(processor, maps));
    return translateDistributedMap(name, state);
  }
  let translated = state.Type === 'Task' ? translateTask(name, state) : state;
  if (Array.isArray(translated.Branches)) {
    const branches = translated.Branches.map((branch) => translateMachine(branch, maps));
    translated = { ...translated, Branches: branches };
  }
  for (const field of ['ItemProcessor', 'Iterator']) {
    const inner = translated[field];
    if (inner === undefined) continue;
    translated = { ...translated, [field]: translateMachine(inner, maps) };
  }
  return translated;
}

function translateMachine(machine: JsonValue, maps: DistributedMaps): JsonObject {
  if (!isJsonObject(machine) || !isJsonObject(machine.States)) {
    return refuse('A state machine must have States');
  }
  if (machine.QueryLanguage === 'JSONata') refuse('JSONata is not emulated');
  const states: JsonObject = {};
  for (const [name, state] of Object.entries(machine.States)) {
    if (!isJsonObject(state)) refuse(`State ${name} is not an object`);
    states[name] = translateState(name, state, maps);
  }
  const { TimeoutSeconds, ...rest } = machine;
  // A longer one would overflow the interpreter's timer and pass at once; no local cloud runs for so long.
  const timeout =
    typeof TimeoutSeconds === 'number' && TimeoutSeconds <= longestTimeoutSeconds
      ? { TimeoutSeconds }
      : {};
  return { ...rest, ...timeout, States: states };
}

function refuseLeftovers(value: JsonValue | undefined, path: string): void {
  if (typeof value === 'string' && /\$\$\.(Task|State)\b/.test(value)) {
    refuse(`${path}: ${value} is emulated only as a whole value in a task's Parameters`);
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) refuseLeftovers(item, `${path}[${index}]`);
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) refuseLeftovers(item, `${path}.${key}`);
  }
}

/** The item processors of distributed maps, translated, by the name of the map's state. */
type DistributedMaps = Map<string, JsonObject>;

/** A state machine for the interpreter. */
export interface TranslatedDefinition {
  readonly definition: JsonObject;
  /** A machine for each distributed map: its children are executions of their own. */
  readonly maps: ReadonlyMap<string, JsonObject>;
}

/**
 * Rewrites a state machine so that the interpreter runs it as Step Functions would: tasks carry
 * their resource, timeout and heartbeat in their input, context values become placeholders, distributed maps tasks.
 *
 * @throws LocalCloudError `state-machine-unsupported` for anything that would be run wrongly.
 */
export function translateDefinition(definition: JsonValue): TranslatedDefinition {
  const maps: DistributedMaps = new Map();
  const translated = translateMachine(definition, maps);
  refuseLeftovers(translated, 'definition');
  for (const [name, processor] of maps) refuseLeftovers(processor, name);
  return { definition: translated, maps };
}

/** The names of all task states, in branches and maps too. */
export function taskStateNames(definition: JsonValue): string[] {
  return statesOf(definition, 'Task').map(([name]) => name);
}

/** The seconds of all wait states that name them. */
export function waitStateSeconds(definition: JsonValue): Map<string, number> {
  return new Map(
    statesOf(definition, 'Wait').flatMap(([name, { Seconds }]): [string, number][] =>
      typeof Seconds === 'number' ? [[name, Seconds]] : [],
    ),
  );
}

function statesOf(definition: JsonValue, type: string): [name: string, state: JsonObject][] {
  const states: [string, JsonObject][] = [];
  const visit = (value: JsonValue | undefined): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    if (!isJsonObject(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'States' && isJsonObject(inner)) {
        for (const [name, state] of Object.entries(inner)) {
          if (isJsonObject(state) && state.Type === type) states.push([name, state]);
        }
      }
      visit(inner);
    }
  };
  visit(definition);
  return states;
}

/** Puts the real values where `translateDefinition` left placeholders. */
export function fillPlaceholders(
  value: JsonValue,
  values: Record<keyof typeof placeholders, string>,
): JsonValue {
  if (Array.isArray(value)) return value.map((item) => fillPlaceholders(item, values));
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner = null]) => [key, fillPlaceholders(inner, values)]),
    );
  }
  for (const [path, placeholder] of Object.entries(placeholders)) {
    if (value === placeholder) return values[path as keyof typeof placeholders];
  }
  return value;
}
