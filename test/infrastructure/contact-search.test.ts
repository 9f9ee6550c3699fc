import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { callsOfNumbers, MOST_CALLS_OF_NUMBERS } from '../../lib/archive/calls-of-numbers.ts';
import { fillQuestion, literal } from '../../lib/archive/question.ts';
import { readQuestion } from '../../lib/archive/read-question.ts';
import { loadTrinoParser } from '../support/trino-parser.ts';
import { flat, plainId, resources, synthesized } from './synthesized-stack.ts';

interface AskState {
  readonly Resource: string;
  readonly Parameters: Readonly<Record<string, unknown>> & { readonly 'QueryString.$': string };
}

const prod = synthesized('prod');
const machine = Object.entries(resources(prod, 'AWS::StepFunctions::StateMachine')).find(
  ([id]) => plainId(id) === 'ContactsSearchStateMachine',
)?.[1].Properties;
const definition = JSON.parse(flat(machine?.DefinitionString)) as {
  readonly States: {
    readonly Ask: AskState;
    readonly 'Ask for late calls': AskState;
    readonly 'Let late calls come': { readonly Seconds: number };
  };
};
const { Ask: ask, 'Ask for late calls': askAgain } = definition.States;

/** The statement as Athena runs it: what `States.Format` makes of an execution's input. */
function filled({ Parameters }: AskState, input: object): string {
  const [, template = '', sources = ''] =
    /^States\.Format\('((?:[^'\\]|\\.)*)', (.*)\)$/.exec(Parameters['QueryString.$']) ?? [];
  const values = sources.split(', ').map((path) =>
    path
      .slice(2)
      .split('.')
      .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], input),
  );
  return template.replaceAll(/\\(.)|\{\}/g, (_, plain?: string) => plain ?? String(values.shift()));
}

const inOneLine = (sql: string) =>
  sql
    .replaceAll(/^--.*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

describe('The search for the contacts of a case number', () => {
  test('is a valid workflow, traced, encrypted and logged without its data', () => {
    const asl = flat(machine?.DefinitionString).replaceAll(/<AWS::\w+>/g, 'aws');
    expect(
      validate(JSON.parse(asl.replaceAll(/"\w+\.Arn"/g, '"arn:aws:lambda:::f"'))).errorsText(),
    ).toBe('');
    expect(machine).toMatchObject({
      StateMachineName: 'Forewarn-prod-contacts',
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY' },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
  });

  test('asks the very question of the archive, in the limited workgroup, of the days that it is given', async () => {
    const numbers = ['1AAAAAAAAAAAAAAAAAAAAAA', '1BBBBBBBBBBBBBBBBBBBBBB'];
    const values = callsOfNumbers(numbers, 1_795_795_200, 30, 480);
    const question = await readQuestion('calls-of-numbers');
    const literals = {
      numbers: literal('numbers', values.numbers),
      buckets: literal('buckets', values.buckets),
    };
    const input = { ...values, literals, recentDay: '2026-11-26' };
    expect(filled(ask, input)).toBe(inOneLine(fillQuestion(question, values)));
    expect(filled(askAgain, input)).toBe(
      inOneLine(fillQuestion(question, { ...values, firstDay: '2026-11-26' })),
    );
    expect(filled(ask, input)).toContain(`LIMIT ${MOST_CALLS_OF_NUMBERS}`);
    const parser = await loadTrinoParser();
    for (const { Parameters, Resource } of [ask, askAgain]) {
      expect(Resource).toBe('arn:<AWS::Partition>:states:::athena:startQueryExecution.sync');
      expect(Parameters).toMatchObject({
        WorkGroup: 'Forewarn-prod-archive',
        QueryExecutionContext: { Database: 'forewarn_prod' },
      });
      expect(parser.validate(filled({ Parameters, Resource }, input))).toEqual([]);
    }
  });

  test('looks again when what Firehose held has been written', () => {
    expect(definition.States['Let late calls come'].Seconds).toBe(900 + 300);
  });
});
