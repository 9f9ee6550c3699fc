import type { CallRecordInput, RejectReason } from '../domain/call-record.ts';
import { quoted } from '../domain/plain-text.ts';
import { parseIsoTimestamp } from '../domain/timestamp.ts';
import type {
  CallTypeSpec,
  ConstantFields,
  DurationSpec,
  FlagSpec,
  Mapping,
  NumberSpec,
  StartSpec,
  TextSpec,
} from './mapping-schema.ts';
import { compileTimeFormat } from './time-format.ts';
import { wallClockOf } from './zoned-time.ts';

/** Fields of a record that are plain texts, whatever the format of the feed. */
export const TEXT_FIELDS = [
  'event',
  'callId',
  'endReason',
  'callerDistrict',
  'calleeDistrict',
  'imei',
  'network',
] as const;

/** Why a row cannot become a call record; `detail` repeats no cell, which may be a number. */
export interface RowProblem {
  readonly reason: RejectReason | 'unknown-code' | 'bad-csv';
  readonly field?: string;
  readonly detail: string;
}

/** A row as a call record, not yet validated; or skipped by its call type; or a problem. */
export type MappedRow =
  | { readonly record: CallRecordInput }
  | { readonly skipped: true }
  | { readonly problem: RowProblem };

export type RowMapper<Row> = (row: Row) => MappedRow;

/** Reads one cell of a row: trimmed, and empty when there is none. */
type Cell<Row> = (row: Row) => string;
type CellFinder<Row> = (column: string | number, field: string) => Cell<Row>;
type Draft = { -readonly [Field in keyof CallRecordInput]?: CallRecordInput[Field] };
/** Writes what it reads into the draft; what it returns stops the row. */
type FieldReader<Row> = (row: Row, draft: Draft) => MappedRow | undefined;

/** The mapping names columns that the input does not have. */
export class MissingColumnError extends Error {
  readonly code = 'missing-column';
  override readonly name = 'MissingColumnError';
}

/**
 * Compiles a mapping for the rows of a CSV file.
 *
 * @param header the names of the columns; undefined when the file has none
 * @throws {MissingColumnError} naming the field, the column, and the columns there are
 */
export function compileCsvMapping(
  mapping: Mapping,
  header: readonly string[] | undefined,
): RowMapper<readonly string[]> {
  const empty = emptyCellsOf(mapping);
  return compile(mapping, (column, field) => {
    const index = typeof column === 'number' ? column - 1 : columnIndex(column, field, header);
    return (row) => {
      const cell = row[index]?.trim() ?? '';
      return empty.has(cell) ? '' : cell;
    };
  });
}

/** Compiles a mapping for objects, as JSON Lines have them; dots in a column step into objects. */
export function compileObjectMapping(mapping: Mapping): RowMapper<unknown> {
  const empty = emptyCellsOf(mapping);
  return compile(mapping, (column) => {
    const path = String(column).split('.');
    return (row) => {
      const value = path.reduce<unknown>(propertyOf, row);
      if (value === null || value === undefined || typeof value === 'object') return '';
      const cell = String(value).trim();
      return empty.has(cell) ? '' : cell;
    };
  });
}

function compile<Row>(mapping: Mapping, find: CellFinder<Row>): RowMapper<Row> {
  const constants = mapping.constants ?? {};
  const readers = fieldReaders(mapping, find);
  return (row) => {
    const draft: Draft = { ...constants };
    for (const read of readers) {
      const stop = read(row, draft);
      if (stop !== undefined) return stop;
    }
    return { record: draft as CallRecordInput };
  };
}

function fieldReaders<Row>(mapping: Mapping, find: CellFinder<Row>): FieldReader<Row>[] {
  const { fields } = mapping;
  const readers = [parties(mapping, find), startReader(fields.start, find)];
  for (const name of TEXT_FIELDS) {
    const spec = fields[name];
    if (spec !== undefined) readers.push(textReader(name, spec, find));
  }
  for (const name of ['answered', 'international'] as const) {
    const spec = fields[name];
    if (spec !== undefined) readers.push(flagReader(name, spec, find));
  }
  // Last, because what a special duration means overrides constants and columns.
  if (fields.duration !== undefined) readers.push(durationReader(fields.duration, find));
  return readers;
}

