import type { Mapping } from './mapping-schema.ts';
import { MissingColumnError, TEXT_FIELDS } from './row-mapping.ts';

const FLAGS = ['answered', 'international'];

/**
 * The mapping for CSV whose columns are named as the fields of a call record. Other columns are left out.
 *
 * @throws {MissingColumnError} when caller, callee or start is not among the columns
 */
export function identityMapping(header: readonly string[]): Mapping {
  const missing = ['caller', 'callee', 'start'].filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new MissingColumnError(
      `The header lacks ${missing.join(', ')}: name the columns as the fields of a call record, or give a mapping (--mapping FILE)`,
    );
  }
  const present = (names: readonly string[]) =>
    Object.fromEntries(
      names.filter((name) => header.includes(name)).map((name) => [name, { column: name }]),
    );
  return {
    input: { format: 'csv' },
    fields: {
      caller: { column: 'caller' },
      callee: { column: 'callee' },
      start: { column: 'start', format: 'record' },
      ...present([...TEXT_FIELDS, ...FLAGS, 'duration']),
    },
  };
}
