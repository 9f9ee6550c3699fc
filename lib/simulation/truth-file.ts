import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { FRAUD_KINDS } from '../domain/fraud-kind.ts';
import { jsonFault } from '../domain/plain-text.ts';
import { schemaProblems } from '../domain/schema-problems.ts';
import type { Truth } from './truth.ts';

const Kind = Type.Enum([...FRAUD_KINDS]);
const Number_ = Type.String({ description: 'E.164, or CN:95588 for a service number.' });
const Time = Type.Number({ description: 'Epoch milliseconds.' });

/** What really went on in simulated calls, as `forewarn simulate` writes it beside them. */
export const TruthFileSchema = Type.Object(
  {
    schema: Type.Literal('forewarn-truth/1'),
    people: Type.Integer({ minimum: 0, description: 'Subscribers, for figures per 100,000.' }),
    from: Time,
    to: Time,
    calls: Type.Integer({ minimum: 0 }),
    fraudCallers: Type.Array(
      Type.Object({
        number: Number_,
        kind: Kind,
        habit: Type.String({ description: 'The name in the scenario.' }),
        start: Type.Number({ description: 'Epoch milliseconds of the first fraudulent call.' }),
        callsMade: Type.Integer({ minimum: 0, description: 'From then on.' }),
      }),
    ),
    deceived: Type.Array(
      Type.Object({
        number: Number_,
        caller: Type.String({ description: 'Who began it.' }),
        kind: Kind,
        calls: Type.Array(
          Type.Object({
            callId: Type.Optional(Type.String()),
            start: Time,
            seconds: Type.Integer({ minimum: 0 }),
            madeByVictim: Type.Boolean(),
            caller: Type.String({ description: 'The fraud number of this call.' }),
          }),
        ),
      }),
    ),
    hardNegatives: Type.Array(Type.Object({ number: Number_, role: Type.String() })),
    subscribers: Type.Optional(
      Type.Array(
        Type.Object({ number: Number_, subscriber: Type.String(), fraud: Type.Boolean() }),
        { description: 'The people of a feature table, with its label.' },
      ),
    ),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:forewarn:truth',
    title: 'Forewarn truth file',
    description: 'What really went on in simulated calls.',
  },
);

export type TruthFile = Static<typeof TruthFileSchema>;

/** A truth file that cannot be used. */
export class TruthFileError extends Error {
  readonly code = 'bad-truth';
  override readonly name = 'TruthFileError';
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[], options?: ErrorOptions) {
    super([`The truth file ${source} cannot be used:`, ...problems].join('\n  - '), options);
    this.problems = problems;
  }
}

const validator = Compile(TruthFileSchema);
const SHOWN_PROBLEMS = 10;

/**
 * Reads a truth file.
 *
 * @param source how messages call the file, usually its path
 * @throws {TruthFileError}
 */
export function parseTruthFile(text: string, source: string): TruthFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TruthFileError(source, [`it is not JSON: ${jsonFault(cause)}`], { cause });
  }
  if (validator.Check(value)) return value;
  throw new TruthFileError(
    source,
    schemaProblems(validator.Errors(value)).slice(0, SHOWN_PROBLEMS),
  );
}

/** What is written beside the calls of a span of time. */
export function truthFileOf(truth: Truth, span: { from: number; to: number }): TruthFile {
  return {
    schema: 'forewarn-truth/1',
    people: truth.residents,
    ...span,
    calls: truth.calls,
    fraudCallers: truth.fraudCallers.map((caller) => ({ ...caller })),
    deceived: truth.deceived.map((person) => ({ ...person, calls: [...person.calls] })),
    hardNegatives: truth.hardNegatives.map((one) => ({ ...one })),
  };
}
