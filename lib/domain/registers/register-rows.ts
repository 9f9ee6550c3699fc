import { holdsNumber, maskNumbersIn } from '../mask-numbers.ts';
import { canReceiveTexts, type PartyNumber } from '../phone-number.ts';
import { beginsAsFormula } from '../plain-text.ts';
import { TEXT_LANGUAGES, type TextLanguage } from '../policy.ts';
import { parseIsoTimestamp } from '../timestamp.ts';
import { AUDIENCE_GROUPS, type AudienceEntry, type AudienceGroup } from './audience.ts';

/** The registers of a centre: police stations, people's contacts, people who need care, and who may be told of fraud. */
export const REGISTERS = ['stations', 'contacts', 'care', 'audience'] as const;
export type RegisterName = (typeof REGISTERS)[number];

/** A police station, as the register of stations has it. */
export interface Station {
  readonly id: string;
  readonly name: string;
  /** Six-digit division codes (GB/T 2260) that it answers for. */
  readonly districts: readonly string[];
  /** Local time `HH:MM`; it closes on the next day where that is not later than it opens. */
  readonly opens: string;
  readonly closes: string;
  readonly dutyOfficer: string;
  /** The neighbouring station that may take what nobody here takes in time. */
  readonly backup?: string;
}

/** A relative of a person, whom the centre may ask for help within a case. Numbers are in clear until they are sealed. */
export interface ContactRow {
  readonly person: PartyNumber;
  readonly contact: PartyNumber;
  readonly relation: string;
  /** 1 for whom to ask first. */
  readonly order: number;
}

/** A person who needs care, by the register and by nothing else. */
export interface CareRow {
  readonly person: PartyNumber;
  /** As the policy's `care` weighs it. */
  readonly group: string;
}

/** A person and what a row of the audience says of him. The number is in clear until it is sealed. */
export interface AudienceRow {
  readonly person: PartyNumber;
  readonly entry: AudienceEntry;
}

/** Why a row was not taken. The detail never repeats what a field says: it may be a phone number. */
export interface RowProblem {
  readonly field: string;
  readonly detail: string;
}

export type RowOutcome<Row> = { readonly row: Row } | { readonly problem: RowProblem };

/** A row as a file has it: text by column. */
export type RawRow = Readonly<Record<string, string>>;

/** The columns of each register's file; those in brackets may be left out. */
export const REGISTER_COLUMNS: Record<RegisterName, readonly string[]> = {
  stations: ['id', 'name', 'districts', 'opens', 'closes', 'dutyOfficer', '[backup]'],
  contacts: ['number', 'contact', 'relation', 'order'],
  care: ['number', 'group'],
  audience: ['number', 'district', 'groups', 'consent', 'source', '[language]', '[optedOut]'],
};

const ID = /^[a-z0-9-]{1,32}$/;
const GROUP = /^[a-z0-9-]{1,40}$/;
const DISTRICT = /^\d{6}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const MOST_DISTRICTS = 32;
const MOST_RELATIVES = 9;
const MOST_NAME = 60;

class BadField extends Error {
  readonly problem: RowProblem;

  constructor(field: string, detail: string) {
    super(detail);
    this.problem = { field, detail };
  }
}

function isPrintable(text: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
}

/** No name of a person or a place has so many digits in a row. */
const looksLikeNumber = (text: string): boolean => maskNumbersIn(text) !== text;

/**
 * Text that people read: a line of it, that no spreadsheet takes for a formula. It is kept as it is, so it must not hold
 * a number, which would then lie in clear beside the sealed ones.
 */
function nameIn(row: RawRow, field: string, isNumber = looksLikeNumber): string {
  const text = (row[field] ?? '').trim();
  if (text === '') throw new BadField(field, 'is missing');
  if (text.length > MOST_NAME) throw new BadField(field, `is longer than ${MOST_NAME} characters`);
  // A spreadsheet would run it when the register is opened in one again.
  if (beginsAsFormula(text)) throw new BadField(field, 'begins like a formula of a spreadsheet');
  if (!isPrintable(text)) throw new BadField(field, 'holds characters that cannot be shown');
  if (isNumber(text)) throw new BadField(field, 'holds a phone number, which is kept sealed only');
  return text;
}

function matching(row: RawRow, field: string, form: RegExp, detail: string): string {
  const text = (row[field] ?? '').trim();
  if (!form.test(text)) throw new BadField(field, detail);
  return text;
}

type Normalise = (text: string) => PartyNumber | undefined;

function subscriberIn(row: RawRow, field: string, normalise: Normalise): PartyNumber {
  const party = normalise((row[field] ?? '').trim());
  if (party?.kind !== 'subscriber') throw new BadField(field, 'is no phone number of a person');
  return party;
}

function districtsIn(row: RawRow): string[] {
  const codes = (row.districts ?? '').split(/[\s;]+/).filter((code) => code !== '');
  if (codes.length === 0 || codes.length > MOST_DISTRICTS) {
    throw new BadField('districts', `must be 1 to ${MOST_DISTRICTS} codes, parted by semicolons`);
  }
  if (!codes.every((code) => DISTRICT.test(code))) {
    throw new BadField('districts', 'must be six-digit codes (GB/T 2260)');
  }
  return codes;
}

