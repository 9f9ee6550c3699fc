import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { clientConfig, stackOutputs } from '../aws-connection.ts';
import type { LoginOptions } from '../commands/login.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { apiAddress } from '../officers/officers-api.ts';
import { createPrompter } from '../officers/prompt.ts';
import { type Place, readSession, sessionPath, writeSession } from '../officers/session-file.ts';
import { logIn, userPoolAt } from '../officers/user-pool.ts';
import { print } from '../terminal/print.ts';

/** Logs an officer in, and keeps the session. Returns the exit code. */
export async function login(options: LoginOptions): Promise<number> {
  const path = sessionPath(options.stack);
  const before = await readSession(path);
  const place = await placeOf(options, before?.place);
  const prompter = createPrompter();
  try {
    const user = options.user ?? before?.user ?? (await prompter.ask('User: '));
    // Empty is not set: scripts clear a variable so.
    const password =
      process.env.FOREWARN_PASSWORD || (await prompter.askSecretly(`Password of ${user}: `));
    const tokens = await logIn(userPoolAt(place), { user, password }, prompter, Date.now);
    await writeSession(path, { version: 1, place, user, tokens });
    print(`${user} is logged in at ${place.apiUrl}. The session is kept in ${path}.`);
    return EXIT.ok;
  } finally {
    prompter.close();
  }
}

/** What the officer names, else what was named the last time, else what the stack says. */
async function placeOf(options: LoginOptions, before: Place | undefined): Promise<Place> {
  const { apiUrl, clientId } = options;
  if (apiUrl !== undefined && clientId !== undefined) {
    return { apiUrl: apiAddress(apiUrl), clientId, named: true, ...(await awsOf(options)) };
  }
  if (apiUrl !== undefined || clientId !== undefined) {
    throw new UsageError('--api-url and --client-id go together: give both, or none.');
  }
  if (before?.named) return { ...before, ...given(options) };
  const [url, id] = await stackOutputs(options, 'OfficersApiUrl', 'UserPoolClientId');
  return { apiUrl: apiAddress(url), clientId: id, named: false, ...(await awsOf(options)) };
}

function given({ endpoint, region }: LoginOptions) {
  return { ...(endpoint !== undefined && { endpoint }), ...(region !== undefined && { region }) };
}

/** Region and endpoint as the SDK finds them: kept, so that later commands need no configuration of AWS. */
async function awsOf(options: LoginOptions): Promise<Pick<Place, 'region' | 'endpoint'>> {
  const client = new CognitoIdentityProviderClient(clientConfig(options));
  const endpoint = options.endpoint ?? process.env.AWS_ENDPOINT_URL;
  return { region: await client.config.region(), ...(endpoint !== undefined && { endpoint }) };
}