function parties<Row>({ fields }: Mapping, find: CellFinder<Row>): FieldReader<Row> {
  const { caller, callee, owner, counterpart, callType } = fields;
  if (caller !== undefined && callee !== undefined) {
    const readCaller = numberCell(caller, find, 'caller');
    const readCallee = numberCell(callee, find, 'callee');
    return (row, draft) => {
      draft.caller = readCaller(row);
      draft.callee = readCallee(row);
      return undefined;
    };
  }
  if (owner === undefined || counterpart === undefined || callType === undefined) {
    throw new TypeError('a mapping names caller and callee, or owner, counterpart and callType');
  }
  return ownedParties(
    numberCell(owner, find, 'owner'),
    numberCell(counterpart, find, 'counterpart'),
    { spec: callType, read: find(callType.column, 'callType') },
    ownedTexts(fields, find),
  );
}

/** A row of one subscriber's bill: the call type tells who called whom. */
function ownedParties<Row>(
  readOwner: Cell<Row>,
  readCounterpart: Cell<Row>,
  callType: { spec: CallTypeSpec; read: Cell<Row> },
  readTexts: (row: Row, draft: Draft, ownerCalled: boolean) => MappedRow | undefined,
): FieldReader<Row> {
  const codes = new Map(Object.entries(callType.spec.codes));
  return (row, draft) => {
    const direction = codes.get(callType.read(row));
    if (direction === 'skip') return { skipped: true };
    if (direction === undefined) return unknownCode('callType');
    const ownerCalled = direction === 'made';
    draft.caller = ownerCalled ? readOwner(row) : readCounterpart(row);
    draft.callee = ownerCalled ? readCounterpart(row) : readOwner(row);
    return readTexts(row, draft, ownerCalled);
  };
}

function ownedTexts<Row>(fields: Mapping['fields'], find: CellFinder<Row>) {
  const { ownerDistrict, counterpartDistrict, ownerImei } = fields;
  const reader = (
    target: 'callerDistrict' | 'calleeDistrict' | 'imei',
    source: string,
    spec: TextSpec | undefined,
  ): FieldReader<Row>[] => (spec === undefined ? [] : [textReader(target, spec, find, source)]);
  const whenOwnerCalled = [
    ...reader('callerDistrict', 'ownerDistrict', ownerDistrict),
    ...reader('calleeDistrict', 'counterpartDistrict', counterpartDistrict),
    ...reader('imei', 'ownerImei', ownerImei),
  ];
  // A record's handset is the caller's: when the owner was called, his handset says nothing.
  const whenOwnerWasCalled = [
    ...reader('calleeDistrict', 'ownerDistrict', ownerDistrict),
    ...reader('callerDistrict', 'counterpartDistrict', counterpartDistrict),
  ];
  return (row: Row, draft: Draft, ownerCalled: boolean): MappedRow | undefined => {
    for (const read of ownerCalled ? whenOwnerCalled : whenOwnerWasCalled) {
      const stop = read(row, draft);
      if (stop !== undefined) return stop;
    }
    return undefined;
  };
}

function numberCell<Row>(spec: NumberSpec, find: CellFinder<Row>, field: string): Cell<Row> {
  const read = find(spec.column, field);
  const { strip = [], padTo = 0, prefix = '' } = spec;
  return (row) => {
    const cell = read(row);
    // An empty cell stays empty: a prefix would make a number of nothing.
    if (cell === '') return '';
    const cut = strip.find((start) => cell.startsWith(start))?.length ?? 0;
    return prefix + cell.slice(cut).padStart(padTo, '0');
  };
}

const UNREADABLE_STARTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    record: 'neither ISO 8601 with an offset nor epoch milliseconds',
    iso: 'not ISO 8601 (with an offset, unless the mapping names a zone)',
    seconds: 'no number of seconds',
    milliseconds: 'no number of milliseconds',
    microseconds: 'no number of microseconds',
  }),
);

function startReader<Row>(spec: StartSpec, find: CellFinder<Row>): FieldReader<Row> {
  const read = startCell(spec, find);
  const toMs = compileTimeFormat(spec.format, {
    wallClock: spec.zone === undefined ? undefined : wallClockOf(spec.zone),
    epochMs: spec.epoch === undefined ? 0 : (parseIsoTimestamp(spec.epoch) ?? 0),
  });
  const unreadable = UNREADABLE_STARTS.get(spec.format) ?? `no time as ${quoted(spec.format)}`;
  return (row, draft) => {
    const cell = read(row);
    if (cell === '') return problem('missing-field', 'start', 'start is empty');
    const start = toMs(cell);
    if (start === undefined) {
      return problem('bad-start', 'start', `start is ${unreadable}`);
    }
    draft.start = start;
    return undefined;
  };
}

