import type { CallPhase } from '../domain/call-record.ts';
import type { Exposure, Reason } from '../domain/exposure.ts';
import { FRAUD_KINDS } from '../domain/fraud-kind.ts';
import type { Leg, NumberToken } from '../domain/leg.ts';

/**
 * Numbers are spread over this many partition keys. Fewer fill frames better; more spread over more shards.
 * Changing it moves numbers to other shards, whose sequence numbers do not compare: drain the stream first.
 */
export const BUCKETS = 32;
/** Kinesis bills a PUT by payload units of 25 KB: one frame, one unit. */
export const FRAME_BYTES = 25 * 1024;
const FRAME_FORMAT = 1;

/** Many legs or exposures of one bucket, in one Kinesis record. */
export interface Frame {
  readonly partitionKey: string;
  /** Spreads the buckets evenly over the shards, which hashed names of so few would not be. */
  readonly explicitHashKey: string;
  readonly data: Buffer;
  /** Positions, in the packed list, of what the frame holds. */
  readonly items: number[];
}

/** A frame could not be read: it was not written by this product, or by another version of it. */
export class FrameError extends Error {
  readonly code = 'BAD_FRAME';

  constructor(detail: string, options?: ErrorOptions) {
    super(`a frame cannot be read: ${detail}`, options);
    this.name = 'FrameError';
  }
}

const HASH_KEY_SPACE = 2n ** 128n;
const HASH_KEYS = Array.from({ length: BUCKETS }, (_, bucket) =>
  ((HASH_KEY_SPACE * BigInt(2 * bucket + 1)) / BigInt(2 * BUCKETS)).toString(),
);

/** The bucket of a number: one number's items always travel in order through one shard. */
export function bucketOf(number: NumberToken): number {
  // Two characters of the sealed number, of which all values are equally likely: 12 bits.
  return (number.charCodeAt(1) * 7 + number.charCodeAt(2)) % BUCKETS;
}

/**
 * Packs rows (JSON text without a line break) into frames by the bucket of their number, in order.
 *
 * @param header what kind of rows they are
 */
function packRows(
  rows: readonly string[],
  numbers: readonly NumberToken[],
  header: string,
): Frame[] {
  const open = new Array<{ rows: string[]; items: number[]; length: number } | undefined>(BUCKETS);
  const frames: Frame[] = [];
  const prefix = `{"v":${FRAME_FORMAT},"${header}":[`;
  const close = (bucket: number) => {
    const frame = open[bucket];
    if (frame === undefined) return;
    frames.push({
      partitionKey: String(bucket),
      explicitHashKey: HASH_KEYS[bucket] ?? '0',
      data: Buffer.from(`${prefix}${frame.rows.join(',')}]}`, 'latin1'),
      items: frame.items,
    });
    open[bucket] = undefined;
  };
  rows.forEach((row, i) => {
    const bucket = bucketOf(numbers[i] ?? '');
    const frame = open[bucket];
    if (frame !== undefined && frame.length + row.length + 1 <= FRAME_BYTES) {
      frame.rows.push(row);
      frame.items.push(i);
      frame.length += row.length + 1;
      return;
    }
    close(bucket);
    open[bucket] = { rows: [row], items: [i], length: prefix.length + row.length + 2 };
  });
  for (let bucket = 0; bucket < BUCKETS; bucket++) close(bucket);
  return frames;
}

function readRows(data: Buffer, header: string): unknown[][] {
  let frame: unknown;
  try {
    frame = JSON.parse(data.toString('latin1'));
  } catch (cause) {
    throw new FrameError('it is not JSON', { cause });
  }
  const { v, [header]: rows } = (frame ?? {}) as Record<string, unknown>;
  if (v !== FRAME_FORMAT) throw new FrameError('unknown format');
  if (!Array.isArray(rows)) throw new FrameError(`it holds no ${header}`);
  return rows as unknown[][];
}

