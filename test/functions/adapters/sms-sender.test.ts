import {
  CheckIfPhoneNumberIsOptedOutCommand,
  PublishCommand,
  type SNSClient,
} from '@aws-sdk/client-sns';
import { describe, expect, test } from 'vitest';
import { createTextingClient } from '../../../functions/adapters/aws-clients.ts';
import { createSnsSender, type SmsSettings } from '../../../functions/adapters/sms-sender.ts';

const NUMBER = '+8613800001000';
const TEXT = 'a warning';
const settings: SmsSettings = {
  senderId: 'Forewarn',
  originationNumber: undefined,
  maxPriceUsd: '0.10',
  entityId: undefined,
  templateId: undefined,
};

function errorNamed(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(`${name} of ${NUMBER}`), { name, $metadata: { httpStatusCode } });
}

/** SNS that answers, or throws, what it is told to; and the texts it took. */
function snsWith(answers: { optedOut?: boolean | Error; publish?: Error } = {}) {
  const published: PublishCommand['input'][] = [];
  const send = async (command: unknown) => {
    if (command instanceof CheckIfPhoneNumberIsOptedOutCommand) {
      const { optedOut = false } = answers;
      if (optedOut instanceof Error) throw optedOut;
      return { isOptedOut: optedOut };
    }
    if (!(command instanceof PublishCommand)) throw new Error('SNS was asked something else');
    if (answers.publish) throw answers.publish;
    published.push(command.input);
    return { MessageId: 'message-1' };
  };
  const sender = createSnsSender({ send } as unknown as SNSClient, settings);
  return { published, send: () => sender.send(NUMBER, TEXT) };
}

describe('texts through SNS', () => {
  test('a text goes out as transactional, with the sender and the price that were set', async () => {
    const sns = snsWith();

    expect(await sns.send()).toEqual({ kind: 'sent', messageId: 'message-1' });

    expect(sns.published).toEqual([
      {
        PhoneNumber: NUMBER,
        Message: TEXT,
        MessageAttributes: {
          'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' },
          'AWS.SNS.SMS.SenderID': { DataType: 'String', StringValue: 'Forewarn' },
          'AWS.SNS.SMS.MaxPrice': { DataType: 'Number', StringValue: '0.10' },
        },
      },
    ]);
  });

  test('nothing goes to a number that opted out', async () => {
    const sns = snsWith({ optedOut: true });
    expect(await sns.send()).toEqual({ kind: 'opted-out' });
    expect(sns.published).toEqual([]);
  });

  test('no warning waits for a register of opt-outs that cannot be asked, and it is recorded', async () => {
    const sns = snsWith({ optedOut: errorNamed('ThrottledException') });

    expect(await sns.send()).toEqual({
      kind: 'sent',
      messageId: 'message-1',
      unasked: 'ThrottledException',
    });
    expect(sns.published).toHaveLength(1);
  });

  test.each([
    ['ThrottledException', { kind: 'later', reason: 'ThrottledException' }],
    ['InvalidParameterException', { kind: 'refused', reason: 'InvalidParameterException' }],
    ['OptedOutException', { kind: 'opted-out' }],
  ])(
    'when publishing fails with %s, what comes of it never shows the number',
    async (name, end) => {
      expect(await snsWith({ publish: errorNamed(name) }).send()).toEqual(end);
    },
  );

  test.each([
    ['the answer gets lost', Object.assign(new Error('no answer'), { name: 'TimeoutError' })],
    ['SNS breaks down over it', errorNamed('TimeoutError', 500)],
  ])('a text may be out when %s', async (_, publish) => {
    expect(await snsWith({ publish }).send()).toEqual({
      kind: 'later',
      reason: 'TimeoutError',
      perhapsSent: true,
    });
  });

  test('a request for a text is made once, and never again by the client itself', async () => {
    expect(await createTextingClient().config.maxAttempts()).toBe(1);
  });
});
