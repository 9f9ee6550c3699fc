import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';

/** The RSA key that signs a pool's tokens. */
export interface SigningKey {
  id: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  /** As the pool publishes it. */
  publicJwk: JWK;
  /** To be kept for the next start. */
  privateJwk: JWK;
}

function publicPart({ kty, n, e }: JWK): JWK {
  return { ...(kty === undefined ? {} : { kty }), ...(n && { n }), ...(e && { e }) };
}

/** A key from an earlier run. */
export async function importSigningKey(privateJwk: JWK): Promise<SigningKey> {
  const shared = publicPart(privateJwk);
  // Cognito's key ids are 32 bytes in padded base64.
  const id = `${await calculateJwkThumbprint(shared)}=`;
  const publicJwk = { alg: 'RS256', e: shared.e, kid: id, kty: 'RSA', n: shared.n, use: 'sig' };
  const [privateKey, publicKey] = await Promise.all([
    importJWK(privateJwk, 'RS256'),
    importJWK(shared, 'RS256'),
  ]);
  return {
    id,
    privateKey: privateKey as CryptoKey,
    publicKey: publicKey as CryptoKey,
    publicJwk: publicJwk as JWK,
    privateJwk,
  };
}

export async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return importSigningKey(await exportJWK(privateKey));
}
