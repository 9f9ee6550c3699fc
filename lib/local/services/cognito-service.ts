import { randomUUID } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsResponse } from '../gateway/aws-request.ts';
import { type AwsService, jsonResponse } from '../gateway/aws-service.ts';
import type { HttpExchange } from '../gateway/gateway-server.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { attributesProblem } from '../user-pools/attribute-schema.ts';
import { type IssuedTokens, issueTokens } from '../user-pools/issue-tokens.ts';
import { hashPassword } from '../user-pools/password-hash.ts';
import { generatePassword, passwordProblem } from '../user-pools/password-policy.ts';
import { createSignInFlows } from '../user-pools/sign-in.ts';
import type { SigningKey } from '../user-pools/signing-key.ts';
import {
  findUser,
  type PoolClient,
  type PoolGroup,
  type PoolUser,
  type UserPool,
  type UserPoolSettings,
} from '../user-pools/user-pool.ts';
import { createUserPoolStore } from '../user-pools/user-pool-store.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';

export interface CognitoService extends AwsService {
  addPool(settings: UserPoolSettings): Promise<void>;
  /** @throws AwsError `ResourceNotFoundException` for an unknown pool. */
  addClient(poolId: string, client: PoolClient): void;
  /** @throws AwsError `ResourceNotFoundException` for an unknown pool. */
  addGroup(poolId: string, group: PoolGroup): void;
  /** The key that signs the tokens of an issuer; undefined for one that is no pool of ours. */
  keyOf(issuer: string): SigningKey | undefined;
  /** A text with the addresses of what our pools publish on AWS replaced by those that it has here. */
  localAddresses(text: string): string;
  /** What a pool publishes for everybody: its keys and its OpenID configuration. */
  publicDocument(exchange: HttpExchange): AwsResponse | undefined;
  /**
   * Tokens without a sign-in, as of any time.
   *
   * @throws AwsError when client or user are unknown.
   */
  tokensFor(clientId: string, username: string, now: number): Promise<IssuedTokens>;
}

const documentPath = /^\/([^/?]+)\/\.well-known\/(jwks\.json|openid-configuration)$/;
const documentOnAws = /https:\/\/cognito-idp\.[^/]+\/([^/]+)(\/\.well-known\/)/g;
const filterForm = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/;
const mostUsersListed = 60;

function readAttributes(given: JsonValue | undefined): Record<string, string> {
  const listed = Array.isArray(given) ? given.filter(isJsonObject) : [];
  return Object.fromEntries(listed.map(({ Name, Value }) => [String(Name), String(Value ?? '')]));
}

function listAttributes(user: PoolUser): JsonObject[] {
  return Object.entries(user.attributes).map(([Name, Value]) => ({ Name, Value }));
}

function describe(user: PoolUser): JsonObject {
  return {
    Username: user.username,
    UserCreateDate: user.createdAt / 1_000,
    UserLastModifiedDate: user.modifiedAt / 1_000,
    Enabled: true,
    UserStatus: user.status,
  };
}

/** `username = "x"`, `email ^= "a"`, `cognito:user_status = "CONFIRMED"`. */
function userFilter(text: JsonValue | undefined): (user: PoolUser) => boolean {
  if (text === undefined || text === '') return () => true;
  const [, name = '', operator, quoted = ''] = filterForm.exec(String(text)) ?? [];
  if (operator === undefined) {
    throw new AwsError('InvalidParameterException', 'Error while parsing filter');
  }
  if (name.startsWith('custom:')) {
    throw new AwsError('InvalidParameterException', 'Custom attributes cannot be filtered by');
  }
  const wanted = quoted.replaceAll(/\\(.)/g, '$1');
  return (user) => {
    const own: Record<string, string> = {
      username: user.username,
      'cognito:user_status': user.status,
      status: 'Enabled',
    };
    const value = own[name] ?? user.attributes[name];
    return operator === '=' ? value === wanted : value?.startsWith(wanted) === true;
  };
}

/**
 * Cognito user pools: administrators make users, users sign in by password, tokens are signed.
 * No mail or text is sent, and second factors are not asked for.
 *
 * @param options.file where users and keys are kept for the next start; undefined for nowhere.
 */
