import { invocation, retriesOf } from './workflow-tasks.ts';

/** The functions that the workflow's tasks invoke, and the resources of the two ways to invoke. */
export interface DissuasionTasks {
  /** `…:states:::lambda:invoke` */
  readonly invoke: string;
  /** `…:states:::lambda:invoke.waitForTaskToken` */
  readonly invokeAndWait: string;
  readonly planMoveArn: string;
  readonly offerTaskArn: string;
  readonly settleTaskArn: string;
  readonly awaitNewsArn: string;
  readonly closeCaseArn: string;
}

/** A case that outlives this is broken: a policy whose ladder could take so long is refused (`CASE_LIMIT_MS`). */
export const CASE_TIMEOUT_SECONDS = 24 * 86_400;
const FUNCTION_TIMEOUT_SECONDS = 60;

/** States.TaskFailed is every error but States.Timeout, which says here that the time of a task or a watch has passed. */
const WAIT_RETRIES = retriesOf(['States.TaskFailed']);

/**
 * The dissuasion workflow in the Amazon States Language with JSONPath. What a case does next is decided in one
 * place (`lib/domain/ladder/next-move.ts`); the workflow does it and waits: for the people who take its steps, side by
 * side, or for news of a person who was dissuaded.
 *
 * Input: `DissuasionInput`, the case's name.
 */
export function dissuasionDefinition(tasks: DissuasionTasks): Record<string, unknown> {
  return {
    Comment:
      'Forewarn dissuasion: police call, relatives, station visit, each because the one before failed',
    StartAt: 'PlanMove',
    TimeoutSeconds: CASE_TIMEOUT_SECONDS,
    States: {
      PlanMove: {
        ...invoke(tasks, tasks.planMoveArn, { 'caseId.$': '$.caseId' }),
        Comment: 'Decides by what was tried: take steps, watch, or close',
        ResultSelector: { 'move.$': '$.Payload' },
        ResultPath: '$.plan',
        Next: 'WhatNext',
      },
      WhatNext: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.plan.move.kind', StringEquals: 'climb', Next: 'TakeSteps' },
          { Variable: '$.plan.move.kind', StringEquals: 'watch', Next: 'AwaitNews' },
        ],
        Default: 'CloseCase',
      },
      TakeSteps: {
        Type: 'Map',
        Comment: 'One step, or several side by side',
        ItemsPath: '$.plan.move.steps',
        ItemProcessor: stepsOf(tasks),
        ResultPath: null,
        Next: 'PlanMove',
      },
      AwaitNews: {
        ...waiting(tasks, tasks.awaitNewsArn, { 'caseId.$': '$.caseId' }),
        Comment: 'Dissuaded: news of another exposure reopens the case, quiet closes it',
        TimeoutSecondsPath: '$.plan.move.seconds',
        ResultPath: null,
        Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: null, Next: 'PlanMove' }],
        Next: 'PlanMove',
      },
      CloseCase: {
        ...invoke(tasks, tasks.closeCaseArn, { 'caseId.$': '$.caseId' }),
        Comment: 'Keeps what came of it with the person, as a label',
        ResultPath: null,
        End: true,
      },
    },
  };
}

function stepsOf(tasks: DissuasionTasks) {
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'OfferTask',
    States: {
      OfferTask: {
        ...waiting(tasks, tasks.offerTaskArn, {
          'caseId.$': '$.caseId',
          'taskId.$': '$.taskId',
        }),
        Comment: 'Waits on a queue for somebody to report what came of it',
        TimeoutSecondsPath: '$.dueSeconds',
        ResultPath: '$.result',
        Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: '$.timeout', Next: 'TimePassed' }],
        Next: 'SettleTask',
      },
      TimePassed: {
        Type: 'Pass',
        Comment: 'Nobody reported in time',
        Result: { outcome: 'overdue' },
        ResultPath: '$.result',
        Next: 'SettleTask',
      },
      SettleTask: {
        ...invoke(tasks, tasks.settleTaskArn, {
          'caseId.$': '$.caseId',
          'taskId.$': '$.taskId',
          'result.$': '$.result',
        }),
        Comment: 'Keeps the outcome, calls off what is pointless now, tells the banks of a loss',
        ResultSelector: { 'step.$': '$.Payload' },
        ResultPath: '$.settled',
        Next: 'DialAgain',
      },
      DialAgain: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.settled.step.dialAgain', BooleanEquals: true, Next: 'TakeNextDial' },
        ],
        Default: 'StepDone',
      },
      TakeNextDial: {
        Type: 'Pass',
        Comment: 'Busy or not answered, while other steps go on: the same number once more',
        InputPath: '$.settled.step.again',
        Next: 'OfferTask',
      },
      StepDone: { Type: 'Pass', Result: {}, End: true },
    },
  };
}

function invoke(tasks: DissuasionTasks, functionArn: string, payload: Record<string, string>) {
  return invocation(tasks.invoke, functionArn, payload, FUNCTION_TIMEOUT_SECONDS);
}

function waiting(tasks: DissuasionTasks, functionArn: string, payload: Record<string, string>) {
  return {
    Type: 'Task',
    Resource: tasks.invokeAndWait,
    Parameters: {
      FunctionName: functionArn,
      Payload: { 'taskToken.$': '$$.Task.Token', ...payload },
    },
    Retry: WAIT_RETRIES,
  };
}
