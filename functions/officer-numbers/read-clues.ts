import { ProblemError } from '../../lib/api/problem.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { maskNumbersIn } from '../../lib/domain/mask-numbers.ts';
import { maskNumber } from '../../lib/domain/phone-number.ts';
import type { AuditTrail } from '../adapters/audit-table.ts';
import type { CluePage, ClueStore, KeptClue } from '../adapters/clues-table.ts';
import { SealingError } from '../adapters/errors.ts';
import type { ApiCall, Servers } from '../adapters/http-api/answer-request.ts';
import type { Sealer } from '../adapters/sealing.ts';

/** What reading clues takes, beside sealing. */
export interface ReadCluesPorts {
  readonly clues: Pick<ClueStore, 'ofNumber' | 'read'>;
  readonly audit: Pick<AuditTrail, 'append'>;
  readonly sealer: () => Promise<Sealer>;
}

interface Asked extends CluePage {
  readonly number: NumberToken;
}

function viewOf({ clue: { at, kind, text, when }, reference }: KeptClue) {
  return { reference, kind, when, at, text };
}

/** The endpoint by which officers read what people reported. It says no number again. */
export function clueReaders(
  { audit, clues, sealer }: ReadCluesPorts,
  sealedNumber: (text: string) => Promise<NumberToken>,
): Servers<'readClues'> {
  /** The number that is asked about, before anything about it is read. @throws {ProblemError} */
  async function numberOf({ body }: ApiCall<'readClues'>): Promise<NumberToken> {
    const { number, reference, token } = body;
    if ([number, reference, token].filter((given) => given !== undefined).length !== 1) {
      throw new ProblemError('bad-request', 'Say whose clues, in one way.', [
        'body: must have one of number, token and reference',
      ]);
    }
    if (number !== undefined) return sealedNumber(number);
    if (token !== undefined) return token;
    const clue = await clues.read(reference ?? '');
    if (clue === undefined) throw new ProblemError('not-found', 'There is no such clue.');
    return clue.number;
  }

  async function maskedOf(number: NumberToken): Promise<string> {
    try {
      return maskNumber((await sealer()).unseal(number).number);
    } catch (error) {
      if (!(error instanceof SealingError)) throw error;
      throw new ProblemError('not-found', 'There is no number of that token.');
    }
  }

  async function read({ body }: ApiCall<'readClues'>, number: NumberToken): Promise<Asked> {
    const { limit, next, reference } = body;
    if (reference === undefined) {
      const page = {
        ...(limit !== undefined && { limit }),
        ...(next !== undefined && { next }),
      };
      return { number, ...(await clues.ofNumber(number, page)) };
    }
    const clue = await clues.read(reference);
    return { number, clues: clue === undefined ? [] : [{ reference, clue }] };
  }

  return {
    async readClues(call) {
      const { body, key, now, officer } = call;
      const number = await numberOf(call);
      const whose = await maskedOf(number);
      // Kept before the texts are shown: a look that left no trace must not be.
      const { sequence: auditEntry } = await audit.append(
        {
          at: now,
          by: officer.name,
          act: 'read-clues',
          whose,
          purpose: maskNumbersIn(body.purpose),
        },
        `${key}-clues-${number}`,
      );
      const { clues: found, next } = await read(call, number);
      return {
        number: whose,
        clues: found.map(viewOf),
        auditEntry,
        ...(next !== undefined && { next }),
      };
    },
  };
}
