import { describe, expect, it } from 'vitest';
import { NumberRegistry } from '../../lib/backtest/number-registry.ts';
import { historyContext } from '../../lib/backtest/read-history.ts';
import { fingerprintOfToken } from '../../lib/domain/profile/profile.ts';

const { normaliseNumber } = historyContext('CN');
/** So many that every table has to grow. */
const MOBILES = 150_000;

describe('the registry of numbers', () => {
  const numbers = new NumberRegistry({ normaliseNumber, country: 'CN' });
  const mobiles = Array.from({ length: MOBILES }, (_, i) =>
    numbers.ofDigits(13_000_000_000 + i * 7_919, 11, false),
  );
  const others = ['95588', '02886661234', '+442079460958'].map((text) => numbers.ofText(text));

  it('gives each number a place of its own, the same in every notation', () => {
    const places = mobiles.map((_, i) => numbers.ofDigits(8_613_000_000_000 + i * 7_919, 13, true));

    expect(places).toEqual(mobiles);
    expect(numbers.ofText('+86 28 8666 1234')).toBe(others[1]);
    expect(new Set([...mobiles, ...others]).size).toBe(MOBILES + others.length);
    expect(numbers.size).toBe(MOBILES + others.length);
  });

  it('finds the number of a token again, and what profiles know it by', () => {
    const places = [...mobiles, ...others];
    const tokens = places.map((place) => numbers.tokenAt(place));

    expect(tokens.map((token) => numbers.placeOf(token))).toEqual(places);
    expect(places.map((place) => numbers.fingerprintAt(place))).toEqual(
      tokens.map(fingerprintOfToken),
    );
  });

  it('tells services from people', () => {
    expect(others.map((place) => numbers.isService(place))).toEqual([true, false, false]);
    expect(numbers.partyAt(others[0] ?? 0).number).toBe('CN:95588');
    expect(numbers.partyAt(mobiles[1] ?? 0).number).toBe('+8613000007919');
  });
});
