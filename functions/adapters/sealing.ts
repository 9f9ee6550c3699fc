import { type Cipheriv, createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Call } from '../../lib/domain/call-record.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { SealedParties } from '../../lib/domain/legs-of-call.ts';
import type { PartyNumber } from '../../lib/domain/phone-number.ts';
import { SealingError } from './errors.ts';

/** Secret texts by key version (one character), and the version that seals. */
export interface SealingKeys {
  readonly current: string;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Seals and unseals numbers. Whoever holds one can read every number: see design, section 6. */
export interface Sealer {
  /**
   * Seals the parties of calls in one go, in their order: a call of the cipher costs far more than a block,
   * and looking a number up among those sealed before costs more than sealing it again.
   */
  seal(calls: readonly Pick<Call, 'caller' | 'callee' | 'imei'>[]): SealedParties[];
  /** The clear number behind a token. @throws SealingError when the token was not made with these keys */
  unseal(token: NumberToken): PartyNumber;
}

/** One AES block. A number fits in with zeros left over, which show on unsealing that the key is right. */
const BLOCK = 16;
const TYPE = { subscriber: 1, service: 2, handset: 3 } as const;
const COUNTRY_AT = 2;
const DIGITS_AT = 5;
const MOST_DIGITS = 2 * (BLOCK - DIGITS_AT);
/** Caller, callee and handset. */
const CALL_BYTES = 3 * BLOCK;

function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'forewarn number sealing', 32));
}

/** @param blocks zeros from `at` on */
function packBlock(
  blocks: Buffer,
  at: number,
  type: number,
  country: string,
  digits: string,
): void {
  if (digits.length > MOST_DIGITS || country.length > 3)
    throw new SealingError('too long to be sealed');
  blocks[at] = type;
  blocks[at + 1] = digits.length;
  for (let i = 0; i < country.length; i++) blocks[at + COUNTRY_AT + i] = country.charCodeAt(i);
  for (let i = 0; i < digits.length; i++) {
    const byte = at + DIGITS_AT + (i >> 1);
    const digit = digits.charCodeAt(i) - 48;
    blocks[byte] = (blocks[byte] ?? 0) | ((i & 1) === 0 ? digit << 4 : digit);
  }
}

function packNumber(blocks: Buffer, at: number, { kind, number }: PartyNumber): void {
  // `+8613800138000` or `CN:95588`.
  const mark = kind === 'subscriber' ? 0 : number.indexOf(':');
  packBlock(blocks, at, TYPE[kind], number.slice(0, mark), number.slice(mark + 1));
}

function packHandset(blocks: Buffer, at: number, imei: string): void {
  packBlock(blocks, at, TYPE.handset, '', imei);
}

/** Never 0, which stands for unknown. */
function fingerprintAt(sealed: Buffer, at: number): number {
  return sealed.readUInt16BE(at) || 1;
}

function unpackBlock(block: Buffer): PartyNumber {
  const [type, length = 0] = block;
  const digits = block.toString('hex', DIGITS_AT).slice(0, length);
  const rest = block.toString('hex', DIGITS_AT).slice(length);
  if (length > MOST_DIGITS || /[1-9a-f]/.test(rest) || /\D/.test(digits)) {
    throw new SealingError('a number token does not fit the key');
  }
  if (type === TYPE.subscriber) return { kind: 'subscriber', number: `+${digits}` };
  const country = block.toString('latin1', COUNTRY_AT, DIGITS_AT).replace(/\0+$/, '');
  if (type === TYPE.service) return { kind: 'service', number: `${country}:${digits}` };
  throw new SealingError('a number token does not fit the key');
}

/**
 * Sealing is one AES-256 block per number, deterministic so that tokens can be keys. A single block of
 * distinct plaintexts is a pseudorandom permutation, so ECB gives away nothing but equality, which is meant.
 */
