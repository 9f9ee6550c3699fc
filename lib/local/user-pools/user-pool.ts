import type { AttributeDefinition } from './attribute-schema.ts';
import type { PasswordPolicy } from './password-policy.ts';
import type { SigningKey } from './signing-key.ts';

/** What the template says of a pool. */
export interface UserPoolSettings {
  id: string;
  /** The `iss` of its tokens. */
  issuer: string;
  schema: readonly AttributeDefinition[];
  passwordPolicy: PasswordPolicy;
  caseSensitive: boolean;
  /** Users are called by their email, and get a made-up name. */
  emailIsUsername: boolean;
  /** Users may sign in with an email that is verified. */
  emailIsAlias: boolean;
}

export type AuthFlow = 'USER_PASSWORD_AUTH' | 'REFRESH_TOKEN_AUTH';

/** An app client. */
export interface PoolClient {
  id: string;
  flows: ReadonlySet<AuthFlow>;
  idTokenSeconds: number;
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  /** The attributes that its ID tokens show; undefined for all. */
  readAttributes?: ReadonlySet<string>;
  hidesUnknownUsers: boolean;
}

export interface PoolGroup {
  name: string;
  precedence?: number;
}

export interface PoolUser {
  username: string;
  /** With `sub`. */
  attributes: Record<string, string>;
  passwordHash: string;
  /** Epoch milliseconds. */
  passwordSetAt: number;
  status: 'FORCE_CHANGE_PASSWORD' | 'CONFIRMED';
  groups: string[];
  createdAt: number;
  modifiedAt: number;
}

export interface UserPool {
  settings: UserPoolSettings;
  clients: Map<string, PoolClient>;
  groups: Map<string, PoolGroup>;
  users: Map<string, PoolUser>;
  key: SigningKey;
}

const sameName = ({ settings }: UserPool, left: string, right: string): boolean =>
  settings.caseSensitive ? left === right : left.toLowerCase() === right.toLowerCase();

/** The user whom a name, an email as a name or alias, or a `sub` means. */
export function findUser(pool: UserPool, name: string): PoolUser | undefined {
  const { emailIsUsername, emailIsAlias } = pool.settings;
  return [...pool.users.values()].find(({ username, attributes }) => {
    if (sameName(pool, username, name) || attributes.sub === name) return true;
    const byEmail = emailIsUsername || (emailIsAlias && attributes.email_verified === 'true');
    return byEmail && attributes.email !== undefined && sameName(pool, attributes.email, name);
  });
}

/** A user's groups, the one with the lowest precedence first, as tokens list them. */
export function groupsOf(pool: UserPool, user: PoolUser): string[] {
  const rank = (name: string): number => pool.groups.get(name)?.precedence ?? Infinity;
  return user.groups
    .filter((name) => pool.groups.has(name))
    .sort((left, right) => (rank(left) === rank(right) ? 0 : rank(left) - rank(right)));
}
