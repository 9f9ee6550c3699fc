import type { Sealer } from '../../functions/adapters/sealing.ts';
import { TEST_SEALER } from '../support/in-memory-pipeline.ts';

const unsealed = new Map<string, ReturnType<Sealer['unseal']>>();

/** The product's own sealer, which remembers what it unsealed: all histories use the same few numbers. */
export const SEALER: Sealer = {
  seal: (calls) => TEST_SEALER.seal(calls),
  unseal(token) {
    const known = unsealed.get(token) ?? TEST_SEALER.unseal(token);
    unsealed.set(token, known);
    return known;
  },
};
