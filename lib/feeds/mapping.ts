import { Compile } from 'typebox/compile';
import { jsonFault } from '../domain/plain-text.ts';
import { schemaProblems } from '../domain/schema-problems.ts';
import { parseIsoTimestamp } from '../domain/timestamp.ts';
import { type Mapping, MappingSchema, type StartSpec } from './mapping-schema.ts';
import { carriesOffset, compileTimeFormat, TimePatternError } from './time-format.ts';
import { wallClockOf } from './zoned-time.ts';

/** A mapping file that cannot be used. Each problem names its place in the file and what to do. */
export class MappingError extends Error {
  readonly code = 'bad-mapping';
  override readonly name = 'MappingError';
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[], options?: ErrorOptions) {
    super([`The mapping ${source} cannot be used:`, ...problems].join('\n  - '), options);
    this.problems = problems;
  }
}

const validator = Compile(MappingSchema);

/**
 * Checks the text of a mapping file, completely: all problems are told at once.
 *
 * @param source how messages call the file, usually its path
 * @throws {MappingError}
 */
export function parseMapping(text: string, source: string): Mapping {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MappingError(source, [`it is not JSON: ${jsonFault(cause)}`], { cause });
  }
  if (!validator.Check(value))
    throw new MappingError(source, schemaProblems([...validator.Errors(value)]));
  const problems = [...partyProblems(value), ...startProblems(value.fields.start)];
  if (value.input.format === 'jsonl') problems.push(...csvOnlyProblems(value));
  problems.push(...encodingProblems(value.input.encoding));
  if (problems.length > 0) throw new MappingError(source, problems);
  return value;
}

function partyProblems({ fields }: Mapping): string[] {
  const direct = fields.caller !== undefined && fields.callee !== undefined;
  const owned = [fields.owner, fields.counterpart, fields.callType];
  const ownedCount = owned.filter((field) => field !== undefined).length;
  if (ownedCount === 0) {
    if (!direct) return ['fields: name caller and callee, or owner, counterpart and callType'];
    const ownerOnly = (['ownerDistrict', 'counterpartDistrict', 'ownerImei'] as const).filter(
      (name) => fields[name] !== undefined,
    );
    return ownerOnly.map((name) => `fields.${name}: only with owner, counterpart and callType`);
  }
  if (fields.caller !== undefined || fields.callee !== undefined) {
    return ['fields: caller and callee do not go together with owner, counterpart and callType'];
  }
  if (ownedCount < owned.length) {
    return ['fields: owner, counterpart and callType belong together; one of them is missing'];
  }
  return [];
}

function startProblems(start: StartSpec): string[] {
  const problems: string[] = [];
  const split = start.date !== undefined || start.time !== undefined;
  if (
    split === (start.column !== undefined) ||
    (start.date === undefined) !== (start.time === undefined)
  ) {
    problems.push('fields.start: name either column, or both date and time');
  }
  if (start.zone !== undefined && wallClockOf(start.zone) === undefined) {
    problems.push(
      'fields.start.zone: no such zone; use an IANA name such as Asia/Shanghai, or +08:00',
    );
  }
  if (start.epoch !== undefined && parseIsoTimestamp(start.epoch) === undefined) {
    problems.push('fields.start.epoch: must be ISO 8601 with an offset: 2026-11-02T00:00:00+08:00');
  }
  try {
    compileTimeFormat(start.format, { wallClock: undefined, epochMs: 0 });
  } catch (error) {
    if (!(error instanceof TimePatternError)) throw error;
    return [...problems, `fields.start.format: ${error.message}`];
  }
  if (start.zone === undefined && !carriesOffset(start.format)) {
    problems.push('fields.start.zone: is missing; times of this format do not say their offset');
  }
  return problems;
}

function csvOnlyProblems({ input, fields }: Mapping): string[] {
  const options = (['delimiter', 'quote', 'header', 'skipLines'] as const)
    .filter((name) => input[name] !== undefined)
    .map((name) => `input.${name}: only for the format csv`);
  const positions = Object.entries(fields)
    .filter(([, field]) => 'column' in field && typeof field.column === 'number')
    .map(([name]) => `fields.${name}.column: name a property; positions are for CSV`);
  return [...options, ...positions];
}

function encodingProblems(encoding: string | undefined): string[] {
  try {
    new TextDecoder(encoding);
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return ['input.encoding: no such encoding; for example utf-8, gb18030, utf-16le'];
  }
}
