import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  ListUsersCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/local/json-value.ts';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import {
  defaultPasswordPolicy,
  generatePassword,
  passwordProblem,
} from '../../lib/local/user-pools/password-policy.ts';
import {
  CLIENT,
  createLocalUserPool,
  ISSUER,
  type LocalUserPool,
  POOL,
  START,
} from '../support/local-user-pool.ts';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

const PASSWORD = 'Correct4Horse4Battery';
const TEMPORARY = 'Temporary4Horse4Battery';
const second = 1_000;

type Attributes = Record<string, string>;

function create(local: LocalUserPool, Username: string, attributes: Attributes = {}) {
  return local.administrator().send(
    new AdminCreateUserCommand({
      UserPoolId: POOL,
      Username,
      TemporaryPassword: TEMPORARY,
      MessageAction: 'SUPPRESS',
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
    }),
  );
}

function setPassword(local: LocalUserPool, Username: string, Password = PASSWORD) {
  return local
    .administrator()
    .send(
      new AdminSetUserPasswordCommand({ UserPoolId: POOL, Username, Password, Permanent: true }),
    );
}

function signIn(local: LocalUserPool, USERNAME: string, password: string, ClientId = CLIENT) {
  return local.browser.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: password },
    }),
  );
}

async function confirmed(local: LocalUserPool, username = 'ming', attributes: Attributes = {}) {
  await create(local, username, attributes);
  await setPassword(local, username);
}

let local: LocalUserPool;

beforeEach(async () => {
  local = await createLocalUserPool();
});

