import { randomLike } from '../draw.ts';

interface Window {
  readonly from: number;
  readonly until: number;
}

/** A text that the carrier took. */
export interface TakenText {
  readonly at: number;
  readonly to: string;
  readonly messageId: string;
  /** How long the person had opted out by then, in ms; 0 for one who had not. */
  readonly optedOutFor: number;
}

export interface TextsOptions {
  readonly now: () => number;
  readonly refusals: readonly (Window & { readonly error: string })[];
  readonly spent: readonly Window[];
  /** Given a line of the log of texts, as SNS writes it. */
  readonly report: (line: string, afterMs: number) => void;
  readonly seed: number;
  readonly tell: (what: string) => void;
}

const isWithin = (now: number, { from, until }: Window) => from <= now && now < until;

/** What a carrier says of a text in the end. */
const RESPONSES = [
  'Message has been accepted by phone carrier',
  'Message has been accepted by phone',
  'Message has been accepted by phone',
  'Phone is currently unreachable/unavailable',
  'Unknown error attempting to reach phone',
  'Phone carrier is currently unreachable/unavailable',
  'Phone has blocked SMS',
] as const;
const FIRST_FAILURE = 3;

/** Texts through SNS: its register of opt-outs, its refusals, and its log of what became of texts. */
export class Texts {
  readonly taken: TakenText[] = [];
  /** By number, when the person opted out. */
  readonly optOuts = new Map<string, number>();
  /** By number, when the register could not be asked of it. */
  readonly unasked = new Map<string, number[]>();
  /** Texts of which the carrier said in the end what became of them: whether they arrived. */
  readonly reported = new Map<string, boolean>();
  readonly notices: string[] = [];
  readonly #options: TextsOptions;

  constructor(options: TextsOptions) {
    this.#options = options;
  }

  execute(operation: string, input: unknown): unknown {
    const {
      Message = '',
      PhoneNumber,
      phoneNumber = '',
      TopicArn,
    } = input as Record<string, string>;
    const now = this.#options.now();
    if (TopicArn !== undefined) {
      this.notices.push(Message);
      return { MessageId: `notice-${this.notices.length}` };
    }
    const refusal = this.#options.refusals.find((one) => isWithin(now, one));
    if (refusal !== undefined) {
      if (operation === 'CheckIfPhoneNumberIsOptedOut') this.couldNotAsk(phoneNumber);
      throw Object.assign(new Error(refusal.error), { name: refusal.error });
    }
    if (operation === 'CheckIfPhoneNumberIsOptedOut') {
      return { isOptedOut: this.optOuts.has(phoneNumber) };
    }
    return { MessageId: this.#take(PhoneNumber ?? '') };
  }

  /** Notes that whoever asked of a number got no answer. */
  couldNotAsk(phone: string): void {
    this.unasked.set(phone, [...(this.unasked.get(phone) ?? []), this.#options.now()]);
  }

  #take(to: string): string {
    const now = this.#options.now();
    const messageId = `text-${this.taken.length + 1}`;
    const optedOutAt = this.optOuts.get(to);
    const optedOut = optedOutAt !== undefined;
    const optedOutFor = optedOut ? now - optedOutAt : 0;
    this.taken.push({ at: now, to, messageId, optedOutFor });
    this.#options.tell(`the carrier takes ${messageId} for ${to}`);
    const draw = randomLike(this.#options.seed, this.taken.length);
    // Carriers report of most texts; a report comes at once, or hours later.
    if (draw < 0.6) {
      const index = Math.floor(draw * 100) % RESPONSES.length;
      const isSpent = this.#options.spent.some((one) => isWithin(now, one));
      const failed = optedOut || isSpent || index >= FIRST_FAILURE;
      const providerResponse = optedOut
        ? 'Phone number is opted out'
        : isSpent
          ? 'No quota left for account'
          : RESPONSES[index];
      const line = JSON.stringify({
        notification: {
          messageId,
          timestamp: new Date(now).toISOString().replace('T', ' ').replace('Z', ''),
        },
        delivery: {
          destination: to,
          priceInUSD: 0.02,
          phoneCarrier: 'China Mobile',
          providerResponse,
        },
        status: failed ? 'FAILURE' : 'SUCCESS',
      });
      this.reported.set(messageId, !failed);
      this.#options.report(line, draw < 0.2 ? 5 : Math.floor(draw * 600_000));
      // CloudWatch Logs delivers at least once.
      if (draw < 0.05) this.#options.report(line, 1_200_000);
    }
    return messageId;
  }
}
