import { randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { groupsOf, type PoolClient, type PoolUser, type UserPool } from './user-pool.ts';

/** One sign-in, which refreshed tokens go back to. */
export interface SignIn {
  pool: UserPool;
  client: PoolClient;
  user: PoolUser;
  /** Epoch milliseconds. */
  signedInAt: number;
  /** `jti` of what the sign-in began with. */
  originId: string;
}

export interface IssuedTokens {
  idToken: string;
  accessToken: string;
}

function sign({ pool }: SignIn, claims: JWTPayload): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ kid: pool.key.id, alg: 'RS256' })
    .sign(pool.key.privateKey);
}

/** Attributes are text, but for the two that say whether another was verified. */
function attributeClaims({ client, user }: SignIn): JWTPayload {
  const shown = Object.entries(user.attributes).filter(
    ([name]) => name === 'sub' || (client.readAttributes?.has(name) ?? true),
  );
  return Object.fromEntries(
    shown.map(([name, value]) => [name, name.endsWith('_verified') ? value === 'true' : value]),
  );
}

/**
 * Signs an ID token and an access token with the claims that Cognito gives them.
 *
 * @param now epoch milliseconds at which they are issued; their lifetimes are the client's.
 */
export async function issueTokens(signIn: SignIn, now: number): Promise<IssuedTokens> {
  const { pool, client, user, signedInAt, originId } = signIn;
  const groups = groupsOf(pool, user);
  const issuedAt = Math.floor(now / 1_000);
  const shared = {
    ...(groups.length === 0 ? {} : { 'cognito:groups': groups }),
    iss: pool.settings.issuer,
    origin_jti: originId,
    event_id: randomUUID(),
    auth_time: Math.floor(signedInAt / 1_000),
    iat: issuedAt,
  };
  const [idToken, accessToken] = await Promise.all([
    sign(signIn, {
      ...attributeClaims(signIn),
      ...shared,
      'cognito:username': user.username,
      aud: client.id,
      token_use: 'id',
      exp: issuedAt + client.idTokenSeconds,
      jti: randomUUID(),
    }),
    sign(signIn, {
      sub: user.attributes.sub,
      ...shared,
      client_id: client.id,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      exp: issuedAt + client.accessTokenSeconds,
      jti: randomUUID(),
      username: user.username,
    } as JWTPayload),
  ]);
  return { idToken, accessToken };
}
