import { randomUUID } from 'node:crypto';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { DISTRICTS_CLAIM, type OfficerGroup, STATION_CLAIM } from '../../lib/api/officer.ts';
import { createOfficersClient, type OfficersClient } from '../../lib/api/officers-client.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import { DEMO_STATIONS } from './demo-registers.ts';

/** A user of the local cloud's pool. */
export interface DemoOfficer {
  readonly name: string;
  readonly group: OfficerGroup;
  readonly station?: { readonly id: string; readonly districts: string };
}

/** Known to everybody on purpose, like the local cloud's own key: it opens nothing but this machine's emulators. */
export const DEMO_PASSWORD = 'Forewarn-local-1';

const DESKS = 3;
/** A token is renewed this long before it ends. */
const RENEW_MS = 60_000;

/** Who works in the demonstration: a call desk, an officer per police station, and those who look on. */
export const DEMO_OFFICERS: readonly DemoOfficer[] = [
  ...Array.from({ length: DESKS }, (_, i) => ({
    name: `desk-${i + 1}`,
    group: 'call-desk' as const,
  })),
  ...DEMO_STATIONS.map(({ districts = '', id = '' }) => ({
    name: `station-${id}`,
    group: 'station' as const,
    station: { id, districts },
  })),
  { name: 'supervisor', group: 'supervisor' },
  { name: 'analyst', group: 'analyst' },
  { name: 'auditor', group: 'auditor' },
];

/** Whether an officer takes tasks off a queue. */
export function worksOnTasks({ group }: DemoOfficer): boolean {
  return group === 'call-desk' || group === 'station';
}

/** Makes users of the demonstration's officers in the local cloud's pool, and a client of the officers' API for each. */
export async function officersOfLocalCloud({
  credentials,
  endpoint,
  outputs,
  region,
}: Pick<LocalCloud, 'credentials' | 'endpoint' | 'outputs' | 'region'>): Promise<
  (user: string) => OfficersClient
> {
  const cognito = new CognitoIdentityProviderClient({ credentials, endpoint, region });
  const UserPoolId = outputs.UserPoolId ?? '';
  try {
    for (const { group, name, station } of DEMO_OFFICERS) {
      const user = { UserPoolId, Username: name };
      const UserAttributes =
        station === undefined
          ? []
          : [
              { Name: STATION_CLAIM, Value: station.id },
              { Name: DISTRICTS_CLAIM, Value: station.districts },
            ];
      await cognito
        .send(new AdminCreateUserCommand({ ...user, UserAttributes, MessageAction: 'SUPPRESS' }))
        .catch((error: unknown) => {
          // An earlier run with the same data made him.
          if (!(error instanceof UsernameExistsException)) throw error;
        });
      await cognito.send(
        new AdminSetUserPasswordCommand({ ...user, Password: DEMO_PASSWORD, Permanent: true }),
      );
      await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName: group }));
    }
  } finally {
    cognito.destroy();
  }
  return (user) =>
    createOfficersClient({
      url: (outputs.OfficersApiUrl ?? '').replace(/\/$/, ''),
      idToken: tokenOf(user, { endpoint, region }, outputs.UserPoolClientId ?? ''),
      newKey: randomUUID,
    });
}

/** An ID token that is good now: the pool is asked for another only when one ends. */
function tokenOf(
  user: string,
  config: { readonly endpoint: string; readonly region: string },
  ClientId: string,
): () => Promise<string> {
  let token: { readonly text: string; readonly until: number } | undefined;
  return async () => {
    if (token !== undefined && token.until > Date.now()) return token.text;
    const cognito = new CognitoIdentityProviderClient(config);
    try {
      const { AuthenticationResult: result } = await cognito.send(
        new InitiateAuthCommand({
          AuthFlow: 'USER_PASSWORD_AUTH',
          ClientId,
          AuthParameters: { USERNAME: user, PASSWORD: DEMO_PASSWORD },
        }),
      );
      const text = result?.IdToken ?? '';
      token = { text, until: Date.now() + (result?.ExpiresIn ?? 0) * 1000 - RENEW_MS };
      return text;
    } finally {
      cognito.destroy();
    }
  };
}
