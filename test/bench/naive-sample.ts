import { createHmac } from 'node:crypto';
import type { KinesisStreamEvent } from 'aws-lambda';
import { z } from 'zod';

/**
 * The common Kinesis, Lambda and DynamoDB sample, with pseudonyms: each record through zod, each number
 * through an HMAC, each record its own awaited update. Only what the sample gets wrong is like the sample:
 * its stores are as free as ours, and it does neither normal forms, nor windows, nor scores.
 */

const KEY = Buffer.alloc(32, 7);

const CallSchema = z.object({
  event: z.enum(['call.started', 'call.ended']).optional(),
  callId: z.string().max(128).optional(),
  caller: z.string().regex(/^[+\d() -]{3,32}$/),
  callee: z.string().regex(/^[+\d() -]{3,32}$/),
  start: z.union([z.iso.datetime({ offset: true }), z.int()]),
  duration: z.number().min(0).max(86_400).optional(),
  answered: z.boolean().optional(),
  endReason: z.string().max(128).optional(),
  callerDistrict: z
    .string()
    .regex(/^\d{6}$/)
    .optional(),
  calleeDistrict: z
    .string()
    .regex(/^\d{6}$/)
    .optional(),
  imei: z
    .string()
    .regex(/^\d{14,16}$/)
    .optional(),
  international: z.boolean().optional(),
  network: z.string().max(128).optional(),
});

const LegSchema = z.object({
  number: z.string(),
  counterpart: z.string(),
  call: z.int(),
  start: z.int(),
  duration: z.number().optional(),
  answered: z.boolean().optional(),
  originating: z.boolean(),
});

function pseudonymOf(number: string): string {
  return createHmac('sha256', KEY).update(number).digest('base64url');
}

/** An item with running totals, as `UpdateItem` with `ADD` keeps them. */
interface Totals {
  made: number;
  received: number;
  answered: number;
  seconds: number;
}

/** Items by key; a call costs no more than the promise that it returns. */
export class NaiveTable {
  readonly items = new Map<string, unknown>();

  async put(key: string, item: unknown): Promise<void> {
    this.items.set(key, item);
  }

  async add(key: string, by: Totals): Promise<void> {
    const item = this.items.get(key) as Totals | undefined;
    if (item === undefined) {
      this.items.set(key, by);
      return;
    }
    item.made += by.made;
    item.received += by.received;
    item.answered += by.answered;
    item.seconds += by.seconds;
  }
}

/** Takes call records in: each is stored under its pseudonyms. Returns how many were good. */
export async function naiveIntake(event: KinesisStreamEvent, table: NaiveTable): Promise<number> {
  let taken = 0;
  for (const { kinesis } of event.Records) {
    for (const line of Buffer.from(kinesis.data, 'base64').toString('utf8').split('\n')) {
      try {
        const call = CallSchema.parse(JSON.parse(line));
        const caller = pseudonymOf(call.caller);
        const callee = pseudonymOf(call.callee);
        await table.put(`${caller}#${call.start}`, { ...call, caller, callee });
        taken++;
      } catch {
        // The sample drops what it cannot read.
      }
    }
  }
  return taken;
}

/** Adds legs, one to a Kinesis record, to their number's totals. Returns how many. */
export async function naiveScoring(event: KinesisStreamEvent, table: NaiveTable): Promise<number> {
  for (const { kinesis } of event.Records) {
    const leg = LegSchema.parse(JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8')));
    const made = leg.originating ? 1 : 0;
    await table.add(pseudonymOf(leg.number), {
      made,
      received: 1 - made,
      answered: leg.answered === true ? 1 : 0,
      seconds: leg.duration ?? 0,
    });
  }
  return event.Records.length;
}
