import { compactVerify, decodeProtectedHeader, type JWTPayload } from 'jose';
import type { SigningKey } from '../user-pools/signing-key.ts';

/** What a JWT authorizer asks of tokens. */
export interface TokenRules {
  issuer: string;
  audience: readonly string[];
  /** The issuer's key. */
  key: Pick<SigningKey, 'id' | 'publicKey'>;
}

/** The claims of a good token, or why it is none. */
export type TokenVerdict = { claims: JWTPayload } | { problem: string };

const textDecoder = new TextDecoder('utf-8', { fatal: true });

/** Client ids count only in tokens without an audience, as Cognito's access tokens are. */
function isForAudience({ aud, client_id }: JWTPayload, audience: readonly string[]): boolean {
  const named: unknown[] = aud === undefined ? [client_id] : [aud].flat();
  return named.some((name) => audience.some((accepted) => accepted === name));
}

function claimsProblem(claims: JWTPayload, rules: TokenRules, now: number): string | undefined {
  const { iss, exp, nbf, iat } = claims;
  if (iss !== rules.issuer) return 'invalid issuer';
  if (!isForAudience(claims, rules.audience)) return 'the token does not have a valid audience';
  if (typeof exp !== 'number' || exp * 1_000 <= now) return 'the token has expired';
  const begins = [nbf, iat].filter((time) => time !== undefined);
  if (begins.some((time) => typeof time !== 'number' || time * 1_000 > now)) {
    return 'the token is not valid yet';
  }
  return undefined;
}

/**
 * Checks a token as a JWT authorizer does: algorithm, key, signature, issuer, audience, times.
 *
 * @param now epoch milliseconds.
 */
export async function verifyToken(
  token: string,
  rules: TokenRules,
  now: number,
): Promise<TokenVerdict> {
  let claims: JWTPayload;
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    // The algorithm is the key's, never the token's to choose.
    if (alg !== 'RS256') return { problem: 'signing method is invalid' };
    if (kid !== rules.key.id) return { problem: 'unknown key id' };
    const { payload } = await compactVerify(token, rules.key.publicKey, { algorithms: ['RS256'] });
    claims = JSON.parse(textDecoder.decode(payload)) as JWTPayload;
  } catch {
    return { problem: 'the token is malformed or its signature is wrong' };
  }
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    return { problem: 'the token has no claims' };
  }
  const problem = claimsProblem(claims, rules, now);
  return problem === undefined ? { claims } : { problem };
}

/** The scopes of a token, from `scope` or `scp`. */
export function scopesOf({ scope, scp }: JWTPayload): string[] {
  const given = scope ?? scp;
  if (Array.isArray(given)) return given.map(String);
  return typeof given === 'string' ? given.split(' ').filter((name) => name !== '') : [];
}

/** A claim as functions get it: all are texts, and `[a b]` for lists; undefined is left out. */
function claimText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return `[${value.map((item) => claimText(item) ?? '').join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Claims as `requestContext.authorizer.jwt.claims` has them. */
export function claimTexts(claims: JWTPayload): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(claims)) {
    const text = claimText(value);
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}
