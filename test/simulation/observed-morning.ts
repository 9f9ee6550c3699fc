import { type Call, parseCallRecord, type Rejection } from '../../lib/domain/call-record.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import {
  type MorningOptions,
  type SimulatedMorning,
  type SimulatedRecord,
  simulateMorning,
} from '../../lib/simulation/simulate-morning.ts';

const DAY_MS = 86_400_000;

export interface Observed {
  readonly morning: SimulatedMorning;
  /** Good records, in order; `repeated` marks those that were there before. */
  readonly records: { readonly call: Call; readonly repeated: boolean }[];
  readonly rejections: Rejection[];
  /** Rejected although they are objects. */
  readonly rejectedObjects: number;
  readonly items: number;
}

/** Reads a morning as the pipeline would, with the domain's own parser. */
export function observeMorning(options: MorningOptions): Observed {
  const morning = simulateMorning(options);
  const context = {
    normaliseNumber: createNumberNormaliser('CN'),
    nowMs: Date.UTC(2026, 10, 24),
    retentionMs: 30 * DAY_MS,
    maxFutureMs: 300_000,
  };
  const records: Observed['records'] = [];
  const rejections: Rejection[] = [];
  const seen = new Set<SimulatedRecord>();
  let rejectedObjects = 0;
  let items = 0;
  for (const record of morning.records()) {
    items++;
    const value = typeof record === 'string' ? readJson(record) : record;
    const parsed: ReturnType<typeof parseCallRecord> =
      value === undefined
        ? { ok: false, reason: 'not-json', detail: 'not JSON' }
        : parseCallRecord(value, context);
    if (parsed.ok) {
      // A repetition is the very same record.
      records.push({ call: parsed.call, repeated: seen.has(record) });
      seen.add(record);
    } else {
      rejections.push(parsed);
      if (typeof record !== 'string') rejectedObjects++;
    }
  }
  return { morning, records, rejections, rejectedObjects, items };
}

function readJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Each call once, from the record that knows its end. */
export function finishedCalls({ records }: Observed): Call[] {
  return records
    .filter(({ call, repeated }) => !repeated && call.phase !== 'started')
    .map(({ call }) => call);
}
