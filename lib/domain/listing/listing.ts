import { FRAUD_KINDS, type FraudKind } from '../fraud-kind.ts';

/** A number that police confirmed as fraudulent (涉案号码). */
export interface CaseNumberEntry {
  readonly kind: FraudKind;
  /** Epoch seconds from which it is known for one. */
  readonly at: number;
  readonly until: number;
  /** Where it came from: the file or order that names it. */
  readonly reference: string;
}

/** What the public reported of a number. */
export interface CluesEntry {
  /** Independent reports, each weighed by its age, as of `at`; they fade together. */
  readonly weight: number;
  readonly at: number;
  readonly until: number;
}

/** What the daily study found. */
export interface StudyEntry {
  readonly points: number;
  readonly kind: FraudKind;
  readonly until: number;
  readonly reference: string;
}

/** A number wrongly judged. */
export interface AllowedEntry {
  readonly until: number;
}

/** What the lists say of a number. Every entry ends by itself; all times are epoch seconds. */
export interface Listing {
  readonly caseNumber?: CaseNumberEntry;
  readonly clues?: CluesEntry;
  readonly study?: StudyEntry;
  readonly allowed?: AllowedEntry;
}

export const LISTS = [
  'caseNumber',
  'clues',
  'study',
  'allowed',
] as const satisfies readonly (keyof Listing)[];
export type ListName = (typeof LISTS)[number];

/** A change of one entry: put in the place of what was there, or taken off. */
export type ListingChange =
  | {
      readonly [Name in ListName]: { readonly list: Name; readonly put: Required<Listing>[Name] };
    }[ListName]
  | { readonly list: ListName; readonly put?: undefined };

/**
 * A listing after a change, without what has ended by then.
 *
 * @param now epoch seconds
 * @returns undefined where nothing is left to say
 */
export function changeListing(
  listing: Listing | undefined,
  { list, put }: ListingChange,
  now: number,
): Listing | undefined {
  const entries = LISTS.flatMap((name) => {
    const entry = name === list ? put : listing?.[name];
    return entry !== undefined && entry.until > now ? [[name, entry] as const] : [];
  });
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Listing);
}

/** Epoch seconds after which a listing says nothing any more. */
export function endOfListing(listing: Listing): number {
  return LISTS.reduce((end, name) => Math.max(end, listing[name]?.until ?? 0), 0);
}

/** One text for the same listing, whatever the order in which it came about. */
export function listingText(listing: Listing): string {
  return JSON.stringify(
    LISTS.flatMap((name) => (listing[name] === undefined ? [] : [[name, listing[name]]])),
  );
}

/** A stored listing could not be read: it was not written by this product. */
export class ListingError extends Error {
  readonly code = 'BAD_LISTING';
  override readonly name = 'ListingError';
}

function isEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, until } = value as Partial<CaseNumberEntry>;
  return (
    typeof until === 'number' &&
    Number.isFinite(until) &&
    (kind === undefined || FRAUD_KINDS.includes(kind))
  );
}

/** What {@link listingText} wrote. @throws ListingError */
export function readListing(text: string): Listing {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (cause) {
    throw new ListingError('a listing is not JSON', { cause });
  }
  const isRow = (row: unknown) =>
    Array.isArray(row) && LISTS.includes(row[0] as ListName) && isEntry(row[1]);
  if (!Array.isArray(rows) || !rows.every(isRow)) {
    throw new ListingError('a listing has not the parts of one');
  }
  return Object.fromEntries(rows as [ListName, unknown][]) as Listing;
}
