import type { StateMachine } from 'aws-local-stepfunctions';
import type { JsonObject } from '../json-value.ts';

/** What the interpreter tells of a run. */
export type EventLog =
  ReturnType<StateMachine['run']>['eventLogs'] extends AsyncGenerator<infer Event> ? Event : never;

/** An event as GetExecutionHistory answers it, without the states' data. */
export interface HistoryEvent extends JsonObject {
  id: number;
  /** Of the event that led to it; 0 for the first. */
  previousEventId: number;
  /** Epoch seconds. */
  timestamp: number;
  type: string;
}

export interface ExecutionHistory {
  add(event: EventLog): void;
  /** Oldest first. */
  readonly events: readonly HistoryEvent[];
}

const TIMEOUT = 'States.Timeout';

/** The machine's distributed maps by name: the interpreter takes them for tasks. */
type Maps = { has(name: string): boolean };

/** The name of an event and what it says, after AWS's `HistoryEvent`; undefined for what AWS has no event of its own for. */
function eventOf(event: EventLog, maps: Maps): { type: string; details: JsonObject } | undefined {
  const typeOf = ({ name, type }: { name: string; type: string }) =>
    maps.has(name) ? 'Map' : type;
  switch (event.type) {
    case 'StateEntered':
      return {
        type: `${typeOf(event.state)}StateEntered`,
        details: { stateEnteredEventDetails: { name: event.state.name } },
      };
    case 'StateExited':
      return {
        type: `${typeOf(event.state)}StateExited`,
        details: { stateExitedEventDetails: { name: event.state.name } },
      };
    case 'StateFailed': {
      if (maps.has(event.state.name)) {
        return {
          type: 'MapRunFailed',
          details: { mapRunFailedEventDetails: { error: event.Error } },
        };
      }
      if (event.state.type !== 'Task') return undefined;
      const type = event.Error === TIMEOUT ? 'TaskTimedOut' : 'TaskFailed';
      const details = { resourceType: 'lambda', resource: 'invoke', error: event.Error };
      const field = type === 'TaskTimedOut' ? 'taskTimedOutEventDetails' : 'taskFailedEventDetails';
      return { type, details: { [field]: details } };
    }
    case 'MapIterationStarted':
    case 'MapIterationSucceeded':
    case 'MapIterationFailed': {
      const { index, parentState } = event;
      const field = `m${event.type.slice(1)}EventDetails`;
      return { type: event.type, details: { [field]: { name: parentState.name, index } } };
    }
    case 'ExecutionStarted':
    case 'ExecutionSucceeded':
    case 'ExecutionFailed':
    case 'ExecutionAborted':
      return { type: event.type, details: {} };
    case 'ExecutionTimeout':
      return { type: 'ExecutionTimedOut', details: {} };
    default:
      return undefined;
  }
}

/**
 * Keeps what happened in an execution: states, iterations of a map, failed and timed-out tasks, and its own beginning
 * and end. `previousEventId` follows each iteration of a map by itself; the interpreter does not say which branch of
 * a Parallel state an event belongs to, so those are one chain.
 */
export function createExecutionHistory(maps: Maps): ExecutionHistory {
  const events: HistoryEvent[] = [];
  /** Id of the last event by iteration; of the machine itself under undefined. */
  const last = new Map<number | undefined, number>();
  return {
    events,
    add(event) {
      const known = eventOf(event, maps);
      if (known === undefined) return;
      const iteration = 'index' in event ? event.index : undefined;
      const isNew = event.type === 'MapIterationStarted';
      const id = events.length + 1;
      events.push({
        id,
        previousEventId: last.get(isNew ? undefined : iteration) ?? 0,
        timestamp: event.timestamp / 1_000,
        type: known.type,
        ...known.details,
      });
      last.set(iteration, id);
    },
  };
}
