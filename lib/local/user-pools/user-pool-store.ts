import { existsSync, readFileSync } from 'node:fs';
import type { JWK } from 'jose';
import { replaceFile } from '../kept/replace-file.ts';
import { generateSigningKey, importSigningKey } from './signing-key.ts';
import type { PoolUser, UserPool, UserPoolSettings } from './user-pool.ts';

interface KeptPool {
  key: JWK;
  users: PoolUser[];
}

/** The user pools of this cloud, with what an earlier run left of them. */
export interface UserPoolStore {
  readonly pools: ReadonlyMap<string, UserPool>;
  open(settings: UserPoolSettings): Promise<UserPool>;
  /** To be called after each change of a pool's users. */
  save(): void;
}

/** @param file where users and keys are kept for the next start; undefined keeps them in memory only. */
export function createUserPoolStore(file: string | undefined): UserPoolStore {
  const kept: Record<string, KeptPool> =
    file !== undefined && existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, KeptPool>)
      : {};
  const pools = new Map<string, UserPool>();

  const save = (): void => {
    if (file === undefined) return;
    for (const [id, { key, users }] of pools) {
      kept[id] = { key: key.privateJwk, users: [...users.values()] };
    }
    replaceFile(file, JSON.stringify(kept));
  };

  return {
    pools,
    save,
    async open(settings) {
      const earlier = kept[settings.id];
      const pool: UserPool = {
        settings,
        clients: new Map(),
        groups: new Map(),
        users: new Map(earlier?.users.map((user) => [user.username, user])),
        key: await (earlier === undefined ? generateSigningKey() : importSigningKey(earlier.key)),
      };
      pools.set(settings.id, pool);
      save();
      return pool;
    },
  };
}
