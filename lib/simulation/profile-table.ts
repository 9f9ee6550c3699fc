import { parse } from 'csv-parse/sync';
import { quoted } from '../domain/plain-text.ts';
import { SICHUAN_COLUMNS, type SichuanColumn } from '../domain/table-features.ts';

/** What of a feature table the simulated calls need not be given: it follows from the other columns, or is no habit. */
const LEFT_OUT = [
  'voc_calltype1',
  'phone2opposite_mean',
  'phone2oppo_sum_mean',
  'calltype_id_unique',
] as const;
export type ProfileColumn = Exclude<SichuanColumn, (typeof LEFT_OUT)[number]>;

/** The columns of a feature table that say how a subscriber telephones; shared/data/README.md explains them. */
export const PROFILE_COLUMNS = SICHUAN_COLUMNS.filter(
  (column): column is ProfileColumn => !(LEFT_OUT as readonly string[]).includes(column),
);

/** One subscriber of the table. A value is NaN where the subscriber has no such call. */
export interface SubscriberProfile {
  readonly subscriber: string;
  readonly fraud: boolean;
  readonly values: Readonly<Record<ProfileColumn, number>>;
}

/** A feature table that cannot be used. */
export class ProfileTableError extends Error {
  readonly code = 'bad-profile-table';
  override readonly name = 'ProfileTableError';
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[], options?: ErrorOptions) {
    super([`The feature table ${source} cannot be used:`, ...problems].join('\n  - '), options);
    this.problems = problems;
  }
}

const SHOWN_PROBLEMS = 10;

/**
 * Reads a feature table with a header.
 *
 * @param source how messages call the file, usually its path
 * @throws {ProfileTableError} when a column is missing or a cell is no number
 */
export function parseProfileTable(text: string, source: string): SubscriberProfile[] {
  const rows = readRows(text, source);
  const [header = [], ...lines] = rows;
  const wanted = ['subscriber', 'label', ...PROFILE_COLUMNS];
  const missing = wanted.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new ProfileTableError(source, [`these columns are missing: ${missing.join(', ')}`]);
  }
  const places = new Map(header.map((column, place) => [column, place]));
  const problems: string[] = [];
  const profiles = lines.map((cells, index) => {
    const cell = (column: string) => cells[places.get(column) ?? -1] ?? '';
    const number = (column: string) => {
      const value = cell(column) === '' ? Number.NaN : Number(cell(column));
      if (cell(column) !== '' && !(value >= 0 && Number.isFinite(value))) {
        problems.push(`line ${index + 2}: ${column}: must be empty, or a number of 0 or more`);
      }
      return value;
    };
    const values = Object.fromEntries(PROFILE_COLUMNS.map((column) => [column, number(column)]));
    if (!['0', '1'].includes(cell('label'))) {
      problems.push(`line ${index + 2}: label: must be 0 or 1`);
    }
    return {
      subscriber: cell('subscriber'),
      fraud: cell('label') === '1',
      values: values as Record<ProfileColumn, number>,
    };
  });
  if (problems.length > 0) throw new ProfileTableError(source, problems.slice(0, SHOWN_PROBLEMS));
  return profiles;
}

function readRows(text: string, source: string): string[][] {
  try {
    return parse(text, { bom: true, skip_empty_lines: true, trim: true });
  } catch (cause) {
    throw new ProfileTableError(source, [quoted((cause as Error).message)], { cause });
  }
}
