import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CheckIfPhoneNumberIsOptedOutCommand,
  PublishCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

describe('the services that need no function', () => {
  let assembly: SmallAssembly;
  let cloud: LocalCloud;
  let settings: { endpoint: string; region: string; credentials: LocalCloud['credentials'] };

  beforeAll(async () => {
    assembly = await writeSmallAssembly({
      resources: {
        Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
        DeadLetters: { Type: 'AWS::SQS::Queue', Properties: {} },
        Queue: {
          Type: 'AWS::SQS::Queue',
          Properties: {
            VisibilityTimeout: 5,
            RedrivePolicy: {
              deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] },
              maxReceiveCount: 3,
            },
          },
        },
        Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
        Secret: {
          Type: 'AWS::SecretsManager::Secret',
          Properties: {
            GenerateSecretString: {
              SecretStringTemplate: '{"current":"1"}',
              GenerateStringKey: '1',
              PasswordLength: 64,
              ExcludePunctuation: true,
            },
          },
        },
      },
      outputs: {
        Bucket: { Value: { Ref: 'Bucket' } },
        Queue: { Value: { Ref: 'Queue' } },
        Secret: { Value: { Ref: 'Secret' } },
        Topic: { Value: { Ref: 'Topic' } },
        Joined: { Value: { 'Fn::Join': ['-', [{ Ref: 'AWS::StackName' }, 'a & b']] } },
      },
    });
    cloud = await startLocalCloud(assembly);
    settings = {
      endpoint: cloud.endpoint,
      region: cloud.region,
      credentials: cloud.credentials,
    };
  });

  afterAll(async () => {
    await cloud?.close();
    await assembly?.remove();
  });

  it('stores objects and lists them by prefix', async () => {
    const s3 = new S3Client(settings);
    const Bucket = cloud.outputs.Bucket;
    await s3.send(new PutObjectCommand({ Bucket, Key: 'quarantine/a b.json', Body: '{"x":1}' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'other/c', Body: 'c' }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'quarantine/a b.json' }));
    expect(await got.Body?.transformToString()).toBe('{"x":1}');
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'quarantine/' }));
    expect(listed.Contents?.map(({ Key }) => Key)).toEqual(['quarantine/a b.json']);
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });

  it('hands a queued message to a receiver, also one who waits', async () => {
    const sqs = new SQSClient(settings);
    const QueueUrl = cloud.outputs.Queue;
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    expect((await waiting).Messages?.map(({ Body }) => Body)).toEqual(['hello']);
  });

  it('generates a secret that stays the same while the cloud runs', async () => {
    const secrets = new SecretsManagerClient(settings);
    const read = () => secrets.send(new GetSecretValueCommand({ SecretId: cloud.outputs.Secret }));
    const { SecretString = '' } = await read();
    const secret = JSON.parse(SecretString) as Record<string, string>;
    expect(secret.current).toBe('1');
    expect(secret['1']).toMatch(/^[A-Za-z0-9]{64}$/);
    expect((await read()).SecretString).toBe(SecretString);
    const none = secrets.send(new GetSecretValueCommand({ SecretId: 'none' }));
    await expect(none).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('tells the outputs of the stack', async () => {
    const cloudFormation = new CloudFormationClient(settings);
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'Small' }));
    const joined = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'Joined');
    expect(joined?.OutputValue).toBe('Small-a & b');
    const other = cloudFormation.send(new DescribeStacksCommand({ StackName: 'Other' }));
    await expect(other).rejects.toMatchObject({ name: 'ValidationError' });
  });

  describe('texts', () => {
    const sns = () => new SNSClient({ ...settings, maxAttempts: 1 });
    const text = (PhoneNumber: string, Message = 'hi') =>
      sns().send(
        new PublishCommand({
          PhoneNumber,
          Message,
          MessageAttributes: {
            'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' },
          },
        }),
      );

    it('arrive in the inbox with their attributes', async () => {
      const heard: string[] = [];
      cloud.inbox.on('text', ({ phoneNumber }) => heard.push(phoneNumber));
      const { MessageId } = await text('+8613800138000', '您好 & <hello>');
      expect(heard).toEqual(['+8613800138000']);
      expect(cloud.inbox.textsTo('+8613800138000')).toMatchObject([
        {
          messageId: MessageId,
          message: '您好 & <hello>',
          attributes: { 'AWS.SNS.SMS.SMSType': 'Transactional' },
        },
      ]);
      const page = await fetch(`${cloud.endpoint}/_forewarn/inbox?to=+8613800138000`);
      expect(await page.json()).toHaveLength(1);
    });

    it('to a number that is not E.164 are refused without naming it', async () => {
      const error = await text('13800138001').catch((reason: Error) => reason);
      expect(error).toMatchObject({ name: 'InvalidParameterException' });
      expect(String(error)).not.toContain('13800138001');
    });

    it('to somebody who opted out are taken and dropped, as SNS does', async () => {
      cloud.inbox.optOut('+8613800138002');
      await text('+8613800138002');
      expect(cloud.inbox.textsTo('+8613800138002')).toEqual([]);
      expect(cloud.inbox.dropped).toMatchObject([{ phoneNumber: '+8613800138002' }]);
      const asked = await sns().send(
        new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber: '+8613800138002' }),
      );
      expect(asked.isOptedOut).toBe(true);
    });

    it('fail as often as a test asks for', async () => {
      cloud.inbox.failNext('Throttled', 2);
      await expect(text('+8613800138003')).rejects.toMatchObject({ name: 'ThrottledException' });
      await expect(text('+8613800138003')).rejects.toMatchObject({ name: 'ThrottledException' });
      await text('+8613800138003');
      expect(cloud.inbox.textsTo('+8613800138003')).toHaveLength(1);
    });
  });

  it('answers what it does not emulate with an error in the shape of AWS', async () => {
    const sqs = new SecretsManagerClient({ ...settings, maxAttempts: 1 });
    const { ListSecretsCommand } = await import('@aws-sdk/client-secrets-manager');
    await expect(sqs.send(new ListSecretsCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
  });

  it('refuses an access key that it did not give out', async () => {
    const credentials = { accessKeyId: 'AKIDSOMEBODYELSE', secretAccessKey: 'x' };
    const secrets = new SecretsManagerClient({ ...settings, credentials, maxAttempts: 1 });
    await expect(secrets.send(new GetSecretValueCommand({ SecretId: 'x' }))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });
});
