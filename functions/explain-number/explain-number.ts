import type { NumberToken } from '../../lib/domain/leg.ts';
import { maskNumbersIn } from '../../lib/domain/mask-numbers.ts';
import { createNumberNormaliser, type PartyNumber } from '../../lib/domain/phone-number.ts';
import type { Judgement } from '../../lib/domain/profile/fold-legs.ts';
import type { StoredDecision } from '../adapters/decisions-index.ts';
import { type Sealer, sealNumber } from '../adapters/sealing.ts';

/** Whose history is asked for, by whom and what for. */
export interface ExplainRequest {
  readonly number: string;
  readonly by: string;
  readonly purpose: string;
}

/** A decision about a person, with the finding on the caller that led to it while that is kept. */
export interface ExplainedDecision {
  readonly decision: StoredDecision;
  readonly judgement?: Judgement;
}

/** All decisions that are kept about a number: as a caller, and as a person called. */
export interface NumberHistory {
  /** The number's pseudonym: what tables and logs call it. */
  readonly token: NumberToken;
  readonly findings: readonly Judgement[];
  readonly decisions: readonly ExplainedDecision[];
}

export interface ExplainPorts {
  readonly sealer: Sealer;
  readonly country: string;
  readonly readFindings: (caller: NumberToken) => Promise<readonly Judgement[]>;
  readonly readDecisions: (subject: NumberToken) => Promise<readonly StoredDecision[]>;
  /** Every look at a person leaves a trace (design, section 6). */
  readonly audit: (entry: { token: NumberToken; by: string; purpose: string }) => void;
}

/** The request cannot be answered as it stands. */
export class ExplainRequestError extends Error {
  readonly code = 'BAD_EXPLAIN_REQUEST';
  override readonly name = 'ExplainRequestError';
}

const MOST_CHARACTERS = 200;

function requireText(value: unknown, what: string): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= MOST_CHARACTERS) {
    return value;
  }
  throw new ExplainRequestError(`${what} must be given, in at most ${MOST_CHARACTERS} characters`);
}

/** @throws {ExplainRequestError} which never repeats the number */
function partyOf(request: ExplainRequest, country: string): PartyNumber {
  const party = createNumberNormaliser(country)(requireText(request.number, 'number'));
  if (party === undefined) throw new ExplainRequestError('number is no phone number');
  return party;
}

/**
 * Looks up all that was decided about a number, with every term. The clear number stays in here: it is sealed,
 * and the answer names its token.
 *
 * @throws {ExplainRequestError}
 */
export async function explainNumber(
  request: ExplainRequest,
  ports: ExplainPorts,
): Promise<NumberHistory> {
  const party = partyOf(request, ports.country);
  const by = requireText(request.by, 'by');
  const purpose = requireText(request.purpose, 'purpose');
  const token = sealNumber(party, ports.sealer);
  // Whoever asks may write the number once more in saying why.
  ports.audit({ token, by: maskNumbersIn(by), purpose: maskNumbersIn(purpose) });
  const [findings, decisions] = await Promise.all([
    ports.readFindings(token),
    ports.readDecisions(token),
  ]);
  const explained = await Promise.all(
    decisions.map(async (decision): Promise<ExplainedDecision> => {
      const { caller, foundAt, side, track } =
        decision.what === 'warning' ? decision.warning.finding : decision.case.finding;
      // What came of the call itself has no judgement on its caller, even where one was made in that second.
      if (side === 'subject') return { decision };
      const judgement = (await ports.readFindings(caller)).find(
        (one) => one.track === track && one.finding.at === foundAt,
      );
      return judgement === undefined ? { decision } : { decision, judgement };
    }),
  );
  return { token, findings, decisions: explained };
}
