import type { DeliveryReport, FailureReason } from '../../lib/domain/delivery/text-delivery.ts';

/** Parts of SNS's wordings, lower-cased; the first that a response has tells the reason. */
const WORDINGS: readonly (readonly [part: string, reason: FailureReason])[] = [
  ['opted out', 'opted-out'],
  ['phone carrier is currently unreachable', 'carrier-unreachable'],
  ['phone is currently unreachable', 'unreachable'],
  ['blocked as spam', 'spam'],
  ['phone carrier has blocked', 'spam'],
  ['phone has blocked', 'phone-blocked'],
  ['blocked list', 'blocked-list'],
  ['invalid phone number', 'invalid-number'],
  ['message body is invalid', 'invalid-message'],
  ['max price', 'too-dear'],
];

/** A name as it may stand on an item; what is no name is none. */
const CARRIER = /^[\p{L}\p{N}][\p{L}\p{N} .,&()'/+-]{0,59}$/u;
/** A carrier's name that holds a run of digits this long may hold a number of somebody's. */
const NUMBER_LIKE = /\d(?:[ .-]?\d){5}/;
const MESSAGE_ID = /^[\w-]{1,100}$/;

function reasonOf(providerResponse: unknown): FailureReason {
  const text = typeof providerResponse === 'string' ? providerResponse.toLowerCase() : '';
  return WORDINGS.find(([part]) => text.includes(part))?.[1] ?? 'unknown';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** SNS writes UTC without saying so: `2016-06-28 00:40:34.558`. 0 for anything else. */
function timeOf(timestamp: unknown): number {
  if (typeof timestamp !== 'string') return 0;
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,3})?)$/.exec(timestamp) ?? [];
  const ms = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(ms) ? 0 : ms;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a line of SNS's log of texts. What it says of the person, the clear number, goes no further than here.
 *
 * @param now epoch ms
 * @returns undefined for a line that is no report
 */
export function readDeliveryLine(line: string, now: number): DeliveryReport | undefined {
  const { delivery, notification, status } = parse(line) ?? {};
  if (!isObject(notification) || (status !== 'SUCCESS' && status !== 'FAILURE')) return undefined;
  const { messageId, timestamp } = notification;
  if (typeof messageId !== 'string' || !MESSAGE_ID.test(messageId)) return undefined;
  const { dwellTimeMs, dwellTimeMsUntilDeviceAck, phoneCarrier, priceInUSD, providerResponse } =
    isObject(delivery) ? delivery : {};
  const carrier =
    typeof phoneCarrier === 'string' &&
    CARRIER.test(phoneCarrier) &&
    !NUMBER_LIKE.test(phoneCarrier)
      ? phoneCarrier
      : undefined;
  const priceUsd = amount(priceInUSD);
  const dwellMs = amount(dwellTimeMsUntilDeviceAck) ?? amount(dwellTimeMs);
  return {
    messageId,
    ...(status === 'FAILURE' && { failure: reasonOf(providerResponse) }),
    sentAt: timeOf(timestamp),
    at: now,
    ...(carrier !== undefined && { carrier }),
    ...(priceUsd !== undefined && { priceUsd }),
    ...(dwellMs !== undefined && { dwellMs }),
  };
}
