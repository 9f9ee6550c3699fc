import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEMO_OFFICERS, officersOfLocalCloud } from '../../bin/replay/officers-of-local-cloud.ts';
import { OFFICER_GROUPS } from '../../lib/api/officer.ts';
import { RefusedError } from '../../lib/api/officers-client.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import { type FakeAws, startFakeAws } from '../support/fake-aws.ts';

let aws: FakeAws;
const asked: { readonly operation: string; readonly input: Record<string, unknown> }[] = [];

beforeAll(async () => {
  const operations = [
    'AdminCreateUser',
    'AdminSetUserPassword',
    'AdminAddUserToGroup',
    'InitiateAuth',
  ].map((operation) => [
    `AWSCognitoIdentityProviderService.${operation}`,
    (input: Record<string, unknown>) => {
      asked.push({ operation, input });
      return { AuthenticationResult: { IdToken: 'a.b.c', ExpiresIn: 3_600 } };
    },
  ]);
  aws = await startFakeAws({}, Object.fromEntries(operations));
});

afterAll(() => aws.close());

it("the demonstration's officers are made in the pool, and sign in when they first call", async () => {
  const endpoint = aws.environment.AWS_ENDPOINT_URL ?? '';
  const cloud: Pick<LocalCloud, 'credentials' | 'endpoint' | 'outputs' | 'region'> = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    outputs: { UserPoolId: 'pool', UserPoolClientId: 'client', OfficersApiUrl: `${endpoint}/api/` },
  };

  const clientOf = await officersOfLocalCloud(cloud);

  const of = (operation: string) =>
    asked.filter((one) => one.operation === operation).map(({ input }) => input);
  const names = DEMO_OFFICERS.map(({ name }) => name);
  expect(of('AdminCreateUser').map(({ Username }) => Username)).toEqual(names);
  expect(of('AdminCreateUser')).toContainEqual(
    expect.objectContaining({
      Username: 'station-jinjiang',
      UserAttributes: [
        { Name: 'custom:station', Value: 'jinjiang' },
        { Name: 'custom:districts', Value: '510104' },
      ],
    }),
  );
  expect(of('AdminSetUserPassword').every(({ Permanent }) => Permanent === true)).toBe(true);
  const groups = new Set(of('AdminAddUserToGroup').map(({ GroupName }) => GroupName));
  expect(groups).toEqual(new Set(OFFICER_GROUPS));
  expect(of('InitiateAuth')).toEqual([]);
  const client = clientOf('desk-1');
  await expect(client('whoAmI')).rejects.toThrow(RefusedError);
  await expect(client('whoAmI')).rejects.toThrow(RefusedError);
  expect(of('InitiateAuth')).toMatchObject([
    { AuthFlow: 'USER_PASSWORD_AUTH', ClientId: 'client', AuthParameters: { USERNAME: 'desk-1' } },
  ]);
});
