import {
  CheckIfPhoneNumberIsOptedOutCommand,
  type MessageAttributeValue,
  PublishCommand,
  type SNSClient,
} from '@aws-sdk/client-sns';

/** What became of a text that was handed to the carrier. */
export type SendOutcome =
  | {
      readonly kind: 'sent';
      readonly messageId: string;
      /** Why the opt-out register could not be asked before, where it could not. */
      readonly unasked?: string;
    }
  | { readonly kind: 'opted-out' }
  /** Trying again cannot help. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Throttled, over the spend limit, or out of reach: try again later. */
  | { readonly kind: 'later'; readonly reason: string };

/** Carries texts. SNS is the default; where it reaches nobody, a platform team puts its own carrier here. */
export interface SmsSender {
  send(e164: string, text: string): Promise<SendOutcome>;
}

export interface SmsSettings {
  /** Shown as the sender where the country allows it. */
  readonly senderId: string | undefined;
  readonly originationNumber: string | undefined;
  /** Decimal text, as SNS takes it. */
  readonly maxPriceUsd: string | undefined;
  /** Registered entity and template, which some countries ask for. */
  readonly entityId: string | undefined;
  readonly templateId: string | undefined;
}

/** Names of SNS errors for which the text itself, or its number, is at fault. */
const PERMANENT: ReadonlySet<string> = new Set([
  'InvalidParameterException',
  'InvalidParameterValueException',
  'InvalidParameter',
  'ValidationException',
]);

function attributesOf(settings: SmsSettings): Record<string, MessageAttributeValue> {
  const values = {
    'AWS.SNS.SMS.SMSType': 'Transactional',
    'AWS.SNS.SMS.SenderID': settings.senderId,
    'AWS.SNS.SMS.MaxPrice': settings.maxPriceUsd,
    'AWS.MM.SMS.OriginationNumber': settings.originationNumber,
    'AWS.MM.SMS.EntityId': settings.entityId,
    'AWS.MM.SMS.TemplateId': settings.templateId,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [
            [
              name,
              { DataType: name.endsWith('MaxPrice') ? 'Number' : 'String', StringValue: value },
            ],
          ],
    ),
  );
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'unknown');

function outcomeOfError(error: unknown): SendOutcome {
  const name = nameOf(error);
  if (name === 'OptedOutException' || name === 'OptedOut') return { kind: 'opted-out' };
  return PERMANENT.has(name) ? { kind: 'refused', reason: name } : { kind: 'later', reason: name };
}

/** Whether the number has opted out; the name of the error when SNS does not say. */
async function askRegister(
  client: SNSClient,
  e164: string,
): Promise<{ readonly optedOut: boolean; readonly unasked?: string }> {
  try {
    const { isOptedOut } = await client.send(
      new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber: e164 }),
    );
    return { optedOut: isOptedOut === true };
  } catch (error) {
    return { optedOut: false, unasked: nameOf(error) };
  }
}

/**
 * Texts through Amazon SNS. Publish accepts a number that opted out and only its delivery log says so later,
 * so the register is asked first. SNS itself delivers to nobody who opted out: a register that cannot be asked
 * costs a true record, and no warning waits for it. Errors become outcomes and never carry the number.
 */
export function createSnsSender(client: SNSClient, settings: SmsSettings): SmsSender {
  const attributes = attributesOf(settings);
  return {
    async send(e164, text) {
      const { optedOut, ...register } = await askRegister(client, e164);
      if (optedOut) return { kind: 'opted-out' };
      try {
        const { MessageId } = await client.send(
          new PublishCommand({ PhoneNumber: e164, Message: text, MessageAttributes: attributes }),
        );
        return { kind: 'sent', messageId: MessageId ?? '', ...register };
      } catch (error) {
        return outcomeOfError(error);
      }
    },
  };
}
