import { gunzipSync } from 'node:zlib';
import { PublishCommand, SetSMSAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import type { SmsEnd } from '../../lib/local/services/sms-inbox.ts';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

const GROUP = 'sns/us-east-1/000000000000/DirectPublishToPhoneNumber';
const NUMBER = '+8613800138000';

/** What the function was invoked with, off its log. */
interface Seen {
  messageType: string;
  owner: string;
  logGroup: string;
  subscriptionFilters: string[];
  logEvents: { message: string }[];
}

describe('what becomes of texts', () => {
  let assembly: SmallAssembly;
  let cloud: LocalCloud;
  let sns: SNSClient;
  const lines: string[] = [];

  beforeAll(async () => {
    const filter = (group: string) => ({
      Type: 'AWS::Logs::SubscriptionFilter',
      Properties: {
        LogGroupName: { Ref: group },
        DestinationArn: { 'Fn::GetAtt': ['reader', 'Arn'] },
        FilterPattern: '',
      },
    });
    const group = (LogGroupName: string) => ({
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName },
    });
    assembly = await writeSmallAssembly({
      functions: {
        reader: {
          source: `
            let fails = 0;
            exports.handler = async (event) => {
              if (process.env.FAILS > fails++) throw new Error('not yet');
              console.log('DATA ' + event.awslogs.data);
            };`,
          properties: { Environment: { Variables: { FAILS: '1' } } },
        },
      },
      resources: {
        Arrived: group(GROUP),
        Failed: group(`${GROUP}/Failure`),
        ArrivedTexts: filter('Arrived'),
        FailedTexts: filter('Failed'),
        LogRole: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
        StrangeRole: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
        LogPolicy: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            PolicyName: 'log',
            Roles: [{ Ref: 'LogRole' }],
            PolicyDocument: {
              Statement: [
                {
                  Effect: 'Allow',
                  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
                  Resource: [
                    { 'Fn::GetAtt': ['Arrived', 'Arn'] },
                    { 'Fn::GetAtt': ['Failed', 'Arn'] },
                  ],
                },
              ],
            },
          },
        },
      },
      outputs: {
        Role: { Value: { 'Fn::GetAtt': ['LogRole', 'Arn'] } },
        Strange: { Value: { 'Fn::GetAtt': ['StrangeRole', 'Arn'] } },
      },
    });
    cloud = await startLocalCloud({ ...assembly, onLog: (_name, line) => lines.push(line) });
    const { credentials, endpoint, region } = cloud;
    sns = new SNSClient({ credentials, endpoint, region, maxAttempts: 1 });
  });

  beforeEach(() => {
    lines.length = 0;
  });

  afterAll(async () => {
    sns?.destroy();
    await cloud?.close();
    await assembly?.remove();
  });

  const logBy = (role: string, rate = '100') =>
    sns.send(
      new SetSMSAttributesCommand({
        attributes: { DeliveryStatusIAMRole: role, DeliveryStatusSuccessSamplingRate: rate },
      }),
    );

  const text = async () =>
    (await sns.send(new PublishCommand({ PhoneNumber: NUMBER, Message: 'hi' }))).MessageId;

  const seen = (): Seen[] =>
    lines
      .filter((line) => line.startsWith('DATA '))
      .map((line) => JSON.parse(gunzipSync(Buffer.from(line.slice(5), 'base64')).toString()));

  it('is logged by nobody until the account says by whom', async () => {
    await text();
    await cloud.settled();
    expect(seen()).toEqual([]);
  });

  it('is logged by no role that may not', async () => {
    await logBy(cloud.outputs.Strange ?? '');
    await text();
    await cloud.settled();
    expect(seen()).toEqual([]);
  });

  it('reaches the subscribed function as CloudWatch Logs hands it over, again when it failed', async () => {
    await logBy(cloud.outputs.Role ?? '');
    const messageId = await text();
    await vi.waitFor(() => expect(seen()).toHaveLength(1), { timeout: 25_000, interval: 50 });
    expect(lines.some((line) => line.includes('not yet'))).toBe(true);
    const [event] = seen();
    expect(event).toMatchObject({
      messageType: 'DATA_MESSAGE',
      owner: '000000000000',
      logGroup: GROUP,
      subscriptionFilters: [expect.stringContaining('ArrivedTexts')],
    });
    expect(JSON.parse(event?.logEvents[0]?.message ?? '')).toMatchObject({
      notification: {
        messageId,
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/),
      },
      delivery: { destination: NUMBER, phoneCarrier: 'China Mobile', priceInUSD: 0.02 },
      status: 'SUCCESS',
    });
  });

  it.each<[SmsEnd, string]>([
    ['unreachable', 'Phone is currently unreachable/unavailable'],
    ['blocked', 'Phone has blocked SMS'],
    ['spam', 'Blocked as spam by phone carrier'],
    ['opted-out', 'Phone number is opted out'],
    ['unknown-carrier', 'Unknown error attempting to reach phone'],
  ])('is told to a handset: %s', async (end, providerResponse) => {
    const arrived = cloud.inbox.textsTo(NUMBER).length;
    cloud.inbox.letTextsEnd(NUMBER, end, 1);
    await text();
    await cloud.settled();
    const [event] = seen();
    expect(event?.logGroup).toBe(`${GROUP}/Failure`);
    expect(JSON.parse(event?.logEvents[0]?.message ?? '')).toMatchObject({
      delivery: { providerResponse },
      status: 'FAILURE',
    });
    expect(cloud.inbox.textsTo(NUMBER)).toHaveLength(arrived);

    await text();
    expect(cloud.inbox.textsTo(NUMBER)).toHaveLength(arrived + 1);
    await cloud.settled();
  });

  it('is told to a handset over the wire, too', async () => {
    const put = (query: string) =>
      fetch(`${cloud.endpoint}/_forewarn/handset?${query}`, { method: 'PUT' });
    expect((await put(`number=${NUMBER}&ends=spam&times=1`)).status).toBe(200);
    await text();
    expect(cloud.inbox.dropped.at(-1)?.phoneNumber).toBe(NUMBER);
    for (const query of [`number=${NUMBER}`, 'ends=spam', `number=${NUMBER}&ends=lost`]) {
      expect((await put(query)).status).toBe(400);
    }
    await cloud.settled();
  });

  it('is not logged of all that arrive when the account wants fewer', async () => {
    await logBy(cloud.outputs.Role ?? '', '0');
    await text();
    await cloud.settled();
    expect(seen()).toEqual([]);
  });
});
