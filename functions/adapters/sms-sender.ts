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
  | {
      readonly kind: 'later';
      readonly reason: string;
      /** The text may have been taken: its answer got lost. */
      readonly perhapsSent?: true;
    };

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
  if (PERMANENT.has(name)) return { kind: 'refused', reason: name };
  return { kind: 'later', reason: name, ...(!isRefusal(error) && { perhapsSent: true }) };
}

/** Whether SNS itself said that it did not take the text. */
function isRefusal(error: unknown): boolean {
  const { $metadata } = (error ?? {}) as { $metadata?: { readonly httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
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
 *
 * @param client publishes, and must not try again by itself: SNS cannot tell a text from its repeat
 * @param register asks for opt-outs
 */
export function createSnsSender(
  client: SNSClient,
  settings: SmsSettings,
  register: SNSClient = client,
): SmsSender {
  const attributes = attributesOf(settings);
  return {
    async send(e164, text) {
      const { optedOut, ...unasked } = await askRegister(register, e164);
      if (optedOut) return { kind: 'opted-out' };
      try {
        const { MessageId } = await client.send(
          new PublishCommand({ PhoneNumber: e164, Message: text, MessageAttributes: attributes }),
        );
        return { kind: 'sent', messageId: MessageId ?? '', ...unasked };
      } catch (error) {
        return outcomeOfError(error);
      }
    },
  };
}
