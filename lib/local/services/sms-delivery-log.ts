import { evaluatePolicy } from '../iam/evaluate-policy.ts';
import type { PolicyStatement } from '../iam/policy-document.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';
import type { LogGroups } from './log-groups.ts';
import type { SmsEnd, SmsText } from './sms-inbox.ts';

/** How SNS words what became of a text. */
const RESPONSES: Record<SmsEnd, string> = {
  delivered: 'Message has been accepted by phone',
  unreachable: 'Phone is currently unreachable/unavailable',
  blocked: 'Phone has blocked SMS',
  spam: 'Blocked as spam by phone carrier',
  'opted-out': 'Phone number is opted out',
  'unknown-carrier': 'Unknown error attempting to reach phone',
};

/** A carrier of everybody's, where one is known. */
const CARRIER = { phoneCarrier: 'China Mobile', mcc: 460, mnc: 0 };
/** What a text costs here, in dollars. */
export const PRICE_USD = 0.02;
/** From SNS to the handset and back, in milliseconds. */
const CARRIER_MS = 250;

/** The attributes of the account that say whether texts are logged, and by whom. */
interface SmsLogSettings {
  readonly roleArn: string | undefined;
  /** In percent; failures are all logged. */
  readonly successRate: number;
}

/** A line of SNS's log of texts. @param now epoch ms */
function lineOf(text: SmsText, end: SmsEnd, now: number): string {
  const dwellTimeMs = now - text.sentAt;
  return JSON.stringify({
    notification: {
      messageId: text.messageId,
      timestamp: new Date(text.sentAt).toISOString().replace('T', ' ').replace('Z', ''),
    },
    delivery: {
      ...(end === 'unknown-carrier' ? {} : CARRIER),
      numberOfMessageParts: 1,
      destination: text.phoneNumber,
      priceInUSD: PRICE_USD,
      smsType: text.attributes['AWS.SNS.SMS.SMSType'] ?? 'Promotional',
      providerResponse: RESPONSES[end],
      dwellTimeMs,
      ...(end === 'delivered' && { dwellTimeMsUntilDeviceAck: dwellTimeMs }),
    },
    status: end === 'delivered' ? 'SUCCESS' : 'FAILURE',
  });
}

export interface SmsDeliveryLog {
  /** Logs what became of a text, once the carrier has said so, if the settings say that it is logged. */
  record(text: SmsText, end: SmsEnd, settings: SmsLogSettings): void;
  /** Texts that are with the carrier. */
  pending(): number;
  /** Ends; what is not reported yet is at the next start, where the texts are kept. */
  close(): void;
}

/**
 * SNS's log of texts to phone numbers: a line for each once the account's settings name a role that may write it.
 *
 * @param statementsOf a role's, by its ARN; undefined for none of ours
 */
export function createSmsDeliveryLog(options: {
  readonly cloud: CloudIdentity;
  readonly logs: LogGroups;
  readonly statementsOf: (roleArn: string) => readonly PolicyStatement[] | undefined;
  /** Told of each text that is done with, logged or not. */
  readonly onLogged: (messageId: string) => void;
  readonly now: () => number;
}): SmsDeliveryLog {
  const { cloud, logs, now, onLogged, statementsOf } = options;
  const arrived = `sns/${cloud.region}/${cloud.accountId}/DirectPublishToPhoneNumber`;
  const mayWrite = (roleArn: string, group: string): boolean => {
    const resource = arnOf(cloud, 'logs', `log-group:${group}:log-stream:texts`);
    return ['logs:CreateLogStream', 'logs:PutLogEvents'].every(
      (action) =>
        evaluatePolicy(statementsOf(roleArn) ?? [], { action, resource }, {}, () => undefined) ===
        'allowed',
    );
  };
  const pending = new Set<NodeJS.Timeout>();
  let closed = false;
  return {
    record(text, end, { roleArn, successRate }) {
      const group = end === 'delivered' ? arrived : `${arrived}/Failure`;
      const isSampled = end !== 'delivered' || Math.random() * 100 < successRate;
      if (roleArn === undefined || !mayWrite(roleArn, group) || !isSampled) {
        onLogged(text.messageId);
        return;
      }
      if (closed) return;
      const timer = setTimeout(() => {
        pending.delete(timer);
        const at = now();
        logs.write(group, [lineOf(text, end, at)], at);
        onLogged(text.messageId);
      }, CARRIER_MS).unref();
      pending.add(timer);
    },
    pending: () => pending.size,
    close() {
      closed = true;
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}
