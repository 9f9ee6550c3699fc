import { hash } from 'node:crypto';

/** What is looked at: a number in clear, or what people reported of one. */
export const AUDIT_ACTS = ['reveal', 'read-clues'] as const;

/** One look, chained to the look before it. */
export interface AuditEntry {
  /** 1 for the first that there ever was. */
  readonly sequence: number;
  /** Epoch ms. */
  readonly at: number;
  readonly by: string;
  readonly act: (typeof AUDIT_ACTS)[number];
  /** Of the task by which a number was revealed. */
  readonly caseId?: string;
  readonly taskId?: string;
  /** `subject`, or `contact-<place>`; of clues their number, masked. */
  readonly whose: string;
  readonly purpose: string;
  /** Hash of the entry before; of the first, {@link GENESIS}. */
  readonly previous: string;
  /** Lower-case hexadecimal SHA-256 of all else. */
  readonly hash: string;
}

/** What the very first entry has in place of the hash of one before it. */
export const GENESIS = '0'.repeat(64);

/** A place in the chain, and what stood there. */
export type ChainLink = Pick<AuditEntry, 'sequence' | 'hash'>;

/** What a check found. */
export interface ChainCheck {
  readonly ok: boolean;
  /** How many were looked at. */
  readonly entries: number;
  /** The first and the last of them; 0 where there are none. */
  readonly from: number;
  readonly to: number;
  /** The first thing that is wrong, for people. */
  readonly problem?: string;
}

function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const { act, at, by, caseId, previous, purpose, sequence, taskId, whose } = entry;
  const canonical = [sequence, at, by, act, caseId, taskId, whose, purpose, previous];
  return hash('sha256', JSON.stringify(canonical));
}

/** Closes an entry: from now on any change of it shows. */
export function sealEntry(entry: Omit<AuditEntry, 'hash'>): AuditEntry {
  return { ...entry, hash: hashOf(entry) };
}

/**
 * Checks that entries are whole: none changed, missing, added or out of order. An older part that has expired is not
 * missed. That the newest ones were cut off, or that all were written anew, shows only against a link that was noted
 * down elsewhere.
 *
 * @param entries all that there are, the oldest first
 * @param noted a link of this chain as it was seen before; one that has expired since says nothing
 */
export function checkChain(entries: readonly AuditEntry[], noted?: ChainLink): ChainCheck {
  const problem = firstBreak(entries) ?? breakAgainst(noted, entries);
  return {
    ok: problem === undefined,
    entries: entries.length,
    from: entries[0]?.sequence ?? 0,
    to: entries.at(-1)?.sequence ?? 0,
    ...(problem !== undefined && { problem }),
  };
}

function firstBreak(entries: readonly AuditEntry[]): string | undefined {
  let before: AuditEntry | undefined;
  for (const entry of entries) {
    const problem = breakAfter(before, entry);
    if (problem !== undefined) return problem;
    before = entry;
  }
  return undefined;
}

function breakAfter(before: AuditEntry | undefined, entry: AuditEntry): string | undefined {
  const { sequence } = entry;
  if (before !== undefined && sequence !== before.sequence + 1) {
    return `after entry ${before.sequence} comes entry ${sequence}`;
  }
  if (!Number.isSafeInteger(sequence) || sequence < 1) return `there can be no entry ${sequence}`;
  if (entry.hash !== hashOf(entry)) return `entry ${sequence} was changed after it was written`;
  const previous = sequence === 1 ? GENESIS : before?.hash;
  if (previous !== undefined && entry.previous !== previous) {
    return `entry ${sequence} does not follow the one before it`;
  }
  return undefined;
}

function breakAgainst(
  noted: ChainLink | undefined,
  entries: readonly AuditEntry[],
): string | undefined {
  const last = entries.at(-1)?.sequence ?? 0;
  if (noted === undefined || noted.sequence < (entries[0]?.sequence ?? 0)) return undefined;
  if (noted.sequence > last) return `entry ${noted.sequence} was there before and is missing now`;
  const now = entries.find(({ sequence }) => sequence === noted.sequence);
  return now?.hash === noted.hash
    ? undefined
    : `entry ${noted.sequence} is not the one that was there before`;
}
