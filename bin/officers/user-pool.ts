import {
  AssociateSoftwareTokenCommand,
  type AuthenticationResultType,
  CognitoIdentityProviderClient,
  CognitoIdentityProviderServiceException,
  InitiateAuthCommand,
  type InitiateAuthCommandOutput,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { plainText } from '../../lib/domain/plain-text.ts';
import { UsageError } from '../exit-codes.ts';
import { LoginRefusedError } from './errors.ts';
import type { Prompter } from './prompt.ts';
import type { Place, Tokens } from './session-file.ts';

/** A client of a user pool. None of its calls here is signed: an officer has no AWS credentials. */
export interface UserPool {
  readonly client: CognitoIdentityProviderClient;
  readonly clientId: string;
}

/** The user pool of a place. */
export function userPoolAt({
  clientId,
  endpoint,
  region,
}: Omit<Place, 'apiUrl' | 'named'>): UserPool {
  const client = new CognitoIdentityProviderClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
  });
  return { client, clientId };
}

/** What the officer, not the machine, has to mend: by the pool's own names. */
const OFFICERS_OWN: ReadonlySet<string> = new Set([
  'CodeMismatchException',
  'EnableSoftwareTokenMFAException',
  'ExpiredCodeException',
  'InvalidPasswordException',
  'NotAuthorizedException',
  'PasswordHistoryPolicyViolationException',
  'PasswordResetRequiredException',
  'UserNotConfirmedException',
  'UserNotFoundException',
]);

/**
 * Logs an officer in, and asks for what the pool wants beside the password: a new one, or the code of an authenticator.
 *
 * @param now epoch ms
 * @throws {LoginRefusedError} when the pool does not let the officer in
 */
export async function logIn(
  { client, clientId }: UserPool,
  { user, password }: { readonly user: string; readonly password: string },
  prompter: Prompter,
  now: () => number,
): Promise<Tokens> {
  return refusedInWords(async () => {
    let answer: InitiateAuthCommandOutput = await client.send(
      new InitiateAuthCommand({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: clientId,
        AuthParameters: { USERNAME: user, PASSWORD: password },
      }),
    );
    while (answer.AuthenticationResult === undefined) {
      const name = answer.ChallengeName;
      const username = answer.ChallengeParameters?.USER_ID_FOR_SRP ?? user;
      const { responses, session } = await answerTo(client, answer, user, prompter);
      answer = await client.send(
        new RespondToAuthChallengeCommand({
          ClientId: clientId,
          ChallengeName: name,
          Session: session,
          ChallengeResponses: { USERNAME: username, ...responses },
        }),
      );
    }
    return tokensOf(answer.AuthenticationResult, now());
  });
}

interface ChallengeAnswer {
  /** Names the login that goes on. */
  readonly session: string | undefined;
  readonly responses: Readonly<Record<string, string>>;
}

async function answerTo(
  client: CognitoIdentityProviderClient,
  { ChallengeName: name, Session: session }: InitiateAuthCommandOutput,
  user: string,
  prompter: Prompter,
): Promise<ChallengeAnswer> {
  switch (name) {
    case 'NEW_PASSWORD_REQUIRED':
      return { session, responses: { NEW_PASSWORD: await newPassword(prompter) } };
    case 'SOFTWARE_TOKEN_MFA':
      return { session, responses: { SOFTWARE_TOKEN_MFA_CODE: await codeOf(prompter) } };
    case 'MFA_SETUP':
      return { session: await setUpAuthenticator(client, session, user, prompter), responses: {} };
    default:
      throw new LoginRefusedError(`The user pool asks for ${name}, which forewarn does not know.`);
  }
}

async function newPassword(prompter: Prompter): Promise<string> {
  const password = await prompter.askSecretly('A new password is needed. New password: ');
  const again = await prompter.askSecretly('The same again: ');
  if (password === again) return password;
  throw new UsageError('The two differ: nothing was changed, log in again.');
}

async function codeOf(prompter: Prompter): Promise<string> {
  return (await prompter.ask('Code of your authenticator: ')).replaceAll(/\s/g, '');
}

/** Of an officer's first login, where the pool wants a second factor. Returns the name of the login that goes on. */
async function setUpAuthenticator(
  client: CognitoIdentityProviderClient,
  session: string | undefined,
  user: string,
  prompter: Prompter,
): Promise<string | undefined> {
  const begun = await client.send(new AssociateSoftwareTokenCommand({ Session: session }));
  const secret = plainText(begun.SecretCode ?? '');
  const label = encodeURIComponent(`Forewarn:${user}`);
  prompter.tell(
    `Add this to your authenticator:\n  secret  ${secret}\n` +
      `  address otpauth://totp/${label}?secret=${secret}&issuer=Forewarn`,
  );
  const verified = await client.send(
    new VerifySoftwareTokenCommand({ Session: begun.Session, UserCode: await codeOf(prompter) }),
  );
  return verified.Session;
}

/**
 * A new ID token for a refresh token.
 *
 * @param now epoch ms
 * @throws {LoginRefusedError} when the refresh token is good no more
 */
export async function refreshTokens(
  { client, clientId }: UserPool,
  refresh: string,
  now: () => number,
): Promise<Tokens> {
  return refusedInWords(async () => {
    const { AuthenticationResult: result } = await client.send(
      new InitiateAuthCommand({
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        ClientId: clientId,
        AuthParameters: { REFRESH_TOKEN: refresh },
      }),
    );
    // The pool gives a new refresh token only where it is set to rotate them.
    return { refresh, ...tokensOf(result ?? {}, now()) };
  });
}

/** Makes a refresh token, and what was made from it, worthless. */
export async function revoke({ client, clientId }: UserPool, refresh: string): Promise<void> {
  await client.send(new RevokeTokenCommand({ ClientId: clientId, Token: refresh }));
}

function tokensOf({ ExpiresIn, IdToken, RefreshToken }: AuthenticationResultType, now: number) {
  if (IdToken === undefined) throw new LoginRefusedError('The user pool gave no ID token.');
  return {
    id: IdToken,
    expiresAt: now + (ExpiresIn ?? 0) * 1_000,
    ...(RefreshToken !== undefined && { refresh: RefreshToken }),
  };
}

async function refusedInWords<Result>(attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await attempt();
  } catch (cause) {
    const isOfficers =
      cause instanceof CognitoIdentityProviderServiceException && OFFICERS_OWN.has(cause.name);
    if (isOfficers) throw new LoginRefusedError(plainText(cause.message), { cause });
    throw cause;
  }
}
