import { patience } from './workflow-tasks.ts';

/** What the workflow that searches for contacts calls. */
export interface ContactSearchResources {
  readonly askAthena: string;
  readonly invoke: string;
  readonly exposeContactsArn: string;
  readonly database: string;
  readonly workGroup: string;
  /** The question for the calls of a number. */
  readonly callsOfNumber: string;
  /** The most calls that it may answer. */
  readonly mostCalls: number;
  /** After which a call that was made before the search lies in the archive. */
  readonly arrivalSeconds: number;
}

const HOUR_SECONDS = 3_600;

/** The same again soon, for what passes by itself: too many questions at once, a service out of breath. */
const PATIENCE = patience(30);

const PLACE = /\$\{(\w+)\}/g;
/** Places of the question that stand for numbers; the others stand for text. */
const NUMBERS: ReadonlySet<string> = new Set(['bucket', 'since']);

/** The question with question marks for its places, and what fills them, in their order. */
function parametersOf(question: string, mostCalls: number, firstDay: string): object {
  const values: string[] = [];
  const sql = question.replaceAll(PLACE, (_, place: string) => {
    // The same for every number.
    if (place === 'mostCalls') return String(mostCalls);
    const from = `$.${place === 'firstDay' ? firstDay : place}`;
    values.push(`States.Format('${NUMBERS.has(place) ? '{}' : "\\'{}\\'"}', ${from})`);
    return '?';
  });
  return { QueryString: sql, 'ExecutionParameters.$': `States.Array(${values.join(', ')})` };
}

/**
 * The workflow: asks the archive for the calls of a number and exposes whom it finds; and once more for the last days
 * when the calls of the last minutes, which Firehose still held, have come in. That exposes nobody twice.
 */
export function contactSearchDefinition(resources: ContactSearchResources): object {
  const ask = (firstDay: string, next: string) => ({
    Type: 'Task',
    Resource: resources.askAthena,
    Parameters: {
      ...parametersOf(resources.callsOfNumber, resources.mostCalls, firstDay),
      WorkGroup: resources.workGroup,
      QueryExecutionContext: { Database: resources.database },
    },
    ResultSelector: { 'id.$': '$.QueryExecution.QueryExecutionId' },
    ResultPath: '$.asked',
    TimeoutSeconds: HOUR_SECONDS,
    Retry: PATIENCE,
    Next: next,
  });
  const expose = (next: string) => ({
    Type: 'Task',
    Resource: resources.invoke,
    Parameters: {
      FunctionName: resources.exposeContactsArn,
      Payload: { 'number.$': '$.number', 'asked.$': '$.asked' },
    },
    ResultSelector: { 'exposed.$': '$.Payload' },
    ResultPath: '$.found',
    TimeoutSeconds: HOUR_SECONDS,
    Retry: PATIENCE,
    Next: next,
  });
  return {
    Comment:
      'Forewarn: exposes everybody who was in touch with a case number, as the archive knows it',
    StartAt: 'Ask',
    TimeoutSeconds: 6 * HOUR_SECONDS,
    States: {
      Ask: ask('firstDay', 'Expose'),
      Expose: expose('Let late calls come'),
      'Let late calls come': {
        Type: 'Wait',
        Seconds: resources.arrivalSeconds,
        Next: 'Ask for late calls',
      },
      'Ask for late calls': ask('recentDay', 'Expose late'),
      'Expose late': expose('Searched'),
      Searched: { Type: 'Succeed' },
    },
  };
}