function stationOf(row: RawRow): Station {
  const id = matching(row, 'id', ID, 'must be 1 to 32 of a-z, 0-9 and -');
  const backup = (row.backup ?? '').trim();
  if (backup !== '' && (!ID.test(backup) || backup === id)) {
    throw new BadField('backup', 'must be the id of another station');
  }
  const time = 'must be a time such as 08:30';
  return {
    id,
    name: nameIn(row, 'name'),
    districts: districtsIn(row),
    opens: matching(row, 'opens', TIME, time),
    closes: matching(row, 'closes', TIME, time),
    dutyOfficer: nameIn(row, 'dutyOfficer'),
    ...(backup !== '' && { backup }),
  };
}

function contactOf(row: RawRow, normalise: Normalise): ContactRow {
  const person = subscriberIn(row, 'number', normalise);
  const contact = subscriberIn(row, 'contact', normalise);
  if (person.number === contact.number) throw new BadField('contact', 'is the person themselves');
  const order = Number(
    matching(row, 'order', /^\d$/, `must be a whole number from 1 to ${MOST_RELATIVES}`),
  );
  if (order < 1) throw new BadField('order', `must be a whole number from 1 to ${MOST_RELATIVES}`);
  return { person, contact, relation: nameIn(row, 'relation'), order };
}

function careOf(row: RawRow, normalise: Normalise): CareRow {
  return {
    person: subscriberIn(row, 'number', normalise),
    group: matching(row, 'group', GROUP, 'must be 1 to 40 of a-z, 0-9 and -'),
  };
}

function groupsIn(row: RawRow): AudienceGroup[] {
  const groups = (row.groups ?? '').split(/[\s;]+/).filter((group) => group !== '');
  if (groups.length === 0 || !groups.every(isAudienceGroup)) {
    throw new BadField('groups', `must be of ${AUDIENCE_GROUPS.join(', ')}, parted by semicolons`);
  }
  return [...new Set(groups.filter(isAudienceGroup))];
}

function isAudienceGroup(group: string): group is AudienceGroup {
  return (AUDIENCE_GROUPS as readonly string[]).includes(group);
}

/** Undefined where the field is left empty. */
function dayIn(row: RawRow, field: string): string | undefined {
  const text = (row[field] ?? '').trim();
  if (text === '') return undefined;
  const isDay = DAY.test(text) && parseIsoTimestamp(`${text}T00:00:00Z`) !== undefined;
  if (!isDay) throw new BadField(field, 'must be a day such as 2026-11-24, or empty');
  return text;
}

function languageIn(row: RawRow): TextLanguage | undefined {
  const text = (row.language ?? '').trim();
  const language = TEXT_LANGUAGES.find((one) => one === text);
  if (text !== '' && language === undefined) {
    throw new BadField('language', `must be one of ${TEXT_LANGUAGES.join(', ')}, or empty`);
  }
  return language;
}

function audienceOf(row: RawRow, normalise: Normalise): AudienceRow {
  const person = subscriberIn(row, 'number', normalise);
  if (!canReceiveTexts(person.number)) throw new BadField('number', 'receives no texts');
  const [consent, optedOut] = [dayIn(row, 'consent'), dayIn(row, 'optedOut')];
  const language = languageIn(row);
  return {
    person,
    entry: {
      district: matching(row, 'district', DISTRICT, 'must be a six-digit code (GB/T 2260)'),
      groups: groupsIn(row),
      // Dates and numbers of forms belong into it.
      source: nameIn(row, 'source', (text) => holdsNumber(text, normalise)),
      ...(language !== undefined && { language }),
      ...(consent !== undefined && { consent }),
      ...(optedOut !== undefined && { optedOut }),
    },
  };
}

function outcomeOf<Row>(read: () => Row): RowOutcome<Row> {
  try {
    return { row: read() };
  } catch (error) {
    if (error instanceof BadField) return { problem: error.problem };
    throw error;
  }
}

/** Reads a row of the register of stations. */
export function readStation(row: RawRow): RowOutcome<Station> {
  return outcomeOf(() => stationOf(row));
}

/** Reads a row of the register of contacts. @param normalise reads national numbers too */
export function readContact(row: RawRow, normalise: Normalise): RowOutcome<ContactRow> {
  return outcomeOf(() => contactOf(row, normalise));
}

/** Reads a row of the register of people in care. @param normalise reads national numbers too */
export function readCare(row: RawRow, normalise: Normalise): RowOutcome<CareRow> {
  return outcomeOf(() => careOf(row, normalise));
}

/** Reads a row of the register of the audience. @param normalise reads national numbers too */
export function readAudience(row: RawRow, normalise: Normalise): RowOutcome<AudienceRow> {
  return outcomeOf(() => audienceOf(row, normalise));
}
