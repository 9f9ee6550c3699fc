import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const keyBytes = 32;

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, keyBytes, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** What is kept of a password: a salt and its scrypt key. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt);
  return `${salt.toString('base64')}.${key.toString('base64')}`;
}

export async function matchesPassword(password: string, hash: string): Promise<boolean> {
  const [salt = '', key = ''] = hash.split('.').map((part) => Buffer.from(part, 'base64'));
  return timingSafeEqual(await derive(password, Buffer.from(salt)), Buffer.from(key));
}
