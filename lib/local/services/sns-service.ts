import { randomUUID } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest, AwsResponse } from '../gateway/aws-request.ts';
import { type AwsService, queryResponse } from '../gateway/aws-service.ts';
import type { KeptTexts } from '../kept/texts.ts';
import type { SmsInbox } from './sms-inbox.ts';

/** A message published to a topic. */
export interface TopicMessage {
  topicArn: string;
  subject?: string;
  message: string;
}

export interface SnsService extends AwsService {
  addTopic(arn: string): void;
  /** The account's settings of texts, by `SetSMSAttributes`. */
  smsAttributes: ReadonlyMap<string, string>;
  /** Publishes to a topic as another service of AWS does; to none where it is none of ours. */
  publish(topicArn: string, subject: string, message: string): void;
  /** What was published to topics, oldest first. */
  published: TopicMessage[];
}

function field(request: AwsRequest, name: string): string | undefined {
  const value = request.parameters[name];
  return typeof value === 'string' ? value : undefined;
}

/** Reads `attributes.entry.N.key` and `.value` of the query protocol. */
function smsAttributesOf(request: AwsRequest): [string, string][] {
  const attributes: [string, string][] = [];
  for (let index = 1; ; index += 1) {
    const name = field(request, `attributes.entry.${index}.key`);
    if (name === undefined) return attributes;
    attributes.push([name, field(request, `attributes.entry.${index}.value`) ?? '']);
  }
}

/** Reads `MessageAttributes.entry.N.Name` and `.Value.StringValue` of the query protocol. */
function messageAttributes(request: AwsRequest): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (let index = 1; ; index += 1) {
    const name = field(request, `MessageAttributes.entry.${index}.Name`);
    if (name === undefined) return attributes;
    attributes[name] = field(request, `MessageAttributes.entry.${index}.Value.StringValue`) ?? '';
  }
}

function phoneNumber(request: AwsRequest): string {
  return field(request, 'phoneNumber') ?? '';
}

/** SNS: texts go to the inbox, topic messages are kept; there are no subscriptions. */
export function createSnsService(inbox: SmsInbox, kept: KeptTexts, now: () => number): SnsService {
  const topics = new Set<string>();
  const published: TopicMessage[] = [];
  const smsAttributes = new Map(kept.settings());

  const publish = (request: AwsRequest): AwsResponse => {
    const message = field(request, 'Message') ?? '';
    const number = field(request, 'PhoneNumber');
    if (number !== undefined) {
      const messageId = inbox.send(number, message, messageAttributes(request), now());
      return queryResponse('Publish', `<MessageId>${messageId}</MessageId>`);
    }
    const topicArn = field(request, 'TopicArn') ?? field(request, 'TargetArn') ?? '';
    if (!topics.has(topicArn)) throw new AwsError('NotFound', 'Topic does not exist', 404);
    const subject = field(request, 'Subject');
    published.push({ topicArn, message, ...(subject === undefined ? {} : { subject }) });
    return queryResponse('Publish', `<MessageId>${randomUUID()}</MessageId>`);
  };

  const operations: Record<string, (request: AwsRequest) => AwsResponse> = {
    Publish: publish,
    CheckIfPhoneNumberIsOptedOut: (request) =>
      queryResponse(
        'CheckIfPhoneNumberIsOptedOut',
        `<isOptedOut>${inbox.isOptedOut(phoneNumber(request))}</isOptedOut>`,
      ),
    ListPhoneNumbersOptedOut: () =>
      queryResponse(
        'ListPhoneNumbersOptedOut',
        `<phoneNumbers>${inbox
          .optedOutNumbers()
          .map((number) => `<member>${number}</member>`)
          .join('')}</phoneNumbers>`,
      ),
    OptInPhoneNumber: (request) => {
      inbox.optIn(phoneNumber(request));
      return queryResponse('OptInPhoneNumber', '');
    },
    SetSMSAttributes: (request) => {
      for (const [name, value] of smsAttributesOf(request)) {
        kept.keepSetting(name, value);
        if (value === '') smsAttributes.delete(name);
        else smsAttributes.set(name, value);
      }
      return queryResponse('SetSMSAttributes', '');
    },
    GetSMSAttributes: () =>
      queryResponse(
        'GetSMSAttributes',
        `<attributes>${[...smsAttributes]
          .map(([name, value]) => `<entry><key>${name}</key><value>${value}</value></entry>`)
          .join('')}</attributes>`,
      ),
    ListTopics: () =>
      queryResponse(
        'ListTopics',
        `<Topics>${[...topics].map((arn) => `<member><TopicArn>${arn}</TopicArn></member>`).join('')}</Topics>`,
      ),
  };

  return {
    published,
    smsAttributes,
    publish(topicArn, subject, message) {
      if (topics.has(topicArn)) published.push({ topicArn, subject, message });
    },
    addTopic: (arn) => void topics.add(arn),
    permissions(request) {
      const action = `sns:${request.operation}`;
      // A text has no topic: IAM matches such a request by the phone number alone.
      const resource =
        field(request, 'TopicArn') ?? field(request, 'TargetArn') ?? field(request, 'PhoneNumber');
      return [{ action, resource: resource ?? '*' }];
    },
    async handle(request) {
      const operation = operations[request.operation];
      if (operation === undefined) {
        throw new AwsError('InvalidAction', `SNS ${request.operation} is not emulated`);
      }
      return operation(request);
    },
  };
}
