import { createHmac } from 'node:crypto';
import { base64url, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  claimTexts,
  scopesOf,
  type TokenRules,
  verifyToken,
} from '../../../lib/local/apis/verify-token.ts';
import { generateSigningKey, type SigningKey } from '../../../lib/local/user-pools/signing-key.ts';

const NOW = Date.parse('2026-11-24T00:00:00Z');
const SECONDS = NOW / 1_000;
const good = {
  iss: 'https://issuer.example',
  aud: 'client',
  iat: SECONDS,
  exp: SECONDS + 60,
};

/** Claims of any kind: tokens come from strangers. */
type Claims = Record<string, unknown>;

let key: SigningKey;
let rules: TokenRules;

beforeAll(async () => {
  key = await generateSigningKey();
  rules = { issuer: good.iss, audience: ['client', 'other'], key };
});

function sign(claims: Claims, header: object = {}, by = key): Promise<string> {
  return new SignJWT(claims as JWTPayload)
    .setProtectedHeader({ alg: 'RS256', kid: by.id, ...header })
    .sign(by.privateKey);
}

const encode = (value: unknown): string => base64url.encode(JSON.stringify(value));
const verify = (token: string) => verifyToken(token, rules, NOW);

describe('a token', () => {
  it.each<[string, Claims]>([
    ['for the audience', good],
    ['for one of several audiences', { ...good, aud: ['x', 'other'] }],
    ['of a client, without an audience', { ...good, aud: undefined, client_id: 'client' }],
    ['that began just now', { ...good, nbf: SECONDS }],
    ['that does not say when it was issued', { iss: good.iss, aud: 'client', exp: good.exp }],
  ])('%s is good', async (_what, claims) => {
    const verdict = await verify(await sign(claims));
    expect(verdict).toEqual({ claims: JSON.parse(JSON.stringify(claims)) });
  });

  it.each<[string, Claims, string]>([
    ['of another issuer', { ...good, iss: 'https://issuer.example/' }, 'issuer'],
    ['without an issuer', { ...good, iss: undefined }, 'issuer'],
    ['for another audience', { ...good, aud: 'stranger' }, 'audience'],
    [
      'for another audience of a right client',
      { ...good, aud: 'x', client_id: 'client' },
      'audience',
    ],
    ['for nobody', { ...good, aud: undefined }, 'audience'],
    ['that expires now', { ...good, exp: SECONDS }, 'expired'],
    ['that never expires', { ...good, exp: undefined }, 'expired'],
    ['that expires by word', { ...good, exp: '99999999999' }, 'expired'],
    ['that begins later', { ...good, nbf: SECONDS + 1 }, 'not valid yet'],
    ['that was issued in the future', { ...good, iat: SECONDS + 1 }, 'not valid yet'],
  ])('%s is refused', async (_what, claims, problem) => {
    expect(await verify(await sign(claims))).toEqual({
      problem: expect.stringContaining(problem),
    });
  });

  it('signed by a stranger is refused, also under our key’s name', async () => {
    const stranger = await generateSigningKey();
    for (const header of [{}, { kid: key.id }, { kid: undefined }, { jwk: stranger.publicJwk }]) {
      expect(await verify(await sign(good, header, stranger))).toHaveProperty('problem');
    }
  });

  it('may not choose its algorithm: none, HMAC with our public key, or another one of RSA', async () => {
    const none = `${encode({ alg: 'none', kid: key.id })}.${encode(good)}.`;
    const head = `${encode({ alg: 'HS256', kid: key.id })}.${encode(good)}`;
    const publicKey = await exportSPKI(key.publicKey);
    const mac = createHmac('sha256', publicKey).update(head).digest('base64url');
    const pss = await generateKeyPair('PS256');
    const other = await new SignJWT(good)
      .setProtectedHeader({ alg: 'PS256', kid: key.id })
      .sign(pss.privateKey);
    for (const token of [none, `${head}.${mac}`, other]) {
      expect(await verify(token)).toEqual({ problem: 'signing method is invalid' });
    }
  });

  it('that was changed on its way is refused', async () => {
    const [header = '', payload = '', signature = ''] = (await sign(good)).split('.');
    const grand = encode({ ...good, 'cognito:groups': ['lead'] });
    const others = [
      `${header}.${grand}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${header}.${payload}.${signature}.${signature}`,
      `${encode({ alg: 'RS256', kid: key.id, crit: ['x'], x: 1 })}.${payload}.${signature}`,
    ];
    for (const token of others) expect(await verify(token)).toHaveProperty('problem');
  });

  it.each(['', '.', '..', '...', 'a.b.c', '{}', 'Bearer', '\u0000', `${'x'.repeat(100_000)}`])(
    'that is none is refused: %#',
    async (token) => {
      expect(await verify(token)).toHaveProperty('problem');
    },
  );
});

describe('claims', () => {
  it('reach functions as texts, lists in brackets', () => {
    expect(
      claimTexts({
        sub: 'a',
        'cognito:groups': ['desk', 'lead'],
        exp: 5,
        email_verified: true,
        address: { city: 'Chengdu' },
        nothing: null,
      }),
    ).toEqual({
      sub: 'a',
      'cognito:groups': '[desk lead]',
      exp: '5',
      email_verified: 'true',
      address: '{"city":"Chengdu"}',
    });
  });

  it('tell scopes by either name', () => {
    expect(scopesOf({ scope: 'a b' })).toEqual(['a', 'b']);
    expect(scopesOf({ scp: ['a', 'b'] })).toEqual(['a', 'b']);
    expect(scopesOf({})).toEqual([]);
  });
});
