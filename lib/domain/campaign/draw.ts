import { hash } from 'node:crypto';
import type { NumberToken } from '../leg.ts';
import type { Campaign } from './campaign.ts';

/** Which part of a campaign's audience a person belongs to. */
export type Lot = 'held-out' | 'first' | 'rest';

/** Of the hash as a number in [0, 1): as many digits as fit one exactly. */
const HEX_DIGITS = 12;

/**
 * A number in [0, 1) that campaign, purpose and person alone decide. Hashed together with the campaign's id, so that
 * nobody is held out of all campaigns, and with the purpose, so that the draws do not hang together.
 */
function drawn(campaignId: string, purpose: string, person: NumberToken): number {
  const hex = hash('sha256', `${campaignId}\n${purpose}\n${person}`, 'hex').slice(0, HEX_DIGITS);
  return Number.parseInt(hex, 16) / 16 ** HEX_DIGITS;
}

/**
 * Draws a person's lot, the same whenever it is drawn: who was held out stays so, however often a campaign is planned
 * and whoever joins or leaves the register meanwhile.
 */
export function lotOf(
  { firstStageShare, holdOutShare, id }: Pick<Campaign, 'firstStageShare' | 'holdOutShare' | 'id'>,
  person: NumberToken,
): Lot {
  if (drawn(id, 'hold-out', person) < holdOutShare) return 'held-out';
  return drawn(id, 'stage', person) < firstStageShare ? 'first' : 'rest';
}
