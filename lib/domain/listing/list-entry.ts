import type { FraudKind } from '../fraud-kind.ts';
import type { NumberToken } from '../leg.ts';

/** The lists that officers keep. */
export const OFFICER_LISTS = ['case-numbers', 'allowed-numbers'] as const;
export type OfficerList = (typeof OFFICER_LISTS)[number];

/** A number on a list, and why it is there. */
export interface ListEntry {
  /** Names it to officers, and tells nothing of the number. */
  readonly id: string;
  readonly number: NumberToken;
  /** Of a case number. */
  readonly kind?: FraudKind;
  readonly reason: string;
  /** Where it came from: a file number, an order, an appeal. */
  readonly reference: string;
  readonly by: string;
  /** Epoch ms. */
  readonly at: number;
  /** Epoch seconds. */
  readonly until: number;
  /** The version of the list that this entry made. */
  readonly version: number;
  /**
   * All that follows from it was done: of a case number, the archive is searched for those who were in touch with it; of
   * an allowed one, what it had led to is taken back.
   */
  readonly followedUp?: true;
}

/** One change of a list; the list as it was at a version is all changes up to it. */
export interface ListVersion {
  /** 1 for the first change that there ever was. */
  readonly version: number;
  readonly act: 'added' | 'removed';
  readonly id: string;
  readonly number: NumberToken;
  readonly kind?: FraudKind;
  readonly reason: string;
  readonly reference: string;
  readonly by: string;
  /** Epoch ms. */
  readonly at: number;
  /** Epoch seconds; of an entry that was added. */
  readonly until?: number;
}
