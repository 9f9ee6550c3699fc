import { expect, test } from 'vitest';
import { referenceOfCentre } from '../../../functions/study-day/reference-of-centre.ts';
import { loadDefaultReference } from '../../../lib/study/measures/read-reference.ts';

const shipped = loadDefaultReference();

async function referenceOf(own: string | undefined) {
  const bad: string[] = [];
  const reference = await referenceOfCentre({ readReference: async () => own }, ({ message }) =>
    bad.push(message),
  );
  return { reference, bad };
}

test('a centre without its own reference has the one that ships', async () => {
  expect(await referenceOf(undefined)).toEqual({ reference: shipped, bad: [] });
});

test('a centre has its own reference', async () => {
  const own = { ...shipped, source: 'our Tuesday' };
  expect(await referenceOf(JSON.stringify(own))).toEqual({ reference: own, bad: [] });
});

test('a reference that cannot be used is told of, and no other takes its place', async () => {
  const { bad, reference } = await referenceOf('{"schema":"forewarn-policy/4"}');
  expect(reference).toBeUndefined();
  expect(bad).toEqual([expect.stringContaining('references/features.json cannot be used')]);
});
