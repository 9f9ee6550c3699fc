import fc from 'fast-check';

const DEFAULT_SEED = 1;

/**
 * The same commit tests the same examples, so that a red run is never by chance; `PROPERTY_SEED=N npm test` searches
 * among others.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? DEFAULT_SEED) });
