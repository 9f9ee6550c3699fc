import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { AwsError } from '../gateway/aws-error.ts';
import type { KeptTexts } from '../kept/texts.ts';

/** A text as the handset got it. */
export interface SmsText {
  messageId: string;
  /** E.164. */
  phoneNumber: string;
  message: string;
  /** The `AWS.SNS.SMS.*` and `AWS.MM.SMS.*` attributes it was sent with. */
  attributes: Record<string, string>;
  /** Epoch milliseconds. */
  sentAt: number;
}

/** How SNS answers a text to a number that has opted out. */
export type OptOutAnswer =
  /** Takes the text and drops it, as SNS does by default: only its delivery log tells. */
  | 'drop'
  /** Refuses it with `InvalidParameter`. */
  | 'refuse';

/** What becomes of a text that SNS took. */
export const SMS_ENDS = [
  'delivered',
  /** The phone is switched off. */
  'unreachable',
  /** Its owner blocks texts. */
  'blocked',
  'spam',
  'opted-out',
  /** Nobody knows why it failed, nor through whom. */
  'unknown-carrier',
] as const;
export type SmsEnd = (typeof SMS_ENDS)[number];

/** SNS's failures that tests can ask for. */
export type SmsFailure =
  | 'Throttled'
  | 'SpendLimitExceeded'
  | 'OptedOut'
  | 'InternalError'
  | 'InvalidParameter';

const failures: Record<SmsFailure, () => AwsError> = {
  Throttled: () => new AwsError('Throttled', 'Rate exceeded', 429),
  SpendLimitExceeded: () =>
    new AwsError('UserError', 'Account has exceeded its monthly SMS spending quota'),
  OptedOut: () => new AwsError('OptedOut', 'The phone number has opted out of receiving texts'),
  InternalError: () => new AwsError('InternalError', 'An internal error occurred', 500),
  InvalidParameter: () => new AwsError('InvalidParameter', 'Invalid parameter: PhoneNumber'),
};

const e164 = /^\+[1-9]\d{5,14}$/;

/**
 * The handsets of everybody: where texts to phone numbers arrive. Emits `text` for each that arrives, and `end` for
 * each that SNS took, with what became of it.
 */
export class SmsInbox extends EventEmitter<{ text: [SmsText]; end: [SmsText, SmsEnd] }> {
  /** Texts that were delivered, oldest first. */
  readonly texts: SmsText[] = [];
  /** Texts that SNS took and that did not arrive. */
  readonly dropped: SmsText[] = [];
  readonly #optedOut = new Map<string, OptOutAnswer>();
  readonly #failing: SmsFailure[] = [];
  readonly #ends = new Map<string, { readonly end: SmsEnd; times: number }>();
  readonly #kept: KeptTexts;

  /** @param kept what earlier runs left, and where this one leaves it */
  constructor(kept: KeptTexts) {
    super();
    this.#kept = kept;
    for (const { end, text } of kept.all()) {
      (end === 'delivered' ? this.texts : this.dropped).push(text);
    }
    for (const [phoneNumber, answer] of kept.optedOut()) this.#optedOut.set(phoneNumber, answer);
  }

  optOut(phoneNumber: string, answer: OptOutAnswer = 'drop'): void {
    this.#optedOut.set(phoneNumber, answer);
    this.#kept.keepOptOut(phoneNumber, answer);
  }

  optIn(phoneNumber: string): void {
    this.#optedOut.delete(phoneNumber);
    this.#kept.keepOptOut(phoneNumber, undefined);
  }

  isOptedOut(phoneNumber: string): boolean {
    return this.#optedOut.has(phoneNumber);
  }

  optedOutNumbers(): string[] {
    return [...this.#optedOut.keys()];
  }

  /** The next `times` texts fail with this error. */
  failNext(failure: SmsFailure, times = 1): void {
    for (let count = 0; count < times; count += 1) this.#failing.push(failure);
  }

  /** The next `times` texts to this number end so; those after them arrive, as all do otherwise. */
  letTextsEnd(phoneNumber: string, end: SmsEnd, times = Number.POSITIVE_INFINITY): void {
    this.#ends.set(phoneNumber, { end, times });
  }

  textsTo(phoneNumber: string): SmsText[] {
    return this.texts.filter((text) => text.phoneNumber === phoneNumber);
  }

  /**
   * Takes a text as SNS does; answers its message id.
   *
   * @throws AwsError for a number that is not E.164, an empty or overlong message, or a failure
   * that was asked for.
   */
  send(
    phoneNumber: string,
    message: string,
    attributes: Record<string, string>,
    now: number,
  ): string {
    const failure = this.#failing.shift();
    if (failure !== undefined) throw failures[failure]();
    if (!e164.test(phoneNumber)) {
      throw new AwsError(
        'InvalidParameter',
        'Invalid parameter: PhoneNumber Reason: not a valid phone number in E.164 format',
      );
    }
    if (message === '') throw new AwsError('InvalidParameter', 'Invalid parameter: Empty message');
    // SNS refuses a text of more than 1600 characters.
    if (message.length > 1_600) {
      throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long');
    }
    const text: SmsText = {
      messageId: randomUUID(),
      phoneNumber,
      message,
      attributes,
      sentAt: now,
    };
    const answer = this.#optedOut.get(phoneNumber);
    if (answer === 'refuse') throw failures.OptedOut();
    const end = answer === 'drop' ? 'opted-out' : this.#endOf(phoneNumber);
    this.#kept.add({ text, end });
    if (end === 'delivered') {
      this.texts.push(text);
      this.emit('text', text);
    } else {
      this.dropped.push(text);
    }
    this.emit('end', text, end);
    return text.messageId;
  }

  #endOf(phoneNumber: string): SmsEnd {
    const planned = this.#ends.get(phoneNumber);
    if (planned === undefined || planned.times < 1) return 'delivered';
    planned.times -= 1;
    return planned.end;
  }
}
