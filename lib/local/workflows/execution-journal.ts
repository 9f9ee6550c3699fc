import type { JsonValue } from '../json-value.ts';
import type { KeptExecutions, KeptTask, KeptWait, TaskOutcome } from '../kept/executions.ts';

/** A task of an execution, which may have begun in an earlier run. */
export interface JournaledTask {
  /** Epoch milliseconds. */
  readonly enteredAt: number;
  /** The token that an earlier run gave out. */
  readonly token: string | undefined;
  /** Whether the function has taken that token. */
  readonly invoked: boolean;
  /** How the task ended, if it has. */
  readonly outcome: TaskOutcome | undefined;
  keepToken(token: string): void;
  keepInvoked(): void;
  /** The first end counts. */
  end(outcome: TaskOutcome): void;
}

/** A wait of an execution, which may have begun in an earlier run. */
interface JournaledWait {
  /** Epoch milliseconds. */
  readonly enteredAt: number;
  readonly done: boolean;
  /** Whether an earlier run began it. */
  readonly resumed: boolean;
}

/**
 * What an execution has done. One that was cut off is run once more from its input: what stands here is answered at
 * once, in the order in which it happened, and the execution goes on where it was.
 */
export interface ExecutionJournal {
  /** The next task of a state with this input. */
  task(state: string, input: JsonValue): JournaledTask;
  enterWait(state: string): JournaledWait;
  exitWait(state: string): void;
}

function takeFirst<Kept>(byKey: Map<string, Kept[]>, key: string): Kept | undefined {
  return byKey.get(key)?.shift();
}

/**
 * Tasks are told apart by their state and input. Those that are alike in both, in branches side by side, may change
 * places, which makes no difference to what follows.
 *
 * @param kept undefined for an execution that is not resumed: a map's child
 * @param now epoch milliseconds
 */
export function createExecutionJournal(
  kept: KeptExecutions | undefined,
  executionArn: string,
  now: () => number,
): ExecutionJournal {
  const tasks = Map.groupBy(kept?.tasks(executionArn) ?? [], ({ key }) => key);
  const waits = Map.groupBy(kept?.waits(executionArn) ?? [], ({ state }) => state);
  const waiting = new Map<string, number[]>();

  const journaled = (task: KeptTask): JournaledTask => {
    let ended = task.outcome !== undefined;
    return {
      ...task,
      keepToken: (token) => kept?.keepToken(task.id, token),
      keepInvoked: () => kept?.keepInvoked(task.id),
      end(outcome) {
        if (ended) return;
        ended = true;
        kept?.keepOutcome(task.id, outcome);
      },
    };
  };
  const newTask = (key: string): KeptTask => {
    const enteredAt = now();
    const id = kept?.addTask(executionArn, key, enteredAt) ?? 0;
    return { id, key, enteredAt, token: undefined, invoked: false, outcome: undefined };
  };
  const newWait = (state: string): KeptWait => {
    const enteredAt = now();
    const id = kept?.addWait(executionArn, state, enteredAt) ?? 0;
    return { id, state, enteredAt, done: false };
  };

  return {
    task(state, input) {
      const key = `${state}\n${JSON.stringify(input)}`;
      return journaled(takeFirst(tasks, key) ?? newTask(key));
    },
    enterWait(state) {
      const earlier = takeFirst(waits, state);
      const wait = earlier ?? newWait(state);
      waiting.set(state, [...(waiting.get(state) ?? []), wait.id]);
      return { ...wait, resumed: earlier !== undefined };
    },
    exitWait(state) {
      const id = takeFirst(waiting, state);
      if (id !== undefined) kept?.endWait(id);
    },
  };
}
