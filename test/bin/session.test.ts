import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../../lib/api/problem.ts';
import { type FakeAws, startFakeAws } from '../support/fake-aws.ts';
import { type OfficersApiServer, startOfficersApi } from '../support/officers-api-server.ts';
import { type Finished, startForewarn } from '../support/run-forewarn.ts';

type Input = Record<string, unknown>;

let api: OfficersApiServer;
let aws: FakeAws;
let folder: string;
/** What the pool was asked, by operation. */
let asked: { operation: string; input: Input }[];
/** What the pool answers to each next login, or answer to a challenge. */
let logins: (Input | Error)[];

const HOUR_S = 3_600;

function refusal(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function tokens(id: string, more: Input = {}): Input {
  const result = { IdToken: id, AccessToken: 'access', ExpiresIn: HOUR_S, TokenType: 'Bearer' };
  return { AuthenticationResult: { ...result, ...more } };
}

function pool(operation: string) {
  return (input: Input) => {
    asked.push({ operation, input });
    const next = logins.shift() ?? {};
    if (next instanceof Error) throw next;
    return next;
  };
}

beforeAll(async () => {
  api = await startOfficersApi({
    whoAmI: ({ token }) => {
      if (token === 'ended') throw new ProblemError('unauthenticated', 'expired');
      return { name: token, groups: ['call-desk'], districts: [], queue: 'call-desk' };
    },
  });
  const service = 'AWSCognitoIdentityProviderService';
  aws = await startFakeAws(
    { OfficersApiUrl: `${api.url}/`, UserPoolId: 'us-east-1_pool', UserPoolClientId: 'client-7' },
    Object.fromEntries(
      [
        'InitiateAuth',
        'RespondToAuthChallenge',
        'AssociateSoftwareToken',
        'VerifySoftwareToken',
        'RevokeToken',
      ].map((operation) => [`${service}.${operation}`, pool(operation)]),
    ),
  );
});

afterAll(async () => {
  await api.close();
  await aws.close();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forewarn-session-'));
  asked = [];
  logins = [];
  api.calls.length = 0;
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  expect(api.breaches.splice(0)).toEqual([]);
});

const PASSWORD = 'correct horse 7!';

interface Run {
  readonly environment?: Readonly<Record<string, string>>;
  readonly typed?: string;
}

function run(args: readonly string[], { environment = {}, typed = '' }: Run = {}) {
  const forewarn = startForewarn(args, { XDG_STATE_HOME: folder, ...environment });
  forewarn.process.stdin?.end(typed);
  return forewarn.finished;
}

/** An officer's own machine: no credentials, no region, no endpoint. */
function loginByPlace(more: readonly string[] = [], options: Run = {}): Promise<Finished> {
  const endpoint = aws.environment.AWS_ENDPOINT_URL ?? '';
  const place = ['--api-url', api.url, '--client-id', 'client-7', '--region', 'us-east-1'];
  return run(['login', '--user', 'chen', ...place, '--endpoint', endpoint, ...more], {
    ...options,
    environment: { FOREWARN_PASSWORD: PASSWORD, ...options.environment },
  });
}

function sessionFile(stack = 'Forewarn-dev'): string {
  return join(folder, 'forewarn', `session-${stack}.json`);
}

async function session() {
  return JSON.parse(await readFile(sessionFile(), 'utf8'));
}

describe('forewarn login', () => {
  it('reads the stack where there are credentials, and asks for what it does not know', async () => {
    logins = [tokens('id-1', { RefreshToken: 'refresh-1' })];
    const done = await run(['login'], {
      environment: aws.environment,
      typed: `chen\n${PASSWORD}\n`,
    });
    expect(done.stderr).toBe('User: Password of chen: \n');
    expect(done.stdout).toContain(`chen is logged in at ${api.url}.`);
    expect(done.code).toBe(0);
    expect(asked).toEqual([
      {
        operation: 'InitiateAuth',
        input: {
          AuthFlow: 'USER_PASSWORD_AUTH',
          ClientId: 'client-7',
          AuthParameters: { USERNAME: 'chen', PASSWORD },
        },
      },
    ]);
  });

  it('needs no credentials where the place is named, and keeps the session for the user alone', async () => {
    logins = [tokens('id-1', { RefreshToken: 'refresh-1' })];
    expect(await loginByPlace()).toMatchObject({ code: 0, stderr: '' });
    expect((await stat(sessionFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'forewarn'))).mode & 0o777).toBe(0o700);
    expect(await session()).toMatchObject({
      place: { apiUrl: api.url, clientId: 'client-7', region: 'us-east-1', named: true },
      user: 'chen',
      tokens: { id: 'id-1', refresh: 'refresh-1', expiresAt: expect.any(Number) },
    });
    expect(await readFile(sessionFile(), 'utf8')).not.toContain(PASSWORD);
  });

  it('remembers a place that was named, and the user, also past a logout', async () => {
    logins = [tokens('id-1', { RefreshToken: 'refresh-1' }), {}, tokens('id-2')];
    await loginByPlace();
    await run(['logout']);
    const again = await run(['login'], { environment: { FOREWARN_PASSWORD: PASSWORD } });
    expect(again.code).toBe(0);
    expect(await session()).toMatchObject({ user: 'chen', tokens: { id: 'id-2' } });
  });

  it('keeps the sessions of two stacks apart', async () => {
    logins = [tokens('id-dev'), tokens('id-prod')];
    await loginByPlace();
    await loginByPlace(['--stack', 'Forewarn-prod']);
    expect((await run(['whoami'])).stdout).toContain('id-dev');
    expect((await run(['whoami', '--stack', 'Forewarn-prod'])).stdout).toContain('id-prod');
    expect((await run(['whoami', '--stack', '../../etc'])).code).toBe(2);
  });

  it('asks for a new password, twice, where the pool wants one', async () => {
    logins = [
      {
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: 'goes-on',
        ChallengeParameters: { USER_ID_FOR_SRP: 'chen-id' },
      },
      tokens('id-1'),
    ];
    expect((await loginByPlace([], { typed: 'much better 8?\nmuch better 8?\n' })).code).toBe(0);
    expect(asked[1]).toEqual({
      operation: 'RespondToAuthChallenge',
      input: {
        ClientId: 'client-7',
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: 'goes-on',
        ChallengeResponses: { USERNAME: 'chen-id', NEW_PASSWORD: 'much better 8?' },
      },
    });
  });

  it('changes no password where the two differ', async () => {
    logins = [{ ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: 'goes-on' }];
    const { code, stderr } = await loginByPlace([], { typed: 'one\nother\n' });
    expect(stderr).toContain('The two differ: nothing was changed');
    expect(code).toBe(2);
    expect(asked).toHaveLength(1);
  });

  it('asks for the code of an authenticator', async () => {
    logins = [{ ChallengeName: 'SOFTWARE_TOKEN_MFA', Session: 'goes-on' }, tokens('id-1')];
    expect((await loginByPlace([], { typed: '123 456\n' })).code).toBe(0);
    expect(asked[1]?.input).toMatchObject({
      Session: 'goes-on',
      ChallengeResponses: { USERNAME: 'chen', SOFTWARE_TOKEN_MFA_CODE: '123456' },
    });
  });

  it('sets up an authenticator where the pool wants one and there is none', async () => {
    logins = [
      { ChallengeName: 'MFA_SETUP', Session: 'begun' },
      { SecretCode: 'JBSWY3DPEHPK3PXP', Session: 'associated' },
      { Status: 'SUCCESS', Session: 'verified' },
      tokens('id-1'),
    ];
    const { code, stderr } = await loginByPlace([], { typed: '123456\n' });
    expect(stderr).toContain('otpauth://totp/Forewarn%3Achen?secret=JBSWY3DPEHPK3PXP');
    expect(code).toBe(0);
    expect(asked.map(({ input }) => input.Session)).toEqual([
      undefined,
      'begun',
      'associated',
      'verified',
    ]);
  });

  it.each([
    ['NotAuthorizedException', 'Incorrect username or password.', 2],
    ['PasswordResetRequiredException', 'Password reset required for the user', 2],
    ['InternalErrorException', 'try later', 3],
  ])('says why the pool does not let one in: %s', async (name, message, code) => {
    logins = Array.from({ length: 5 }, () => refusal(name, message));
    const refused = await loginByPlace();
    expect(refused).toMatchObject({ code, stderr: expect.stringContaining(message) });
    await expect(stat(sessionFile())).rejects.toThrow('ENOENT');
  });

  it('refuses challenges that it cannot answer, half a place, and an API in the clear', async () => {
    logins = [{ ChallengeName: 'SMS_MFA', Session: 'goes-on' }];
    expect((await loginByPlace()).stderr).toContain('The user pool asks for SMS_MFA');
    expect((await run(['login', '--api-url', api.url])).stderr).toContain('go together');
    const clear = await loginByPlace(['--api-url', 'http://api.example.org']);
    expect(clear.stderr).toContain('must begin with https://');
  });

  it('says so when the input ends before the password', async () => {
    const { code, stderr } = await loginByPlace([], { environment: { FOREWARN_PASSWORD: '' } });
    expect(stderr).toContain('The input ended where an answer was needed');
    expect(code).toBe(2);
  });
});

