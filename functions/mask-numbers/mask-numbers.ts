import type { NumberToken } from '../../lib/domain/leg.ts';
import { maskNumber } from '../../lib/domain/phone-number.ts';
import { SealingError } from '../adapters/errors.ts';
import type { Sealer } from '../adapters/sealing.ts';

export interface MaskRequest {
  readonly tokens: readonly NumberToken[];
}

/** By token, a number as people see it on a screen: `+86*******8000`. */
export type MaskedNumbers = Readonly<Record<NumberToken, string>>;

/** Shown for a token of another key. */
const UNREADABLE = '*'.repeat(11);
const MOST_TOKENS = 1_000;

/**
 * Turns tokens into tails. It is a function of its own, so that whoever shows lists need not be able to read a number.
 *
 * @throws {SealingError} for more tokens than a page has
 */
export function maskNumbers(
  { tokens }: MaskRequest,
  sealer: Pick<Sealer, 'unseal'>,
): MaskedNumbers {
  if (tokens.length > MOST_TOKENS) throw new SealingError('too many numbers at once');
  const maskedOf = (token: NumberToken): string => {
    try {
      return maskNumber(sealer.unseal(token).number);
    } catch (error) {
      if (error instanceof SealingError) return UNREADABLE;
      throw error;
    }
  };
  return Object.fromEntries(tokens.map((token) => [token, maskedOf(token)]));
}
