import type { AnswerRow } from '../archive/duckdb-archive.ts';
import type { NumberToken } from '../domain/leg.ts';
import type { StudyArchive } from './study-archive.ts';

/** The days that a study looks at. */
export interface StudyWindow {
  /** The studied day, YYYY-MM-DD. */
  readonly day: string;
  /** The first day of the window that looks back from it. */
  readonly firstDay: string;
}

/** A number that seeks out people who hardly call back, and what its contacts of the window are like. */
export interface Suspect {
  readonly number: NumberToken;
  readonly made: number;
  readonly received: number;
  readonly talk: number;
  readonly contacts: number;
  /** Contacts that it dialled first. */
  readonly opened: number;
  /** Of these: called it, too; talked with it; had a talk of five minutes; had long talks again. */
  readonly cameBack: number;
  readonly reached: number;
  readonly keptLong: number;
  readonly held: number;
  /** Of these: talks became longer than the first. */
  readonly grown: number;
  /** Of these: never answered nor called; called back a call that they had not answered. */
  readonly rung: number;
  readonly trapped: number;
  /** Seconds. */
  readonly heldTalk: number;
  readonly longest: number;
  readonly trappedTalk: number;
  /** Epoch seconds. */
  readonly firstCall: number;
  readonly lastCall: number;
  /** In touch with somebody on the studied day. */
  readonly active: boolean;
  readonly international: boolean;
  /** Days on which it dialled, calls on the busiest of them and on the studied one. */
  readonly days: number;
  readonly busiest: number;
  readonly today: number;
  /** Contacts that have to do with another of its contacts; undefined when it has too many to ask. */
  readonly closed: number | undefined;
}

/** Among more contacts than these some know each other anyway, and no slow campaign has so many. */
export const MOST_CONTACTS = 80;

type Row = AnswerRow & Record<string, number> & { number: string; international: boolean };

/** Reads the suspects of a window; their tables must have been made. */
export async function readSuspects(
  archive: StudyArchive,
  { day, firstDay }: StudyWindow,
): Promise<Suspect[]> {
  const values = { day, firstDay };
  const rows = await archive.ask<Row>('suspects-of-day', { day });
  const days = await byNumber(archive, 'days-of-suspects', values);
  const closed = await byNumber(archive, 'closed-contacts', {
    ...values,
    mostContacts: MOST_CONTACTS,
  });
  return rows
    .map((row) => suspectOf(row, days.get(row.number), closed.get(row.number)))
    .toSorted((a, b) => (a.number < b.number ? -1 : 1));
}

async function byNumber(
  archive: StudyArchive,
  question: string,
  values: Record<string, string | number>,
): Promise<Map<string, Row>> {
  const rows = await archive.ask<Row>(question, values);
  return new Map(rows.map((row) => [row.number, row]));
}

function suspectOf(row: Row, days: Row | undefined, closed: Row | undefined): Suspect {
  return {
    number: row.number,
    made: row.made ?? 0,
    received: row.received ?? 0,
    talk: row.talk ?? 0,
    contacts: row.contacts ?? 0,
    opened: row.opened ?? 0,
    cameBack: row.came_back ?? 0,
    reached: row.reached ?? 0,
    keptLong: row.kept_long ?? 0,
    held: row.held ?? 0,
    grown: row.grown ?? 0,
    rung: row.rung ?? 0,
    trapped: row.trapped ?? 0,
    heldTalk: row.held_talk ?? 0,
    longest: row.longest ?? 0,
    trappedTalk: row.trapped_talk ?? 0,
    firstCall: row.first_call ?? 0,
    lastCall: row.last_call ?? 0,
    active: row.active === 1,
    international: row.international,
    days: days?.days ?? 0,
    busiest: days?.busiest ?? 0,
    today: days?.today ?? 0,
    closed: (row.contacts ?? 0) > MOST_CONTACTS ? undefined : (closed?.closed ?? 0),
  };
}
