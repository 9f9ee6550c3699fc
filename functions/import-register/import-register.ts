import type { NumberToken } from '../../lib/domain/leg.ts';
import { maskNumber, type PartyNumber } from '../../lib/domain/phone-number.ts';
import type { AudienceEntry } from '../../lib/domain/registers/audience.ts';
import {
  type RawRow,
  REGISTERS,
  type RegisterName,
  type RowProblem,
  readAudience,
  readCare,
  readContact,
  readStation,
  type Station,
} from '../../lib/domain/registers/register-rows.ts';
import type { RegisterBook, RegisterEntry, Relative } from '../adapters/registers-table.ts';
import { type Sealer, sealNumber } from '../adapters/sealing.ts';

/** What is asked of the registers. Who asks, and what for, is logged. */
export type RegisterRequest = { readonly register: RegisterName; readonly by: string } & (
  | { readonly act: 'import'; readonly rows: readonly RawRow[] }
  | { readonly act: 'list' }
  /** @param key a station's id, or a person's number */
  | { readonly act: 'remove'; readonly key: string }
);

/** A row that was not taken, by its place among those sent. */
export interface RejectedRow extends RowProblem {
  readonly row: number;
}

/** An entry as people see it: numbers masked but for their tail. */
export interface ShownEntry {
  readonly key: string;
  readonly value:
    | Station
    | readonly { readonly relation: string; readonly contact: string }[]
    | AudienceEntry
    | string;
}

export interface RegisterAnswer {
  readonly taken: number;
  readonly rejected: readonly RejectedRow[];
  readonly entries: readonly ShownEntry[];
}

export interface RegisterPorts {
  readonly book: Pick<
    RegisterBook,
    'list' | 'putAudience' | 'putCare' | 'putRelative' | 'putStation' | 'remove'
  >;
  readonly sealer: Sealer;
  readonly normalise: (text: string) => PartyNumber | undefined;
}

/** The request cannot be answered as it stands. */
export class RegisterRequestError extends Error {
  readonly code = 'BAD_REGISTER_REQUEST';
  override readonly name = 'RegisterRequestError';
}

/** Rows of one request: what a function writes well within its time. */
export const MOST_ROWS = 200;
const MOST_ENTRIES = 5_000;
/** One after the other where rows change the same item: relatives of one person, districts of two stations. */
const ROWS_AT_ONCE: Readonly<Record<RegisterName, number>> = {
  stations: 1,
  contacts: 1,
  care: 1,
  audience: 16,
};

/** Takes one row. @returns why not, if not */
async function takeRow(
  register: RegisterName,
  row: RawRow,
  { book, normalise, sealer }: RegisterPorts,
): Promise<RowProblem | undefined> {
  switch (register) {
    case 'stations': {
      const read = readStation(row);
      if ('problem' in read) return read.problem;
      await book.putStation(read.row);
      return undefined;
    }
    case 'contacts': {
      const read = readContact(row, normalise);
      if ('problem' in read) return read.problem;
      const { contact, order, person, relation } = read.row;
      const relative: Relative = { contact: sealNumber(contact, sealer), relation, order };
      await book.putRelative(sealNumber(person, sealer), relative);
      return undefined;
    }
    case 'care': {
      const read = readCare(row, normalise);
      if ('problem' in read) return read.problem;
      await book.putCare(sealNumber(read.row.person, sealer), read.row.group);
      return undefined;
    }
    case 'audience': {
      const read = readAudience(row, normalise);
      if ('problem' in read) return read.problem;
      await book.putAudience(sealNumber(read.row.person, sealer), read.row.entry);
      return undefined;
    }
  }
}

async function importRows(
  register: RegisterName,
  rows: readonly RawRow[],
  ports: RegisterPorts,
): Promise<RegisterAnswer> {
  if (rows.length > MOST_ROWS) {
    throw new RegisterRequestError(`at most ${MOST_ROWS} rows can be sent at once`);
  }
  const rejected: RejectedRow[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < rows.length; i = next++) {
      const problem = await takeRow(register, rows[i] ?? {}, ports);
      if (problem !== undefined) rejected.push({ row: i, ...problem });
    }
  };
  await Promise.all(Array.from({ length: ROWS_AT_ONCE[register] }, worker));
  rejected.sort((a, b) => a.row - b.row);
  return { taken: rows.length - rejected.length, rejected, entries: [] };
}

function shown({ key, value }: RegisterEntry, sealer: Sealer): ShownEntry {
  const masked = (token: NumberToken) => maskNumber(sealer.unseal(token).number);
  if (typeof value === 'string') return { key: masked(key), value };
  if ('id' in value) return { key, value };
  if ('district' in value) return { key: masked(key), value };
  const relatives = value.map(({ contact, relation }) => ({ relation, contact: masked(contact) }));
  return { key: masked(key), value: relatives };
}

async function listEntries(
  register: RegisterName,
  { book, sealer }: RegisterPorts,
): Promise<RegisterAnswer> {
  const entries: ShownEntry[] = [];
  for await (const entry of book.list(register)) {
    if (entries.length === MOST_ENTRIES) break;
    entries.push(shown(entry, sealer));
  }
  return { taken: 0, rejected: [], entries };
}

async function removeEntry(
  register: RegisterName,
  key: string,
  { book, normalise, sealer }: RegisterPorts,
): Promise<RegisterAnswer> {
  const party = register === 'stations' ? undefined : normalise(key);
  if (register !== 'stations' && party === undefined) {
    throw new RegisterRequestError('the key is no phone number');
  }
  const removed = await book.remove(
    register,
    party === undefined ? key : sealNumber(party, sealer),
  );
  return { taken: removed ? 1 : 0, rejected: [], entries: [] };
}

/**
 * Keeps the registers. Clear numbers come in and are sealed here; what is stored, answered and logged has none.
 *
 * @throws {RegisterRequestError} which never repeats a number
 */
export async function keepRegister(
  request: RegisterRequest,
  ports: RegisterPorts,
): Promise<RegisterAnswer> {
  const { register } = request;
  if (!REGISTERS.includes(register)) throw new RegisterRequestError('there is no such register');
  switch (request.act) {
    case 'import':
      return importRows(register, request.rows, ports);
    case 'list':
      return listEntries(register, ports);
    case 'remove':
      return removeEntry(register, String(request.key), ports);
    default:
      throw new RegisterRequestError('a register is imported, listed, or an entry removed');
  }
}
