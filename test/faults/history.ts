import type { TaskOutcome } from '../../lib/domain/task-outcome.ts';
import type { FunctionName } from '../../lib/infrastructure/stage-config.ts';

/** The functions that a history runs, and the people whose requests run functions of the officers' API. */
export type Actor = Extract<
  FunctionName,
  | 'intake'
  | 'score-numbers'
  | 'score-subjects'
  | 'send-warnings'
  | 'record-delivery'
  | 'open-cases'
  | 'plan-move'
  | 'offer-task'
  | 'settle-task'
  | 'await-news'
  | 'close-case'
  | 'officers-api'
>;

/** What becomes of one call of a function to a service. */
export const CALL_FAULTS = [
  /** An error, and nothing was done. */
  'refused',
  /** It was done, and the answer got lost. */
  'answer-lost',
  /** It is done only when its caller has given up. */
  'late',
  /** It was done, the answer got lost, and the client's own retry did it again. */
  'repeated',
  /** Of a request for many things only some were done. */
  'partial',
  /** Somebody else is writing the item. */
  'conflict',
  /** It takes seconds. */
  'slow',
  /** The function dies before the request leaves it. */
  'crash-before',
  /** It was done, and the function dies before it hears of it. */
  'crash-after',
  /** It was done, and the answer takes longer than the function may. */
  'hangs',
] as const;
export type CallFaultKind = (typeof CALL_FAULTS)[number];

export interface CallFault {
  readonly on: 'call';
  readonly actor: Actor;
  /** As the service names it, such as `PutRecords`. */
  readonly operation: string;
  /** 1 for the first such call of the actor. */
  readonly nth: number;
  readonly kind: CallFaultKind;
}

/** What becomes of one batch of an event source. */
export const BATCH_FAULTS = [
  /** It was done, and is delivered again. */
  'redelivered',
  /** Two pollers have it at once. */
  'overlapping',
  /** A poller that lost its shard to another goes on with it, and its function is slow. */
  'straggling',
  /** Lambda throttles the function. */
  'not-invoked',
  /** It was done, and the function's answer got lost. */
  'answer-lost',
] as const;
export type BatchFaultKind = (typeof BATCH_FAULTS)[number];
export type SourceName =
  | 'calls'
  | 'legs'
  | 'exposures'
  | 'subject-warnings'
  | 'subject-cases'
  | 'warning-retries'
  | 'early-reports'
  | 'delivery-log'
  | 'workflow';

export interface BatchFault {
  readonly on: 'batch';
  readonly source: SourceName;
  /** 1 for the first batch of the source. */
  readonly nth: number;
  readonly kind: BatchFaultKind;
}

/** Something that happens at a time. Times are ms after the beginning. */
export type Incident =
  | {
      readonly on: 'reshard';
      readonly stream: 'calls' | 'legs' | 'exposures';
      readonly at: number;
      readonly where: number;
    }
  | { readonly on: 'policy'; readonly at: number; readonly variant: number }
  | { readonly on: 'opt-out'; readonly at: number; readonly person: number }
  /** An officer opens a case of a person by hand. */
  | { readonly on: 'by-hand'; readonly at: number; readonly person: number }
  /** A service answers nothing but errors; of requests for many things it takes one half. */
  | {
      readonly on: 'outage';
      readonly at: number;
      readonly until: number;
      readonly service: 'dynamoDB' | 'kinesis' | 's3' | 'sfn' | 'sqs';
    }
  /** SNS refuses texts, or asks for its register of opt-outs. */
  | {
      readonly on: 'texts-refused';
      readonly at: number;
      readonly until: number;
      readonly error: string;
    }
  /** The account's texts of the month are spent: they are taken and not delivered. */
  | { readonly on: 'spend-limit'; readonly at: number; readonly until: number };

/** What a supervisor does to a case while its steps begin and end. */
export interface HandFault {
  readonly on: 'supervisor';
  readonly act: 'close' | 'raise' | 'lower';
  /** It follows the beginning of the nth step, counted over all cases. */
  readonly nth: number;
  readonly afterMs: number;
}

export type Fault = CallFault | BatchFault | Incident | HandFault;

/** How the lines of a record are put together. */
export const PACKINGS = ['plain', 'gzip', 'aggregate'] as const;

/** A line that an operator pushes. */
export interface PlannedLine {
  /** Of its record: lines of one record are pushed together. */
  readonly record: number;
  readonly line: string;
  /** What is to become of it. */
  readonly rejected?: string;
}

/** A record that an operator pushes. */
export interface PlannedRecord {
  /** ms after the beginning. */
  readonly at: number;
  readonly partitionKey: string;
  readonly lines: readonly PlannedLine[];
  /** Pushed again so much later, as a producer does whose answer got lost. */
  readonly again?: number;
  readonly packing: (typeof PACKINGS)[number];
  /** Why nothing of it can be read: it came without its end, or is no text. */
  readonly damaged?: 'bad-gzip' | 'bad-encoding';
}

/** What an officer does who sees a task. */
export interface Reaction {
  readonly outcome: TaskOutcome;
  readonly afterMinutes: number;
  readonly silent: boolean;
  readonly twice: 'no' | 'repeat' | 'colleague';
  readonly claims: boolean;
  /** Has the number shown. */
  readonly reveals: boolean;
}

/** All that a history is made of: the same again goes the same way, to the last step. */
export interface History {
  readonly seed: number;
  readonly stage: 'dev' | 'prod';
  readonly records: readonly PlannedRecord[];
  readonly faults: readonly Fault[];
  readonly reactions: readonly Reaction[];
  /** How old a read may be that is not asked to be consistent. */
  readonly staleMs: number;
  /** The clock of each execution environment is off by up to so much. */
  readonly skewMs: number;
  readonly policy: number;
}