async function loggedInUntil(expiresAt: number, refresh?: string): Promise<void> {
  logins = [tokens('id-1', refresh === undefined ? {} : { RefreshToken: refresh })];
  await loginByPlace();
  const kept = await session();
  kept.tokens.expiresAt = expiresAt;
  await writeFile(sessionFile(), JSON.stringify(kept));
  asked = [];
}

describe('a session', () => {
  it('is used as long as its token is good', async () => {
    await loggedInUntil(Date.now() + 600_000, 'refresh-1');
    const { code, stdout } = await run(['whoami']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/name\s+id-1\ngroups\s+call-desk\nqueue\s+call-desk\n/);
    expect(asked).toEqual([]);
  });

  it('is refreshed by itself when its token is about to expire, and kept', async () => {
    await loggedInUntil(Date.now() + 60_000, 'refresh-1');
    logins = [tokens('id-2')];
    expect((await run(['whoami'])).stdout).toContain('id-2');
    expect((await run(['whoami'])).stdout).toContain('id-2');
    expect(asked).toEqual([
      {
        operation: 'InitiateAuth',
        input: {
          AuthFlow: 'REFRESH_TOKEN_AUTH',
          ClientId: 'client-7',
          AuthParameters: { REFRESH_TOKEN: 'refresh-1' },
        },
      },
    ]);
    expect((await session()).tokens).toMatchObject({ id: 'id-2', refresh: 'refresh-1' });
    expect((await stat(sessionFile())).mode & 0o777).toBe(0o600);
  });

  it('has ended when its refresh token is good no more, or the API takes its token no more', async () => {
    await loggedInUntil(Date.now(), 'refresh-1');
    logins = [refusal('NotAuthorizedException', 'Refresh Token has expired')];
    const ended = { code: 2, stderr: 'forewarn: Your session has ended: forewarn login\n' };
    expect(await run(['whoami'])).toMatchObject(ended);
    logins = [tokens('ended')];
    expect(await run(['whoami'])).toMatchObject(ended);
  });

  it('is not there before a login; a broken one is said to be', async () => {
    const missing = await run(['task', 'list', '--stack', 'Forewarn-prod']);
    expect(missing).toMatchObject({
      code: 2,
      stderr: 'forewarn: You are not logged in: forewarn login --stack Forewarn-prod\n',
    });
    await loggedInUntil(0);
    await writeFile(sessionFile(), '{}');
    expect((await run(['whoami'])).stderr).toContain('is no session: remove it');
  });

  it('gives way to a token in the environment', async () => {
    await loggedInUntil(0);
    expect(await run(['whoami'], { environment: api.environment })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('token-of-chen'),
    });
    const environment = { ...api.environment, FOREWARN_ID_TOKEN: 'ended' };
    expect((await run(['whoami'], { environment })).stderr).toContain('FOREWARN_ID_TOKEN');
    const half = await run(['whoami'], { environment: { FOREWARN_ID_TOKEN: 'alone' } });
    expect(half.stderr).toContain('go together');
  });
});

describe('forewarn logout', () => {
  it('forgets the tokens and has the pool revoke them', async () => {
    await loggedInUntil(Date.now() + 600_000, 'refresh-1');
    expect(await run(['logout'])).toMatchObject({ code: 0, stdout: 'chen is logged out.\n' });
    expect(asked).toEqual([
      { operation: 'RevokeToken', input: { ClientId: 'client-7', Token: 'refresh-1' } },
    ]);
    expect(await readFile(sessionFile(), 'utf8')).not.toMatch(/id-1|refresh-1/);
    expect((await run(['logout'])).stdout).toBe('You are not logged in.\n');
    expect((await run(['whoami'])).code).toBe(2);
  });

  it('forgets them too when the pool cannot be told, and says so', async () => {
    await loggedInUntil(Date.now() + 600_000, 'refresh-1');
    logins = [refusal('UnsupportedTokenTypeException', 'no')];
    const { code, stderr } = await run(['logout']);
    expect(code).toBe(3);
    expect(stderr).toContain('could not be told');
    expect(await session()).not.toHaveProperty('tokens');
  });
});
