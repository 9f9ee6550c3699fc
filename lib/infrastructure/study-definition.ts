import { patience } from './workflow-tasks.ts';

/** What the study's workflow calls. */
export interface StudyResources {
  readonly askAthena: string;
  readonly invoke: string;
  readonly studyDayArn: string;
  readonly database: string;
  readonly workGroup: string;
}

const HOUR_SECONDS = 3_600;

/** The same again soon, for what passes by itself. */
const PATIENCE = patience(30);

/**
 * The workflow: the function goes as far as it has answers and says what is to be asked next, Athena is asked, and so
 * on. What failed goes back to the function, too, which clears away what Athena left behind and asks again, or gives up.
 */
export function studyDefinition(resources: StudyResources): object {
  return {
    Comment: 'Forewarn: studies the day that ended, one statement after the other',
    StartAt: 'Go on',
    TimeoutSeconds: 6 * HOUR_SECONDS,
    States: {
      'Go on': {
        Type: 'Task',
        Resource: resources.invoke,
        Parameters: { FunctionName: resources.studyDayArn, 'Payload.$': '$' },
        OutputPath: '$.Payload',
        TimeoutSeconds: HOUR_SECONDS,
        Retry: PATIENCE,
        Next: 'Is there a question?',
      },
      'Is there a question?': {
        Type: 'Choice',
        Choices: [{ Variable: '$.statement', IsPresent: true, Next: 'Ask' }],
        Default: 'Studied',
      },
      Ask: {
        Type: 'Task',
        Resource: resources.askAthena,
        Parameters: {
          'QueryString.$': '$.statement.sql',
          WorkGroup: resources.workGroup,
          QueryExecutionContext: { Database: resources.database },
        },
        ResultSelector: { 'id.$': '$.QueryExecution.QueryExecutionId' },
        ResultPath: '$.asked',
        TimeoutSeconds: HOUR_SECONDS,
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failed', Next: 'Go on' }],
        Next: 'Go on',
      },
      Studied: { Type: 'Succeed' },
    },
  };
}
