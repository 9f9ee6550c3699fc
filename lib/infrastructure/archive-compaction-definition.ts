import { patience } from './workflow-tasks.ts';

/** What the compaction calls. */
export interface CompactionResources {
  readonly askAthena: string;
  readonly readAnswer: string;
  readonly invoke: string;
  readonly clearDayArn: string;
  readonly database: string;
  readonly workGroup: string;
  /** The question that makes whole calls of records, by its first and its last day. */
  readonly wholeCalls: string;
}

const HOUR_SECONDS = 3_600;

/** Days that have records still: what the table shows are those that may get more. */
const DAYS = 'SELECT DISTINCT day FROM call_records ORDER BY day';

/** The same error again soon, for what passes by itself: too many questions at once, a service out of breath. */
const PATIENCE = patience(60);

/**
 * The workflow: which days there are, and for each of them the calls of its records in the place of those that were
 * compacted before. A day that fails is begun again by clearing it, since Athena leaves behind what it wrote of a
 * question that fails; so the night can be repeated at any time, with the same end.
 */
export function compactionDefinition(resources: CompactionResources): object {
  const asking = {
    WorkGroup: resources.workGroup,
    QueryExecutionContext: { Database: resources.database },
  };
  return {
    Comment: 'Forewarn: one row a call, of each day whose records may still have changed',
    StartAt: 'Ask for days',
    TimeoutSeconds: 6 * HOUR_SECONDS,
    States: {
      'Ask for days': {
        Type: 'Task',
        Resource: resources.askAthena,
        Parameters: { QueryString: DAYS, ...asking },
        TimeoutSeconds: HOUR_SECONDS,
        Retry: PATIENCE,
        Next: 'Read days',
      },
      'Read days': {
        Type: 'Task',
        Resource: resources.readAnswer,
        Parameters: { 'QueryExecutionId.$': '$.QueryExecution.QueryExecutionId' },
        // The first row are the names of the columns.
        ResultSelector: {
          'rows.$': '$.ResultSet.Rows',
          'count.$': 'States.ArrayLength($.ResultSet.Rows)',
        },
        TimeoutSeconds: HOUR_SECONDS,
        Retry: PATIENCE,
        Next: 'Is there a day?',
      },
      'Is there a day?': {
        Type: 'Choice',
        Choices: [{ Variable: '$.count', NumericGreaterThan: 1, Next: 'Take days' }],
        Default: 'Compacted',
      },
      'Take days': {
        Type: 'Pass',
        Parameters: { 'days.$': '$.rows[1:].Data[0].VarCharValue' },
        Next: 'Each day',
      },
      'Each day': {
        Type: 'Map',
        ItemsPath: '$.days',
        ItemSelector: { 'day.$': '$$.Map.Item.Value' },
        MaxConcurrency: 1,
        ItemProcessor: {
          StartAt: 'Clear',
          States: {
            Clear: {
              Type: 'Task',
              Resource: resources.invoke,
              Parameters: { FunctionName: resources.clearDayArn, Payload: { 'day.$': '$.day' } },
              ResultPath: null,
              TimeoutSeconds: HOUR_SECONDS,
              Retry: PATIENCE,
              Next: 'Write',
            },
            Write: {
              Type: 'Task',
              Resource: resources.askAthena,
              Parameters: {
                QueryString: `INSERT INTO calls\n${resources.wholeCalls.replaceAll(/\$\{\w+\}/g, '?')}`,
                'ExecutionParameters.$':
                  "States.Array(States.Format('\\'{}\\'', $.day), States.Format('\\'{}\\'', $.day))",
                ...asking,
              },
              ResultPath: null,
              TimeoutSeconds: HOUR_SECONDS,
              End: true,
            },
          },
        },
        ResultPath: null,
        Retry: PATIENCE,
        Next: 'Compacted',
      },
      Compacted: { Type: 'Succeed' },
    },
  };
}
