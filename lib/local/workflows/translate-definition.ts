import { LocalCloudError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';

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

function translateState(name: string, state: JsonObject): JsonObject {
  if (state.QueryLanguage === 'JSONata') refuse(`State ${name}: JSONata is not emulated`);
  const jsonata = jsonataFields.find((field) => field in state);
  if (jsonata !== undefined) refuse(`State ${name}: the field ${jsonata} is not emulated`);
  let translated = state.Type === 'Task' ? translateTask(name, state) : state;
  if (Array.isArray(translated.Branches)) {
    translated = { ...translated, Branches: translated.Branches.map(translateMachine) };
  }
  for (const field of ['ItemProcessor', 'Iterator']) {
    const inner = translated[field];
    if (inner === undefined) continue;
    if (isJsonObject(inner) && isJsonObject(inner.ProcessorConfig)) {
      if (inner.ProcessorConfig.Mode === 'DISTRIBUTED') {
        refuse(`State ${name}: distributed maps are not emulated`);
      }
    }
    translated = { ...translated, [field]: translateMachine(inner) };
  }
  return translated;
}

function translateMachine(machine: JsonValue): JsonObject {
  if (!isJsonObject(machine) || !isJsonObject(machine.States)) {
    return refuse('A state machine must have States');
  }
  if (machine.QueryLanguage === 'JSONata') refuse('JSONata is not emulated');
  const states: JsonObject = {};
  for (const [name, state] of Object.entries(machine.States)) {
    if (!isJsonObject(state)) refuse(`State ${name} is not an object`);
    states[name] = translateState(name, state);
  }
  return { ...machine, States: states };
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

/**
 * Rewrites a state machine so that the interpreter runs it as Step Functions would: tasks carry
 * their resource, timeout and heartbeat in their input, context values become placeholders.
 *
 * @throws LocalCloudError `state-machine-unsupported` for anything that would be run wrongly.
 */
export function translateDefinition(definition: JsonValue): JsonObject {
  const translated = translateMachine(definition);
  refuseLeftovers(translated, 'definition');
  return translated;
}

/** The names of all task states, in branches and maps too. */
export function taskStateNames(definition: JsonValue): string[] {
  const names: string[] = [];
  const visit = (value: JsonValue | undefined): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    if (!isJsonObject(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'States' && isJsonObject(inner)) {
        for (const [name, state] of Object.entries(inner)) {
          if (isJsonObject(state) && state.Type === 'Task') names.push(name);
        }
      }
      visit(inner);
    }
  };
  visit(definition);
  return names;
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
