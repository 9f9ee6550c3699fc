import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { FEATURES } from '../../domain/features.ts';
import { jsonFault } from '../../domain/plain-text.ts';
import { schemaProblems } from '../../domain/schema-problems.ts';
import shipped from './default-reference.json' with { type: 'json' };
import type { FeatureReference } from './drift.ts';

const share = Type.Number({ minimum: 0, maximum: 1 });

const validator = Compile(
  Type.Object({
    schema: Type.Literal('forewarn-reference/1'),
    source: Type.String({ maxLength: 300 }),
    callers: Type.Integer({ minimum: 1 }),
    features: Type.Array(
      Type.Object({
        feature: Type.Enum([...FEATURES]),
        bounds: Type.Array(Type.Number(), { maxItems: 64 }),
        shares: Type.Array(share, { minItems: 2, maxItems: 66 }),
      }),
      { minItems: 1, maxItems: FEATURES.length },
    ),
  }),
);

/** A reference of features that cannot be used. */
export class BadReferenceError extends Error {
  readonly code = 'bad-reference';
  override readonly name = 'BadReferenceError';
}

/**
 * Reads a reference of features.
 *
 * @param source how messages call the file, usually its path
 * @throws {BadReferenceError}
 */
export function parseReference(text: string, source: string): FeatureReference {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BadReferenceError(`${source} is not JSON: ${jsonFault(cause)}`, { cause });
  }
  if (!validator.Check(value)) {
    const problems = schemaProblems(validator.Errors(value)).join('\n  - ');
    throw new BadReferenceError(`The reference ${source} cannot be used:\n  - ${problems}`);
  }
  const uneven = value.features.find(({ bounds, shares }) => shares.length !== bounds.length + 2);
  if (uneven !== undefined) {
    throw new BadReferenceError(
      `The reference ${source} cannot be used:\n  - ${uneven.feature}: it must have two more shares than bounds`,
    );
  }
  return value;
}

/** The reference that ships with the default policy. */
export function loadDefaultReference(): FeatureReference {
  return parseReference(JSON.stringify(shipped), 'that ships');
}