const PHASES: readonly CallPhase[] = ['complete', 'started', 'ended'];
const LEG_FLAG = {
  originating: 1,
  answered: 8,
  answerUnknown: 16,
  service: 32,
  international: 64,
} as const;
const PHASE_SHIFT = 1;

function legFlags(leg: Leg): number {
  return (
    (leg.originating ? LEG_FLAG.originating : 0) |
    (PHASES.indexOf(leg.phase) << PHASE_SHIFT) |
    (leg.answered === true ? LEG_FLAG.answered : 0) |
    (leg.answered === undefined ? LEG_FLAG.answerUnknown : 0) |
    (leg.counterpartIsService ? LEG_FLAG.service : 0) |
    (leg.international ? LEG_FLAG.international : 0)
  );
}

/** Written by hand: every part is a number or base64url, so nothing needs escaping. */
function legRow(leg: Leg): string {
  return `["${leg.number}","${leg.counterpart}",${leg.call},${leg.start},${leg.duration ?? -1},${legFlags(leg)},${leg.district},${leg.handset},${leg.arrivedAt}]`;
}

type LegRow = [string, string, number, number, number, number, number, number, number];

function legOfRow(row: LegRow): Leg {
  const flags = row[5];
  return {
    number: row[0],
    counterpart: row[1],
    originating: (flags & LEG_FLAG.originating) !== 0,
    phase: PHASES[(flags >> PHASE_SHIFT) & 3] ?? 'complete',
    call: row[2],
    start: row[3],
    duration: row[4] < 0 ? undefined : row[4],
    answered:
      (flags & LEG_FLAG.answerUnknown) !== 0 ? undefined : (flags & LEG_FLAG.answered) !== 0,
    counterpartIsService: (flags & LEG_FLAG.service) !== 0,
    international: (flags & LEG_FLAG.international) !== 0,
    district: row[6],
    handset: row[7],
    arrivedAt: row[8],
  };
}

/** Packs legs into frames; `items` are positions in `legs`. */
export function packLegs(legs: readonly Leg[]): Frame[] {
  return packRows(
    legs.map(legRow),
    legs.map((leg) => leg.number),
    'legs',
  );
}

/** @throws FrameError */
export function unpackLegs(data: Buffer): Leg[] {
  return (readRows(data, 'legs') as LegRow[]).map(legOfRow);
}

function exposureRow(exposure: Exposure): string {
  const { finding } = exposure;
  return JSON.stringify([
    exposure.subject,
    exposure.caller,
    exposure.call,
    exposure.start,
    exposure.duration ?? -1,
    exposure.answered === undefined ? -1 : Number(exposure.answered),
    exposure.arrivedAt,
    finding.at,
    finding.until,
    finding.points,
    FRAUD_KINDS.indexOf(finding.kind),
    finding.reasons.map((reason) => [reason.id, reason.points]),
    finding.policyVersion,
  ]);
}

type ExposureRow = [
  string,
  string,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  [string, number][],
  number,
];

function exposureOfRow(row: ExposureRow): Exposure {
  return {
    subject: row[0],
    caller: row[1],
    call: row[2],
    start: row[3],
    duration: row[4] < 0 ? undefined : row[4],
    answered: row[5] < 0 ? undefined : row[5] === 1,
    arrivedAt: row[6],
    finding: {
      at: row[7],
      until: row[8],
      points: row[9],
      kind: FRAUD_KINDS[row[10]] ?? 'other',
      reasons: row[11].map(([id, points]): Reason => ({ id, points })),
      policyVersion: row[12],
    },
  };
}

/** Packs exposures into frames by their subject; `items` are positions in `exposures`. */
export function packExposures(exposures: readonly Exposure[]): Frame[] {
  return packRows(
    exposures.map(exposureRow),
    exposures.map((exposure) => exposure.subject),
    'exposures',
  );
}

/** @throws FrameError */
export function unpackExposures(data: Buffer): Exposure[] {
  return (readRows(data, 'exposures') as ExposureRow[]).map(exposureOfRow);
}
