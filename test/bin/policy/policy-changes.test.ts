import { describe, expect, it } from 'vitest';
import { policyChanges } from '../../../bin/policy/policy-changes.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import type { Policy } from '../../../lib/domain/policy.ts';

const policy = loadDefaultPolicy();

/** The policy with something changed in a copy. */
function changed(change: (copy: Policy) => void): Policy {
  const copy = structuredClone(policy);
  change(copy);
  return copy;
}

const linesFrom = (before: Policy, after: Policy): string[] =>
  policyChanges(before, after).map(({ part, change }) => `${part}: ${change}`);

const [term] = policy.scoring.scorecard.terms;
const [firstBin] = term?.bins ?? [];

describe('the changes from one policy to another', () => {
  it('are none when only its description differs', () => {
    const other = changed((copy) => {
      copy.version += 1;
      copy.author = 'somebody';
      copy.reason = 'no reason';
    });
    expect(linesFrom(policy, other)).toEqual([]);
  });

  it('say what a number was and is, and what it means', () => {
    const other = changed((copy) => {
      copy.scoring.riskyAt = 9.5;
    });
    expect(linesFrom(policy, other)).toEqual([
      `scoring: riskyAt (points from which a caller is risky): ${policy.scoring.riskyAt} → 9.5`,
    ]);
  });

  it('name the bin of the term whose points changed', () => {
    const other = changed((copy) => {
      const [bin] = copy.scoring.scorecard.terms[0]?.bins ?? [];
      if (bin !== undefined) bin.points = 1.25;
    });
    const was = firstBin?.points ?? 0;
    expect(linesFrom(policy, other)).toEqual([
      `term ${term?.id}: below ${firstBin?.below}: ${was > 0 ? '+' : ''}${was} → +1.25`,
    ]);
  });

  it('show both rows of bins when the bounds moved', () => {
    const other = changed((copy) => {
      const [moved] = copy.scoring.scorecard.terms;
      if (moved !== undefined) moved.bins = [{ below: 0.5, points: -1 }, { points: 2 }];
    });
    expect(linesFrom(policy, other)).toEqual([
      expect.stringMatching(/other bins: below .* → below 0\.5 -1, from 0\.5 \+2$/),
    ]);
  });

  it('tell terms that are new from terms that are gone, whatever their order', () => {
    const other = changed((copy) => {
      const { terms } = copy.scoring.scorecard;
      const gone = terms.shift();
      terms.reverse();
      if (gone !== undefined) terms.push({ ...gone, id: 'young' });
    });
    const lines = linesFrom(policy, other);
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^term ${term?.id}: taken out \\(was: feature “`)),
      expect.stringMatching(/^term young: new: feature “/),
    ]);
    expect(lines.join()).not.toContain('id “');
  });

  it('quote texts, with their language and kind', () => {
    const other = changed((copy) => {
      copy.texts.en.other = 'Beware of {tail}.';
    });
    expect(linesFrom(policy, other)).toEqual([
      `texts: en.other: “${policy.texts.en.other}” → “Beware of {tail}.”`,
    ]);
  });

  it('say when the kinds are tried in another order, which changes what wins', () => {
    const other = changed((copy) => {
      copy.kinds.reverse();
    });
    const order = other.kinds.map(({ kind }) => kind);
    const lines = linesFrom(policy, other);
    if (new Set(order).size === order.length) {
      expect(lines).toEqual([`kinds: other order: ${order.join(', ')}`]);
    } else {
      expect(lines).not.toEqual([]);
    }
  });
});