export function createCognitoService(options: {
  cloud: CloudIdentity;
  endpoint(): string;
  file: string | undefined;
  now(): number;
}): CognitoService {
  const { cloud, now } = options;
  const store = createUserPoolStore(options.file);

  const poolOf = (id: JsonValue | undefined): UserPool => {
    const pool = store.pools.get(String(id));
    if (pool !== undefined) return pool;
    throw new AwsError('ResourceNotFoundException', `User pool ${String(id)} does not exist.`);
  };
  const userOf = (pool: UserPool, name: JsonValue | undefined): PoolUser => {
    const user = findUser(pool, String(name));
    if (user !== undefined) return user;
    throw new AwsError('UserNotFoundException', 'User does not exist.');
  };

  const setPassword = async (
    pool: UserPool,
    user: PoolUser,
    password: string,
    status: PoolUser['status'],
  ): Promise<void> => {
    const problem = passwordProblem(pool.settings.passwordPolicy, password);
    if (problem !== undefined) throw new AwsError('InvalidPasswordException', problem);
    user.passwordHash = await hashPassword(password);
    user.passwordSetAt = now();
    user.modifiedAt = now();
    user.status = status;
    store.save();
  };
  const flows = createSignInFlows({
    pools: store.pools,
    now,
    setPassword: (pool, user, password) => setPassword(pool, user, password, 'CONFIRMED'),
  });

  const createUser = async (parameters: JsonObject): Promise<PoolUser> => {
    const pool = poolOf(parameters.UserPoolId);
    const given = String(parameters.Username ?? '');
    if (given === '') throw new AwsError('InvalidParameterException', 'Username is missing');
    const { emailIsUsername, schema, passwordPolicy } = pool.settings;
    if (emailIsUsername && !given.includes('@')) {
      throw new AwsError('InvalidParameterException', 'Username should be an email.');
    }
    const attributes = {
      ...readAttributes(parameters.UserAttributes),
      ...(emailIsUsername ? { email: given } : {}),
    };
    const problem = attributesProblem(schema, attributes);
    if (problem !== undefined) throw new AwsError('InvalidParameterException', problem);
    const sub = randomUUID();
    const user: PoolUser = {
      username: emailIsUsername ? sub : given,
      attributes: { ...attributes, sub },
      passwordHash: '',
      passwordSetAt: 0,
      status: 'FORCE_CHANGE_PASSWORD',
      groups: [],
      createdAt: now(),
      modifiedAt: now(),
    };
    const { TemporaryPassword } = parameters;
    const password =
      typeof TemporaryPassword === 'string' ? TemporaryPassword : generatePassword(passwordPolicy);
    await setPassword(pool, user, password, 'FORCE_CHANGE_PASSWORD');
    if (findUser(pool, given) !== undefined) {
      throw new AwsError('UsernameExistsException', 'User account already exists');
    }
    pool.users.set(user.username, user);
    store.save();
    return user;
  };

  const operations: Record<string, (parameters: JsonObject) => Promise<JsonObject>> = {
    InitiateAuth: flows.initiate,
    RespondToAuthChallenge: flows.respond,
    async AdminCreateUser(parameters) {
      const user = await createUser(parameters);
      return { User: { ...describe(user), Attributes: listAttributes(user) } };
    },
    async AdminSetUserPassword({ UserPoolId, Username, Password, Permanent }) {
      const pool = poolOf(UserPoolId);
      const status = Permanent === true ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
      await setPassword(pool, userOf(pool, Username), String(Password ?? ''), status);
      return {};
    },
    async AdminAddUserToGroup({ UserPoolId, Username, GroupName }) {
      const pool = poolOf(UserPoolId);
      const user = userOf(pool, Username);
      const group = String(GroupName);
      if (!pool.groups.has(group)) {
        throw new AwsError('ResourceNotFoundException', 'Group not found.');
      }
      if (!user.groups.includes(group)) user.groups.push(group);
      store.save();
      return {};
    },
    async AdminGetUser({ UserPoolId, Username }) {
      const user = userOf(poolOf(UserPoolId), Username);
      return { ...describe(user), UserAttributes: listAttributes(user) };
    },
    async ListUsers({ UserPoolId, Limit, PaginationToken, Filter }) {
      const pool = poolOf(UserPoolId);
      const all = [...pool.users.values()].filter(userFilter(Filter));
      const start = Number(PaginationToken ?? 0);
      const end = start + Math.min(Number(Limit ?? mostUsersListed), mostUsersListed);
      return {
        Users: all
          .slice(start, end)
          .map((user) => ({ ...describe(user), Attributes: listAttributes(user) })),
        ...(end < all.length ? { PaginationToken: String(end) } : {}),
      };
    },
  };
  const unsigned = new Set(['InitiateAuth', 'RespondToAuthChallenge']);

  const openIdConfiguration = ({ settings }: UserPool): JsonObject => ({
    id_token_signing_alg_values_supported: ['RS256'],
    issuer: settings.issuer,
    jwks_uri: `${options.endpoint()}/${settings.id}/.well-known/jwks.json`,
    response_types_supported: ['code', 'token'],
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
  });

  return {
    unsigned,
    async addPool(settings) {
      await store.open(settings);
    },
    addClient: (poolId, client) => void poolOf(poolId).clients.set(client.id, client),
    addGroup: (poolId, group) => void poolOf(poolId).groups.set(group.name, group),
    keyOf: (issuer) =>
      [...store.pools.values()].find(({ settings }) => settings.issuer === issuer)?.key,
    localAddresses: (text) =>
      text.replaceAll(documentOnAws, (original, id: string, path: string) =>
        store.pools.has(id) ? `${options.endpoint()}/${id}${path}` : original,
      ),
    publicDocument({ method, url }) {
      const [, id = '', document] = (method === 'GET' && documentPath.exec(url)) || [];
      const pool = store.pools.get(id);
      if (pool === undefined) return undefined;
      const body =
        document === 'jwks.json' ? { keys: [pool.key.publicJwk] } : openIdConfiguration(pool);
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
    },
    async tokensFor(clientId, username, at) {
      const pool = [...store.pools.values()].find(({ clients }) => clients.has(clientId));
      const client = pool?.clients.get(clientId);
      if (pool === undefined || client === undefined) {
        throw new AwsError(
          'ResourceNotFoundException',
          `User pool client ${clientId} does not exist.`,
        );
      }
      const user = userOf(pool, username);
      const signIn = { pool, client, user, signedInAt: at, originId: randomUUID() };
      return issueTokens(signIn, at);
    },
    permissions({ operation, parameters }) {
      if (unsigned.has(operation)) return [];
      const id = parameters.UserPoolId;
      const resource =
        id === undefined ? '*' : arnOf(cloud, 'cognito-idp', `userpool/${String(id)}`);
      return [{ action: `cognito-idp:${operation}`, resource }];
    },
    async handle({ operation, parameters }) {
      const run = operations[operation];
      if (run === undefined) {
        throw new AwsError('UnknownOperationException', `Cognito ${operation} is not emulated`);
      }
      return jsonResponse(await run(parameters));
    },
  };
}
