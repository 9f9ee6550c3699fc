import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AuditEntry,
  checkChain,
  GENESIS,
  sealEntry,
} from '../../../lib/domain/audit/audit-chain.ts';

const look = fc.record({
  at: fc.nat(),
  by: fc.string({ unit: 'binary' }),
  act: fc.constant('reveal' as const),
  caseId: fc.string(),
  taskId: fc.string(),
  whose: fc.constantFrom('subject', 'contact-1', 'contact-2'),
  purpose: fc.string({ unit: 'binary' }),
});

type Look = Omit<AuditEntry, 'sequence' | 'previous' | 'hash'>;

function chainOf(looks: readonly Look[]): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (const one of looks) {
    const previous = entries.at(-1)?.hash ?? GENESIS;
    entries.push(sealEntry({ ...one, sequence: entries.length + 1, previous }));
  }
  return entries;
}

const chain = fc.array(look, { minLength: 1, maxLength: 8 }).map(chainOf);
/** A chain, and a place in it. */
const place = chain.chain((entries) =>
  fc.tuple(fc.constant(entries), fc.nat({ max: entries.length - 1 })),
);

describe('a chain of looks', () => {
  test('begins with 64 zeros and hashes the fields in their fixed order', () => {
    const entry = sealEntry({
      sequence: 1,
      at: 1_795_000_000_000,
      by: 'chen',
      act: 'reveal',
      caseId: 'case',
      taskId: 'case-1',
      whose: 'subject',
      purpose: 'call',
      previous: GENESIS,
    });
    const canonical = `[1,1795000000000,"chen","reveal","case","case-1","subject","call","${'0'.repeat(64)}"]`;
    expect(entry.hash).toBe(hash('sha256', canonical));
  });

  test('is whole as it was written, and when its older part has expired', () => {
    fc.assert(
      fc.property(place, ([entries, gone]) => {
        const kept = entries.slice(gone);
        expect(checkChain(kept)).toEqual({
          ok: true,
          entries: kept.length,
          from: gone + 1,
          to: entries.length,
        });
      }),
    );
  });

  test('is whole when there is nothing yet', () => {
    expect(checkChain([])).toEqual({ ok: true, entries: 0, from: 0, to: 0 });
  });

  test('shows any changed field of any entry', () => {
    const change = fc.oneof(
      fc.record({ by: fc.string() }),
      fc.record({ at: fc.nat() }),
      fc.record({ caseId: fc.string() }),
      fc.record({ taskId: fc.string() }),
      fc.record({ purpose: fc.string() }),
      fc.record({ whose: fc.string() }),
      fc.record({ sequence: fc.integer() }),
      fc.record({ previous: fc.constantFrom(GENESIS, 'a'.repeat(64)) }),
      fc.record({ hash: fc.constantFrom(GENESIS, 'a'.repeat(64)) }),
    );
    fc.assert(
      fc.property(place, change, ([entries, i], changed) => {
        const before = entries[i] as AuditEntry;
        const after = { ...before, ...changed } as AuditEntry;
        fc.pre(JSON.stringify(before) !== JSON.stringify(after));
        expect(checkChain(entries.with(i, after)).ok).toBe(false);
      }),
    );
  });

  test('shows an entry that was changed and sealed anew, unless it is the last', () => {
    fc.assert(
      fc.property(place, ([entries, i]) => {
        fc.pre(i < entries.length - 1);
        const before = entries[i] as AuditEntry;
        const forged = entries.with(i, sealEntry({ ...before, purpose: `${before.purpose}!` }));
        expect(checkChain(forged).problem).toContain(`entry ${i + 2}`);
      }),
    );
  });

  test('shows an entry that is missing from the middle', () => {
    fc.assert(
      fc.property(place, ([entries, i]) => {
        fc.pre(i > 0 && i < entries.length - 1);
        expect(checkChain(entries.toSpliced(i, 1)).ok).toBe(false);
      }),
    );
  });

  test('shows entries that changed places', () => {
    fc.assert(
      fc.property(place, fc.nat(), ([entries, i], other) => {
        const j = other % entries.length;
        fc.pre(i !== j);
        const [one, another] = [entries[i], entries[j]] as [AuditEntry, AuditEntry];
        expect(checkChain(entries.with(i, another).with(j, one)).ok).toBe(false);
      }),
    );
  });

  test('shows an entry that was put in, wherever and however it is sealed', () => {
    fc.assert(
      fc.property(place, look, ([entries, i], one) => {
        const sequence = i + 1;
        const previous = entries[i - 1]?.hash ?? GENESIS;
        const added = entries.toSpliced(i, 0, sealEntry({ ...one, sequence, previous }));
        expect(checkChain(added).ok).toBe(false);
      }),
    );
  });
});

describe('a link that was noted down', () => {
  test('agrees with the chain that it was taken from, however long that grows or expires', () => {
    fc.assert(
      fc.property(place, fc.nat(), ([entries, i], gone) => {
        const noted = entries[i] as AuditEntry;
        expect(checkChain(entries.slice(gone % entries.length), noted).ok).toBe(true);
      }),
    );
  });

  test('shows that the newest entries were cut off', () => {
    fc.assert(
      fc.property(place, ([entries, i]) => {
        const noted = entries.at(-1);
        const { ok, problem } = checkChain(entries.slice(0, i), noted);
        expect(ok).toBe(false);
        expect(problem).toContain(`entry ${entries.length} was there before`);
      }),
    );
  });

  test('shows a chain that was written anew as a whole', () => {
    fc.assert(
      fc.property(place, ([entries, i]) => {
        const noted = entries[i] as AuditEntry;
        const forged = chainOf(entries.map((entry) => ({ ...entry, by: `${entry.by}!` })));
        expect(checkChain(forged, noted).problem).toContain('is not the one');
      }),
    );
  });
});
