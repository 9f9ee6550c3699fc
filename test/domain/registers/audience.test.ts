import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AudienceEntry,
  consentOf,
  mergeAudience,
} from '../../../lib/domain/registers/audience.ts';

const day = fc.integer({ min: 1, max: 9 }).map((n) => `2026-11-0${n}`);
const row = fc.record(
  {
    district: fc.constantFrom('510104', '510105'),
    groups: fc.constant(['students'] as AudienceEntry['groups']),
    source: fc.constant('form'),
    consent: day,
    optedOut: day,
  },
  { requiredKeys: ['district', 'groups', 'source'] },
) as fc.Arbitrary<AudienceEntry>;

const merged = (rows: readonly AudienceEntry[]) =>
  rows.reduce<AudienceEntry | undefined>((known, next) => mergeAudience(known, next), undefined);
const TODAY = '2026-11-20';

describe('Consent to be texted', () => {
  test('does not hang on the order in which lists are loaded, nor on loading one twice', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (rows) => {
        const daysOf = (entry: AudienceEntry | undefined) => [entry?.consent, entry?.optedOut];
        expect(daysOf(merged(rows.toReversed()))).toEqual(daysOf(merged(rows)));
        expect(daysOf(merged([...rows, ...rows]))).toEqual(daysOf(merged(rows)));
      }),
    );
  });

  test('is never given again by an old list after somebody opted out', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), row, (rows, last) => {
        const optedOut = '2026-11-09';
        const entry = merged([{ ...last, optedOut }, ...rows]);
        expect(entry && consentOf(entry, TODAY)).toBe('withdrawn');
      }),
    );
  });

  test('is given anew by a later day only', () => {
    const out = { district: '510104', groups: [], source: 'form', optedOut: '2026-11-05' } as const;
    const again = (consent: string) =>
      consentOf(mergeAudience(out, { ...out, optedOut: undefined as never, consent }), TODAY);
    expect(again('2026-11-05')).toBe('withdrawn');
    expect(again('2026-11-06')).toBe('given');
    expect(consentOf({ consent: '2026-11-21' }, TODAY)).toBe('none');
    expect(consentOf({}, TODAY)).toBe('none');
  });
});
