import { patience } from './workflow-tasks.ts';

/** What the workflow that searches for contacts calls. */
export interface ContactSearchResources {
  readonly askAthena: string;
  readonly invoke: string;
  readonly exposeContactsArn: string;
  readonly database: string;
  readonly workGroup: string;
  /** The question for the calls of numbers. */
  readonly callsOfNumbers: string;
  /** The most calls that it may answer. */
  readonly mostCalls: number;
  /** After which a call that was made before the search lies in the archive. */
  readonly arrivalSeconds: number;
}

const HOUR_SECONDS = 3_600;

/** The same again soon, for what passes by itself: too many questions at once, a service out of breath. */
const PATIENCE = patience(30);

const PLACE = /\$\{(\w+)\}/g;
/** What fills a place of the question: a list, as its literals; a number, or text. */
const LISTS: ReadonlySet<string> = new Set(['numbers', 'buckets']);
const NUMBERS: ReadonlySet<string> = new Set(['since']);

/** A question in one line, without its comments: so it fits into a text of the workflow. */
const inOneLine = (question: string) =>
  question
    .replaceAll(/^\s*--.*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** As a text stands in an intrinsic function. */
const escaped = (text: string) => text.replaceAll(/['{}\\]/g, '\\$&');

/**
 * The statement of an execution. Parameters of Athena stand for one value each, and how many numbers there are is not
 * known here; whoever starts the workflow has made their literals.
 */
function statementOf(question: string, mostCalls: number, firstDay: string): string {
  const sources: string[] = [];
  // A text, a place, a text, and so on.
  const parts = inOneLine(question).split(PLACE);
  const template = parts.map((part, i) => {
    if (i % 2 === 0) return escaped(part);
    // The same for all numbers.
    if (part === 'mostCalls') return String(mostCalls);
    const isList = LISTS.has(part);
    sources.push(`$.${isList ? `literals.${part}` : part === 'firstDay' ? firstDay : part}`);
    return isList || NUMBERS.has(part) ? '{}' : "\\'{}\\'";
  });
  return `States.Format('${template.join('')}', ${sources.join(', ')})`;
}

/**
 * The workflow: asks the archive for the calls of case numbers and exposes whom it finds; and once more for the last days
 * when the calls of the last minutes, which Firehose still held, have come in. That exposes nobody twice.
 */
export function contactSearchDefinition(resources: ContactSearchResources): object {
  const ask = (firstDay: string, next: string) => ({
    Type: 'Task',
    Resource: resources.askAthena,
    Parameters: {
      'QueryString.$': statementOf(resources.callsOfNumbers, resources.mostCalls, firstDay),
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
      Payload: { 'numbers.$': '$.numbers', 'asked.$': '$.asked' },
    },
    ResultSelector: { 'exposed.$': '$.Payload' },
    ResultPath: '$.found',
    TimeoutSeconds: HOUR_SECONDS,
    Retry: PATIENCE,
    Next: next,
  });
  return {
    Comment:
      'Forewarn: exposes everybody who was in touch with case numbers, as the archive knows it',
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
