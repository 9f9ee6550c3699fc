import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import {
  createSealer,
  parseSealingKeys,
  type Sealer,
  type SealingKeys,
} from '../../functions/adapters/sealing.ts';
import { UsageError } from '../exit-codes.ts';
import { orUsageError } from '../input-file.ts';

const KEY_BYTES = 32;
const ONLY_THE_USER = 0o600;

/** A key that nobody has had before. */
function newKeys(): SealingKeys {
  return { current: '1', secrets: { '1': randomBytes(KEY_BYTES).toString('base64url') } };
}

/** A sealer whose key is in nobody's hands. */
export function sealerOfForgottenKey(): Sealer {
  return createSealer(newKeys());
}

/**
 * The sealer of a key file: `{"current": "1", "1": "…"}`, as the pipeline's sealing secret has it.
 *
 * @throws {UsageError} when there is no such file, or it holds no key
 */
export async function readKeyFile(path: string): Promise<Sealer> {
  const text = await orUsageError(readFile(path, 'utf8'), path);
  try {
    return createSealer(parseSealingKeys(text));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${path} is no key file: ${why}.`, { cause });
  }
}

/** The same, making the file, for nobody else to read, when it is not there. */
export async function openKeyFile(path: string): Promise<{ sealer: Sealer; made: boolean }> {
  const { current, secrets } = newKeys();
  try {
    await writeFile(path, `${JSON.stringify({ current, ...secrets })}\n`, {
      flag: 'wx',
      mode: ONLY_THE_USER,
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      return { sealer: await readKeyFile(path), made: false };
    }
    throw new UsageError(`${path}: ${(cause as Error).message}`, { cause });
  }
  return { sealer: await readKeyFile(path), made: true };
}