export function createSealer(keys: SealingKeys): Sealer {
  const secret = keys.secrets[keys.current];
  if (secret === undefined || keys.current.length !== 1) {
    throw new SealingError('the sealing secret has no key of its current version');
  }
  const cipher: Cipheriv = createCipheriv('aes-256-ecb', keyOf(secret), null).setAutoPadding(false);
  const tokenAt = (sealed: Buffer, at: number): NumberToken =>
    keys.current + sealed.toString('base64url', at, at + BLOCK);
  return {
    seal(calls) {
      const blocks = Buffer.alloc(CALL_BYTES * calls.length);
      calls.forEach(({ caller, callee, imei }, i) => {
        packNumber(blocks, CALL_BYTES * i, caller);
        packNumber(blocks, CALL_BYTES * i + BLOCK, callee);
        if (imei !== undefined) packHandset(blocks, CALL_BYTES * i + 2 * BLOCK, imei);
      });
      const sealed = cipher.update(blocks);
      return calls.map(({ imei }, i) => ({
        caller: tokenAt(sealed, CALL_BYTES * i),
        callee: tokenAt(sealed, CALL_BYTES * i + BLOCK),
        handset: imei === undefined ? 0 : fingerprintAt(sealed, CALL_BYTES * i + 2 * BLOCK),
      }));
    },
    unseal(token) {
      const key = keys.secrets[token[0] ?? ''];
      const sealed = Buffer.from(token.slice(1), 'base64url');
      if (key === undefined || sealed.length !== BLOCK) {
        throw new SealingError('a number token has no known key version');
      }
      const decipher = createDecipheriv('aes-256-ecb', keyOf(key), null).setAutoPadding(false);
      return unpackBlock(decipher.update(sealed));
    },
  };
}

/** Seals one number alone. */
export function sealNumber(party: PartyNumber, sealer: Pick<Sealer, 'seal'>): NumberToken {
  return sealer.seal([{ caller: party, callee: party, imei: undefined }])[0]?.caller ?? '';
}

/** Reads the keys from Secrets Manager, in the form of {@link parseSealingKeys}. */
export async function readSealingKeys(
  client: SecretsManagerClient,
  secretId: string,
): Promise<SealingKeys> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
  return parseSealingKeys(SecretString ?? '');
}

/**
 * Keys from their text: a JSON object with `current`, a version, and a text per version.
 *
 * @throws SealingError whose message quotes nothing of the text
 */
export function parseSealingKeys(text: string): SealingKeys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message would quote the secret, so it is not passed on.
    throw new SealingError('the sealing secret is not JSON');
  }
  const { current, ...secrets } = (value ?? {}) as Record<string, unknown>;
  if (
    typeof current !== 'string' ||
    Object.values(secrets).some((text) => typeof text !== 'string')
  ) {
    throw new SealingError('the sealing secret must hold `current` and a text per key version');
  }
  return { current, secrets: secrets as Record<string, string> };
}

/** Another name for a text, that leads back to nothing and cannot be guessed: 128 bits. */
export type Pseudonym = (text: string) => string;

const PSEUDONYM_LENGTH = 22;

/** Pseudonyms under a key of their own, derived from the sealing secret: a network's is no hash that can be tried out. */
export function createPseudonym({ current, secrets }: SealingKeys): Pseudonym {
  const secret = secrets[current];
  if (secret === undefined) throw new SealingError('the sealing secret has no current key');
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'forewarn pseudonyms', 32));
  return (text) =>
    createHmac('sha256', key).update(text).digest('base64url').slice(0, PSEUDONYM_LENGTH);
}

/** Reads the keys on first use and keeps what is made of them; a failed read is tried again by the next use. */
export function withSealingKeys<T>(
  createClient: () => SecretsManagerClient,
  secretId: string,
  make: (keys: SealingKeys) => T,
): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= readSealingKeys(createClient(), secretId).then(make);
    made.catch(() => {
      made = undefined;
    });
    return made;
  };
}

/** A sealer by {@link withSealingKeys}. */
export function createSealerOnce(
  createClient: () => SecretsManagerClient,
  secretId: string,
): () => Promise<Sealer> {
  return withSealingKeys(createClient, secretId, createSealer);
}