function startCell<Row>(spec: StartSpec, find: CellFinder<Row>): Cell<Row> {
  if (spec.column !== undefined) return find(spec.column, 'start');
  const readDate = find(spec.date ?? '', 'start');
  const readTime = find(spec.time ?? '', 'start');
  return (row) => `${readDate(row)} ${readTime(row)}`.trim();
}

type TextTarget =
  | 'event'
  | 'callId'
  | 'endReason'
  | 'callerDistrict'
  | 'calleeDistrict'
  | 'imei'
  | 'network';

function textReader<Row>(
  target: TextTarget,
  spec: TextSpec,
  find: CellFinder<Row>,
  source: string = target,
): FieldReader<Row> {
  const read = find(spec.column, source);
  const codes = spec.codes === undefined ? undefined : new Map(Object.entries(spec.codes));
  const { padTo = 0, prefix = '', otherwise } = spec;
  return (row, draft) => {
    const cell = read(row);
    if (cell === '') return undefined;
    const meant = codes === undefined ? cell : (codes.get(cell) ?? otherwise);
    if (meant === undefined) return unknownCode(source);
    // Validation judges the text, event included, with the same reasons as the pipeline.
    (draft as Record<TextTarget, string>)[target] = prefix + meant.padStart(padTo, '0');
    return undefined;
  };
}

const USUAL_FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  y: true,
  '1': true,
  false: false,
  f: false,
  no: false,
  n: false,
  '0': false,
};

function flagReader<Row>(
  target: 'answered' | 'international',
  spec: FlagSpec,
  find: CellFinder<Row>,
): FieldReader<Row> {
  const read = find(spec.column, target);
  const codes = new Map(Object.entries(spec.codes ?? USUAL_FLAGS));
  const spell = spec.codes === undefined ? (cell: string) => cell.toLowerCase() : String;
  return (row, draft) => {
    const cell = read(row);
    if (cell === '') return undefined;
    const flag = codes.get(spell(cell)) ?? spec.otherwise;
    if (flag === undefined) return unknownCode(target);
    draft[target] = flag;
    return undefined;
  };
}

const SECONDS_PER_UNIT = { seconds: 1, milliseconds: 0.001, minutes: 60 } as const;

function durationReader<Row>(spec: DurationSpec, find: CellFinder<Row>): FieldReader<Row> {
  const read = find(spec.column, 'duration');
  const special = new Map<string, ConstantFields>(Object.entries(spec.special ?? {}));
  const unit = spec.unit ?? 'seconds';
  const toSeconds =
    unit === 'hh:mm:ss' ? clockSeconds : (cell: string) => Number(cell) * SECONDS_PER_UNIT[unit];
  return (row, draft) => {
    const cell = read(row);
    const meant = special.get(cell);
    if (meant !== undefined) {
      Object.assign(draft, meant);
      return undefined;
    }
    if (cell === '') return undefined;
    const seconds = toSeconds(cell);
    if (!Number.isFinite(seconds)) {
      return problem('bad-duration', 'duration', `duration does not read as ${unit}`);
    }
    draft.duration = seconds;
    return undefined;
  };
}

function clockSeconds(cell: string): number {
  const match = /^(?:(\d+):)?(\d{1,2}):(\d{1,2})(\.\d+)?$/.exec(cell);
  if (match === null) return Number.NaN;
  const [, hours = '0', minutes, seconds, fraction = ''] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(`${seconds}${fraction}`);
}

function columnIndex(column: string, field: string, header: readonly string[] | undefined): number {
  if (header === undefined) {
    throw new MissingColumnError(
      `fields.${field}.column: the input has no header, so give the position of "${quoted(column)}" (from 1)`,
    );
  }
  const index = header.indexOf(column);
  if (index >= 0) return index;
  throw new MissingColumnError(
    `fields.${field}.column: there is no column "${quoted(column)}"; the header has ${quoted(header.join(', '))}`,
  );
}

function propertyOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function emptyCellsOf(mapping: Mapping): ReadonlySet<string> {
  return new Set(mapping.input.emptyCells);
}

function unknownCode(field: string): MappedRow {
  return problem('unknown-code', field, `${field} has a code that the mapping does not list`);
}

function problem(reason: RowProblem['reason'], field: string, detail: string): MappedRow {
  return { problem: { reason, field, detail } };
}
