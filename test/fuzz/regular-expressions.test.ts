import { describe, expect, test } from 'vitest';
import { compileTimeFormat } from '../../lib/feeds/time-format.ts';
import { keptVerdicts, keyOf, verdictOn } from './check-expressions.ts';
import { regularExpressions } from './regular-expressions.ts';

/** Why an expression that is not proved linear is harmless where it stands. */
const HARMLESS: Readonly<Record<string, string>> = {
  'bin/officers/officers-api.ts': 'an option that the user types',
  'bin/option-values.ts': 'an option that the user types',
  'functions/adapters/sealing.ts': 'three characters of a decrypted block',
  'lib/domain/campaign/campaign.ts': 'a text of 160 characters at the most, by its schema',
  'lib/infrastructure/contact-search-definition.ts':
    'our own statement, while the app is synthesized',
  'lib/infrastructure/stage-config-rules.ts': 'the deployer’s own configuration',
};
/** It serves one developer on his own machine, and reads the template that he made. */
const LOCAL = /^lib\/local\//;
/** Expressions that are put together at run time, and of what. */
const COMPOSED: Readonly<Record<string, string>> = {
  'lib/feeds/time-format.ts': 'of fixed parts, each once, and escaped literals',
};

const fileOf = (place: string) => place.replace(/:\d+$/, '');
const { composed, expressions } = regularExpressions();
const verdicts = keptVerdicts();

describe('regular expressions', () => {
  test('are found wherever they stand', () => {
    const files = new Set(expressions.map(({ place }) => fileOf(place)));
    expect(files).toContain('lib/domain/phone-number.ts');
    expect(files).toContain('lib/api/schemas.ts');
    expect(expressions.length).toBeGreaterThan(150);
  });

  test('were all given to the checker (node test/fuzz/check-expressions.ts does it)', () => {
    const keys = [...new Set(expressions.map(keyOf))].sort();
    expect(Object.keys(verdicts).sort()).toEqual(keys);
  });

  test('take time in proportion to what they read, or are given so little that it does not matter', () => {
    const doubtful = expressions
      .filter((expression) => verdicts[keyOf(expression)] !== 'safe')
      .map(({ place }) => fileOf(place))
      .filter((file) => !LOCAL.test(file));
    expect([...new Set(doubtful)].sort()).toEqual(Object.keys(HARMLESS).sort());
  });

  test('are put together at run time only where it is known of what', () => {
    const files = composed.map(({ place }) => fileOf(place)).filter((file) => !LOCAL.test(file));
    expect(files).toEqual(Object.keys(COMPOSED));
  });

  test.each([
    [{ source: '^(a+)+$', flags: '' }, 'vulnerable'],
    [{ source: '\\s+$', flags: '' }, 'vulnerable'],
    [{ source: '\\+?\\d(?:[ ().-]{0,3}\\d){6,}', flags: 'g' }, 'safe'],
    [{ source: '^\\d{6}$', flags: '' }, 'safe'],
  ])('are judged by a checker that can tell: %o', async (expression, verdict) => {
    expect(await verdictOn(expression)).toBe(verdict);
  });

  test('of time formats read what nearly fits without going back over it', () => {
    const read = compileTimeFormat('yyyyMdHmsSSSX', { wallClock: undefined, epochMs: 0 });
    // With the square of its length, this would take hours.
    expect(read(`2026${'1'.repeat(1_000_000)}!`)).toBeUndefined();
  });
});