describe('signing in by password', () => {
  it('gives an ID token with the claims of Cognito, signed by a key that the pool publishes', async () => {
    await confirmed(local, 'ming', {
      email: 'ming@example.org',
      email_verified: 'true',
      'custom:district': '510104',
    });
    for (const GroupName of ['desk', 'lead']) {
      await local
        .administrator()
        .send(new AdminAddUserToGroupCommand({ UserPoolId: POOL, Username: 'ming', GroupName }));
    }

    const { AuthenticationResult, ChallengeName } = await signIn(local, 'Ming', PASSWORD);

    expect(ChallengeName).toBeUndefined();
    expect(AuthenticationResult).toMatchObject({ ExpiresIn: 3_600, TokenType: 'Bearer' });
    const token = AuthenticationResult?.IdToken ?? '';
    const published = local.service.publicDocument({
      method: 'GET',
      url: `/${POOL}/.well-known/jwks.json`,
      headers: {},
    });
    const { payload, protectedHeader } = await jwtVerify(
      token,
      createLocalJWKSet(JSON.parse(String(published?.body))),
      { issuer: ISSUER, audience: CLIENT, currentDate: new Date(local.now) },
    );
    expect(protectedHeader).toEqual({ kid: expect.stringMatching(/^[\w-]{43}=$/), alg: 'RS256' });
    const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(payload).toEqual({
      sub: uuid,
      'cognito:groups': ['lead', 'desk'],
      'cognito:username': 'ming',
      email: 'ming@example.org',
      email_verified: true,
      'custom:district': '510104',
      iss: ISSUER,
      aud: CLIENT,
      token_use: 'id',
      auth_time: START / second,
      iat: START / second,
      exp: START / second + 1_800,
      jti: uuid,
      origin_jti: uuid,
      event_id: uuid,
    });
  });

  it('gives an access token that names the client and shows no attributes', async () => {
    await confirmed(local, 'ming', { email: 'ming@example.org', 'custom:district': '510104' });
    const { AuthenticationResult } = await signIn(local, 'ming', PASSWORD);
    const claims = decodeJwt(AuthenticationResult?.AccessToken ?? '');
    expect(claims).toMatchObject({
      client_id: CLIENT,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      username: 'ming',
      exp: START / second + 3_600,
    });
    for (const absent of ['aud', 'email', 'custom:district', 'cognito:groups']) {
      expect(claims).not.toHaveProperty(absent);
    }
  });

  it.each([
    ['a wrong password', 'ming', 'Wrong4Horse4Battery4', 'NotAuthorizedException'],
    ['a user who does not exist', 'nobody', PASSWORD, 'NotAuthorizedException'],
    ['no password', 'ming', '', 'InvalidParameterException'],
  ])('is refused for %s', async (_what, username, password, name) => {
    await confirmed(local);
    await expect(signIn(local, username, password)).rejects.toMatchObject({ name });
  });

  it('tells who does not exist only where the client does not hide it', async () => {
    const open = await createLocalUserPool({ client: { hidesUnknownUsers: false } });
    await expect(signIn(open, 'nobody', PASSWORD)).rejects.toMatchObject({
      name: 'UserNotFoundException',
    });
  });

  it('is refused for a client that does not exist', async () => {
    await expect(signIn(local, 'ming', PASSWORD, 'none')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('is refused where the client does not allow the flow', async () => {
    const closed = await createLocalUserPool({ client: { flows: new Set() } });
    await confirmed(closed);
    await expect(signIn(closed, 'ming', PASSWORD)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'USER_PASSWORD_AUTH flow not enabled for this client',
    });
  });

  it('leaves out of the ID token what the client may not read', async () => {
    const narrow = await createLocalUserPool({ client: { readAttributes: new Set(['email']) } });
    await confirmed(narrow, 'ming', { email: 'm@example.org', name: 'Ming' });
    const { AuthenticationResult } = await signIn(narrow, 'ming', PASSWORD);
    const claims = decodeJwt(AuthenticationResult?.IdToken ?? '');
    expect(claims).toMatchObject({ email: 'm@example.org', sub: expect.any(String) });
    expect(claims).not.toHaveProperty('name');
  });
});

describe('a temporary password', () => {
  const answer = (Session: string | undefined, NEW_PASSWORD: string, USERNAME = 'ming') =>
    local.browser.send(
      new RespondToAuthChallengeCommand({
        ClientId: CLIENT,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: { USERNAME, NEW_PASSWORD },
      }),
    );

  it('must be changed for one of the user’s own, which then signs in', async () => {
    await create(local, 'ming', { name: 'Ming' });
    const { ChallengeName, ChallengeParameters, Session, AuthenticationResult } = await signIn(
      local,
      'ming',
      TEMPORARY,
    );
    expect(ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    expect(JSON.parse(ChallengeParameters?.userAttributes ?? '')).toEqual({ name: 'Ming' });
    expect(AuthenticationResult).toBeUndefined();

    await expect(answer(Session, 'short')).rejects.toMatchObject({
      name: 'InvalidPasswordException',
    });
    const changed = await answer(Session, PASSWORD);

    expect(changed.AuthenticationResult?.IdToken).toBeDefined();
    expect((await signIn(local, 'ming', PASSWORD)).ChallengeName).toBeUndefined();
    await expect(signIn(local, 'ming', TEMPORARY)).rejects.toThrow('Incorrect');
    await expect(answer(Session, PASSWORD)).rejects.toThrow('Invalid session');
  });

  it('is not changed by somebody else’s session, or too late', async () => {
    await create(local, 'ming');
    await create(local, 'other');
    const { Session } = await signIn(local, 'ming', TEMPORARY);
    await expect(answer('made-up', PASSWORD)).rejects.toThrow('Invalid session');
    await expect(answer(Session, PASSWORD, 'other')).rejects.toThrow('Invalid session');
    local.now += 3 * 60 * second + 1;
    await expect(answer(Session, PASSWORD)).rejects.toThrow('Invalid session');
  });

  it('is good for as many days as the pool says', async () => {
    await create(local, 'ming');
    local.now += 7 * 86_400 * second + 1;
    await expect(signIn(local, 'ming', TEMPORARY)).rejects.toThrow('expired');
  });
});

describe('a refresh token', () => {
  const refresh = (
    REFRESH_TOKEN: string | undefined,
    AuthFlow: 'REFRESH_TOKEN' | 'REFRESH_TOKEN_AUTH' = 'REFRESH_TOKEN_AUTH',
  ) =>
    local.browser.send(
      new InitiateAuthCommand({
        ClientId: CLIENT,
        AuthFlow,
        AuthParameters: { REFRESH_TOKEN: REFRESH_TOKEN ?? '' },
      }),
    );

  it('gives new tokens of the same sign-in until it expires', async () => {
    await confirmed(local);
    const first = (await signIn(local, 'ming', PASSWORD)).AuthenticationResult;
    local.now += 3_600 * second;

    const { AuthenticationResult } = await refresh(first?.RefreshToken);

    expect(AuthenticationResult?.RefreshToken).toBeUndefined();
    const [before, after] = [first, AuthenticationResult].map((result) =>
      decodeJwt(result?.IdToken ?? ''),
    );
    expect(after).toMatchObject({
      auth_time: before?.auth_time,
      origin_jti: before?.origin_jti,
      iat: local.now / second,
      exp: local.now / second + 1_800,
    });
    expect(after?.jti).not.toBe(before?.jti);
    expect(
      (await refresh(first?.RefreshToken, 'REFRESH_TOKEN')).AuthenticationResult,
    ).toBeDefined();
    local.now = START + 86_400 * second + 1;
    await expect(refresh(first?.RefreshToken)).rejects.toThrow('expired');
  });

  it('that nobody gave out is refused', async () => {
    await expect(refresh('made-up')).rejects.toMatchObject({ name: 'NotAuthorizedException' });
  });
});

describe('administration', () => {
  it('shows users as they are made, and lists them by pages and filters', async () => {
    const { User } = await create(local, 'ming', { email: 'ming@example.org' });
    expect(User).toMatchObject({
      Username: 'ming',
      Enabled: true,
      UserStatus: 'FORCE_CHANGE_PASSWORD',
      UserCreateDate: new Date(START),
    });
    await confirmed(local, 'li');
    const administrator = local.administrator();
    const got = await administrator.send(
      new AdminGetUserCommand({ UserPoolId: POOL, Username: 'li' }),
    );
    expect(got).toMatchObject({ Username: 'li', UserStatus: 'CONFIRMED' });
    const list = async (more: object) => {
      const { Users, PaginationToken } = await administrator.send(
        new ListUsersCommand({ UserPoolId: POOL, ...more }),
      );
      return { names: Users?.map(({ Username }) => Username), PaginationToken };
    };
    const page = await list({ Limit: 1 });
    expect(page.names).toEqual(['ming']);
    expect((await list({ PaginationToken: page.PaginationToken })).names).toEqual(['li']);
    expect((await list({ Filter: 'email ^= "ming@"' })).names).toEqual(['ming']);
    expect((await list({ Filter: 'cognito:user_status = "CONFIRMED"' })).names).toEqual(['li']);
    await expect(list({ Filter: 'email ~ "x"' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it.each<[string, Attributes, string]>([
    ['not in the schema', { 'custom:colour': 'red' }, 'custom:colour: Attribute does not exist'],
    ['nobody knows', { shoe: '43' }, 'shoe: Attribute does not exist'],
    ['too long', { 'custom:district': '5101040' }, 'too long'],
    ['no number', { 'custom:rank': 'first' }, 'not a number'],
    ['too large', { 'custom:rank': '10' }, 'too large'],
  ])('refuses an attribute that is %s', async (_what, attributes, message) => {
    await expect(create(local, 'ming', attributes)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(message),
    });
  });

  it('asks for the attributes that the schema requires', async () => {
    const schema = [{ name: 'email', type: 'String' as const, required: true }];
    const strict = await createLocalUserPool({ settings: { schema } });
    await expect(create(strict, 'ming')).rejects.toThrow('email: The attribute is required');
  });

  it('keeps names apart, whatever their case', async () => {
    await create(local, 'ming');
    await expect(create(local, 'MING')).rejects.toMatchObject({ name: 'UsernameExistsException' });
    const strict = await createLocalUserPool({ settings: { caseSensitive: true } });
    await create(strict, 'ming');
    await create(strict, 'MING');
  });

  it('takes emails for names, or as aliases once verified, where the pool says so', async () => {
    const byEmail = await createLocalUserPool({ settings: { emailIsUsername: true } });
    await expect(create(byEmail, 'ming')).rejects.toThrow('should be an email');
    await confirmed(byEmail, 'ming@example.org');
    const { AuthenticationResult } = await signIn(byEmail, 'ming@example.org', PASSWORD);
    const claims = decodeJwt(AuthenticationResult?.IdToken ?? '');
    expect(claims['cognito:username']).toBe(claims.sub);

    const alias = await createLocalUserPool({ settings: { emailIsAlias: true } });
    await confirmed(alias, 'ming', { email: 'm@example.org', email_verified: 'true' });
    await confirmed(alias, 'li', { email: 'l@example.org' });
    expect((await signIn(alias, 'm@example.org', PASSWORD)).AuthenticationResult).toBeDefined();
    await expect(signIn(alias, 'l@example.org', PASSWORD)).rejects.toThrow('Incorrect');
  });

  it('knows no groups, users and pools but its own', async () => {
    await create(local, 'ming');
    const administrator = local.administrator();
    const add = (UserPoolId: string, Username: string, GroupName: string) =>
      administrator.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }));
    await expect(add(POOL, 'ming', 'kings')).rejects.toThrow('Group not found');
    await expect(add(POOL, 'nobody', 'desk')).rejects.toMatchObject({
      name: 'UserNotFoundException',
    });
    await expect(add('us-east-1_None', 'ming', 'desk')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('is for those whose role grants it, and never for unsigned callers', async () => {
    await create(local, 'ming');
    const reader = local.administrator([
      {
        Effect: 'Allow',
        Action: 'cognito-idp:AdminGetUser',
        Resource: `arn:aws:cognito-idp:us-east-1:000000000000:userpool/${POOL}`,
      },
    ]);
    const user = { UserPoolId: POOL, Username: 'ming' };
    await reader.send(new AdminGetUserCommand(user));
    await expect(
      reader.send(new AdminSetUserPasswordCommand({ ...user, Password: PASSWORD })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(local.browser.send(new AdminGetUserCommand(user))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });
});

describe('passwords', () => {
  it.each([
    ['Short1', 'not long enough'],
    ['alllowercase1234', 'uppercase'],
    ['ALLUPPERCASE1234', 'lowercase'],
    ['NoNumbersInHere', 'numeric'],
  ])('break the policy: %s', async (password, message) => {
    await create(local, 'ming');
    await expect(setPassword(local, 'ming', password)).rejects.toMatchObject({
      name: 'InvalidPasswordException',
      message: expect.stringContaining(message),
    });
  });

  it('need a symbol by default, and a space at the end is none', () => {
    expect(passwordProblem(defaultPasswordPolicy, 'Abcdefg1')).toContain('symbol');
    expect(passwordProblem(defaultPasswordPolicy, 'Abcdefg1 ')).toContain('symbol');
    expect(passwordProblem(defaultPasswordPolicy, 'Abcdefg1!')).toBeUndefined();
  });

  it('are made up to fit the policy', () => {
    const policy = { ...defaultPasswordPolicy, minimumLength: 40 };
    for (let turn = 0; turn < 20; turn += 1) {
      expect(passwordProblem(policy, generatePassword(policy))).toBeUndefined();
    }
  });

  it('are kept for the next start as hashes, with the key that signs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'forewarn-test-'));
    const file = join(folder, 'user-pools.json');
    try {
      const first = await createLocalUserPool({ file });
      await confirmed(first);
      const { AuthenticationResult } = await signIn(first, 'ming', PASSWORD);
      expect(await readFile(file, 'utf8')).not.toContain(PASSWORD);

      const next = await createLocalUserPool({ file });

      const again = await signIn(next, 'ming', PASSWORD);
      const [before, after] = [AuthenticationResult, again.AuthenticationResult].map(
        (result) => decodeProtectedHeader(result?.IdToken ?? '').kid,
      );
      expect(after).toBe(before);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('user pools of a stack', () => {
  const pool = (more: JsonObject = {}): JsonObject => ({
    Pool: {
      Type: 'AWS::Cognito::UserPool',
      Properties: {
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
        DeletionProtection: 'ACTIVE',
        EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
        MfaConfiguration: 'OPTIONAL',
        UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' },
        UserPoolTier: 'PLUS',
        Policies: { PasswordPolicy: { MinimumLength: 12 } },
        Schema: [
          {
            AttributeDataType: 'String',
            Mutable: true,
            Name: 'district',
            StringAttributeConstraints: { MaxLength: '6' },
          },
        ],
        ...more,
      },
    },
  });
  const client = (more: JsonObject = {}): JsonObject => ({
    Client: {
      Type: 'AWS::Cognito::UserPoolClient',
      Properties: {
        UserPoolId: { Ref: 'Pool' },
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
        IdTokenValidity: 30,
        TokenValidityUnits: { IdToken: 'minutes' },
        ...more,
      },
    },
  });
  let assembly: SmallAssembly;
  let cloud: LocalCloud;

  beforeAll(async () => {
    assembly = await writeSmallAssembly({
      resources: {
        ...pool(),
        ...client(),
        Desk: {
          Type: 'AWS::Cognito::UserPoolGroup',
          Properties: { UserPoolId: { Ref: 'Pool' }, GroupName: 'desk', Precedence: 1 },
        },
      },
      outputs: {
        Pool: { Value: { Ref: 'Pool' } },
        Client: { Value: { Ref: 'Client' } },
        Desk: { Value: { Ref: 'Desk' } },
        Arn: { Value: { 'Fn::GetAtt': ['Pool', 'Arn'] } },
        Name: { Value: { 'Fn::GetAtt': ['Pool', 'ProviderName'] } },
        Url: { Value: { 'Fn::GetAtt': ['Pool', 'ProviderURL'] } },
        Keys: { Value: { 'Fn::Sub': '${Pool.ProviderURL}/.well-known/jwks.json' } },
      },
    });
    cloud = await startLocalCloud(assembly);
  });

  afterAll(async () => {
    await cloud?.close();
    await assembly?.remove();
  });

  it('have ids and names in the forms of Cognito', () => {
    const { Pool = '', Client, Desk, Arn, Name, Url } = cloud.outputs;
    expect(Pool).toMatch(/^us-east-1_[A-Za-z0-9]{9}$/);
    expect(Client).toMatch(/^[a-z0-9]{26}$/);
    expect(Desk).toBe('desk');
    expect(Arn).toBe(`arn:aws:cognito-idp:us-east-1:000000000000:userpool/${Pool}`);
    expect(Name).toBe(`cognito-idp.us-east-1.amazonaws.com/${Pool}`);
    expect(Url).toBe(`https://${Name}`);
    // The issuer is a name, its keys are an address.
    expect(cloud.outputs.Keys).toBe(`${cloud.endpoint}/${Pool}/.well-known/jwks.json`);
  });

  it('take sign-ins over the network and publish their keys to everybody', async () => {
    const { Pool: UserPoolId = '', Client: ClientId = '' } = cloud.outputs;
    const settings = { endpoint: cloud.endpoint, region: cloud.region };
    const administrator = new CognitoIdentityProviderClient({
      ...settings,
      credentials: cloud.credentials,
    });
    const Username = 'ming';
    await administrator.send(
      new AdminCreateUserCommand({
        UserPoolId,
        Username,
        UserAttributes: [{ Name: 'custom:district', Value: '510104' }],
      }),
    );
    const Password = 'longenough12';
    await administrator.send(
      new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: true }),
    );
    const signedIn = await fetch(cloud.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
      },
      body: JSON.stringify({
        ClientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: Username, PASSWORD: Password },
      }),
    });
    const { AuthenticationResult } = (await signedIn.json()) as {
      AuthenticationResult: { IdToken: string };
    };
    const base = `${cloud.endpoint}/${UserPoolId}/.well-known`;
    const configuration = (await (await fetch(`${base}/openid-configuration`)).json()) as {
      issuer: string;
      jwks_uri: string;
    };
    expect(configuration.issuer).toBe(cloud.outputs.Url);
    const keys = (await (await fetch(configuration.jwks_uri)).json()) as Parameters<
      typeof createLocalJWKSet
    >[0];
    const { payload } = await jwtVerify(AuthenticationResult.IdToken, createLocalJWKSet(keys), {
      issuer: configuration.issuer,
      audience: ClientId,
    });
    expect(payload['custom:district']).toBe('510104');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(1_800);

    const unsigned = await fetch(cloud.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.ListUsers' },
      body: JSON.stringify({ UserPoolId }),
    });
    expect(unsigned.status).toBe(403);
    expect(unsigned.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
  });

  it('give tests tokens of any time', async () => {
    const { Client = '' } = cloud.outputs;
    const { idToken } = await cloud.tokensFor(Client, 'ming', Date.now() - 3_600_000);
    expect(decodeJwt(idToken).exp).toBeLessThan(Date.now() / second);
    await expect(cloud.tokensFor(Client, 'nobody')).rejects.toThrow('does not exist');
  });

  it.each<[string, JsonObject, string]>([
    ['triggers', pool({ LambdaConfig: { PreSignUp: 'arn' } }), 'LambdaConfig'],
    ['phone numbers as names', pool({ UsernameAttributes: ['phone_number'] }), 'name or email'],
    ['a secret', { ...pool(), ...client({ GenerateSecret: true }) }, 'secret'],
    ['a property nobody knows', { ...pool(), ...client({ Colour: 'red' }) }, 'Colour'],
  ])('are refused with %s', async (_what, resources, message) => {
    const refused = await writeSmallAssembly({ resources });
    await expect(startLocalCloud(refused)).rejects.toMatchObject({
      name: 'LocalCloudError',
      code: 'resource-invalid',
      message: expect.stringContaining(message),
    });
    await refused.remove();
  });
});
