import type { CallRecordInput, RejectReason } from '../domain/call-record.ts';
import type { SeededRandom } from './seeded-random.ts';

const DAY_MS = 86_400_000;

type Spoil = (record: CallRecordInput, line: string, random: SeededRandom) => unknown;

/** A string is sent as it stands, anything else as JSON. */
const SPOILS = {
  'not-json': (_, line, random) => line.slice(0, 20 + random.below(line.length - 20)),
  'not-an-object': (record) => [record.caller, record.callee, record.start],
  'missing-field': (record, _, random) =>
    random.chance(0.5) ? { ...record, callee: undefined } : { ...record, start: undefined },
  'wrong-type': (record) => ({ ...record, answered: 'yes' }),
  'bad-number': (record, _, random) => ({
    ...record,
    callee: random.pick(['UNKNOWN', '00', '+86 1380', '0086', '']),
  }),
  'caller-is-callee': (record) => ({ ...record, callee: record.caller }),
  'bad-start': (record, _, random) => ({
    ...record,
    start: random.pick(['2026-02-30T09:00:00+08:00', '23/11/2026 09:14', '09:14:03']),
  }),
  'start-in-future': (record) => ({
    ...record,
    start: new Date(record.start).getTime() + 400 * DAY_MS,
  }),
  // Older than a replay of history takes, too.
  'start-too-old': (record) => ({ ...record, start: '1999-01-01T00:00:00+08:00' }),
  'bad-duration': (record) => ({ ...record, event: 'call.ended', duration: -1 }),
  'bad-district': (record) => ({ ...record, callerDistrict: '5101' }),
  'bad-imei': (record) => ({ ...record, imei: '35-209900' }),
  'unknown-event': (record) => ({ ...record, event: 'call.ringing' }),
  'too-long': (record) => ({ ...record, callId: 'x'.repeat(200) }),
} as const satisfies Partial<Record<RejectReason, Spoil>>;

export const BAD_REASONS = Object.keys(SPOILS) as [keyof typeof SPOILS, ...(keyof typeof SPOILS)[]];
export type BadReason = (typeof BAD_REASONS)[number];

/** A broken copy of a record, as a raw line that a careful reader refuses for `reason`. */
export function spoiledLine(
  record: CallRecordInput,
  reason: BadReason,
  random: SeededRandom,
): string {
  const line = JSON.stringify(record);
  const spoil: Spoil = SPOILS[reason];
  const spoiled = spoil(record, line, random);
  return typeof spoiled === 'string' ? spoiled : JSON.stringify(spoiled);
}
