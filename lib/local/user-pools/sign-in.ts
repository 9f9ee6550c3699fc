import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { issueTokens, type SignIn } from './issue-tokens.ts';
import { matchesPassword } from './password-hash.ts';
import {
  type AuthFlow,
  findUser,
  type PoolClient,
  type PoolUser,
  type UserPool,
} from './user-pool.ts';

/** How users sign in to app clients. */
export interface SignInFlows {
  initiate(parameters: JsonObject): Promise<JsonObject>;
  respond(parameters: JsonObject): Promise<JsonObject>;
}

/** Somebody who must choose a new password first. */
interface Challenge {
  pool: UserPool;
  client: PoolClient;
  user: PoolUser;
  expiresAt: number;
}

const challengeMs = 3 * 60_000;
const dayMs = 24 * 3_600_000;

const notAuthorized = (message: string): AwsError =>
  new AwsError('NotAuthorizedException', message);
const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message);

const newSecret = (): string => randomBytes(96).toString('base64url');

function required(values: JsonValue | undefined, name: string): string {
  const value = isJsonObject(values) ? values[name] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw invalidParameter(`Missing required parameter ${name}`);
}

/**
 * Sign-in by password, by refresh token, and the change of a temporary password. Refresh tokens
 * and open challenges live as long as the process.
 *
 * @param setPassword checks and stores a user's own password.
 */
export function createSignInFlows(options: {
  pools: ReadonlyMap<string, UserPool>;
  now(): number;
  setPassword(pool: UserPool, user: PoolUser, password: string): Promise<void>;
}): SignInFlows {
  const { pools, now } = options;
  const refreshTokens = new Map<string, { signIn: SignIn; expiresAt: number }>();
  const challenges = new Map<string, Challenge>();

  const clientOf = (id: JsonValue | undefined): { pool: UserPool; client: PoolClient } => {
    for (const pool of pools.values()) {
      const client = pool.clients.get(String(id));
      if (client !== undefined) return { pool, client };
    }
    throw new AwsError(
      'ResourceNotFoundException',
      `User pool client ${String(id)} does not exist.`,
    );
  };

  const tokens = async (signIn: SignIn, refreshToken?: string): Promise<JsonObject> => {
    const { idToken, accessToken } = await issueTokens(signIn, now());
    return {
      ChallengeParameters: {},
      AuthenticationResult: {
        AccessToken: accessToken,
        ExpiresIn: signIn.client.accessTokenSeconds,
        IdToken: idToken,
        ...(refreshToken === undefined ? {} : { RefreshToken: refreshToken }),
        TokenType: 'Bearer',
      },
    };
  };

  const signedIn = (pool: UserPool, client: PoolClient, user: PoolUser): Promise<JsonObject> => {
    const signIn = { pool, client, user, signedInAt: now(), originId: randomUUID() };
    const refreshToken = newSecret();
    const expiresAt = now() + client.refreshTokenSeconds * 1_000;
    refreshTokens.set(refreshToken, { signIn, expiresAt });
    return tokens(signIn, refreshToken);
  };

  const challenged = (pool: UserPool, client: PoolClient, user: PoolUser): JsonObject => {
    const { temporaryValidityDays } = pool.settings.passwordPolicy;
    if (now() > user.passwordSetAt + temporaryValidityDays * dayMs) {
      throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
    }
    const session = newSecret();
    challenges.set(session, { pool, client, user, expiresAt: now() + challengeMs });
    const { sub: _sub, ...userAttributes } = user.attributes;
    return {
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: session,
      ChallengeParameters: {
        USER_ID_FOR_SRP: user.username,
        requiredAttributes: '[]',
        userAttributes: JSON.stringify(userAttributes),
      },
    };
  };

  const byPassword = async (
    pool: UserPool,
    client: PoolClient,
    given: JsonValue | undefined,
  ): Promise<JsonObject> => {
    const user = findUser(pool, required(given, 'USERNAME'));
    const password = required(given, 'PASSWORD');
    if (user === undefined && !client.hidesUnknownUsers) {
      throw new AwsError('UserNotFoundException', 'User does not exist.');
    }
    if (user === undefined || !(await matchesPassword(password, user.passwordHash))) {
      throw notAuthorized('Incorrect username or password.');
    }
    return user.status === 'CONFIRMED'
      ? signedIn(pool, client, user)
      : challenged(pool, client, user);
  };

  const byRefreshToken = (
    client: PoolClient,
    given: JsonValue | undefined,
  ): Promise<JsonObject> => {
    const known = refreshTokens.get(required(given, 'REFRESH_TOKEN'));
    if (known === undefined || known.signIn.client.id !== client.id) {
      throw notAuthorized('Invalid Refresh Token');
    }
    if (now() > known.expiresAt) throw notAuthorized('Refresh Token has expired');
    return tokens(known.signIn);
  };

  return {
    async initiate(parameters) {
      const { pool, client } = clientOf(parameters.ClientId);
      const named = String(parameters.AuthFlow);
      const flow = (named === 'REFRESH_TOKEN' ? 'REFRESH_TOKEN_AUTH' : named) as AuthFlow;
      if (!client.flows.has(flow)) {
        throw invalidParameter(`${named} flow not enabled for this client`);
      }
      return flow === 'USER_PASSWORD_AUTH'
        ? byPassword(pool, client, parameters.AuthParameters)
        : byRefreshToken(client, parameters.AuthParameters);
    },

    async respond({ ClientId, ChallengeName, Session, ChallengeResponses }) {
      const { client } = clientOf(ClientId);
      if (ChallengeName !== 'NEW_PASSWORD_REQUIRED') {
        throw invalidParameter(`The local cloud does not emulate ${String(ChallengeName)}`);
      }
      const session = String(Session);
      const challenge = challenges.get(session);
      const username = required(ChallengeResponses, 'USERNAME');
      const password = required(ChallengeResponses, 'NEW_PASSWORD');
      if (
        challenge === undefined ||
        challenge.client.id !== client.id ||
        findUser(challenge.pool, username) !== challenge.user ||
        now() > challenge.expiresAt
      ) {
        throw notAuthorized('Invalid session for the user.');
      }
      const { pool, user } = challenge;
      await options.setPassword(pool, user, password);
      challenges.delete(session);
      return signedIn(pool, client, user);
    },
  };
}
