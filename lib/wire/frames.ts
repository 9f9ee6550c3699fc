import type { CallPhase } from '../domain/call-record.ts';
import { type Exposure, type ExposureSide, type Reason, TRACKS } from '../domain/exposure.ts';
import { FRAUD_KINDS } from '../domain/fraud-kind.ts';
import type { Leg, NumberToken } from '../domain/leg.ts';
import { RowWriter } from './row-writer.ts';

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

/** A frame that still takes rows. */
interface OpenFrame {
  readonly writer: RowWriter;
  readonly items: number[];
}

/** Ends the list of rows and the frame. */
const FRAME_END = ']}';
const SEPARATOR = ',';

/**
 * Packs items into frames by the bucket of their number, in order, as rows of JSON.
 *
 * @param header what kind of rows they are
 * @param writeRow writes an item's row, which holds no character beyond ASCII
 */
function packRows<T>(
  list: readonly T[],
  header: string,
  numberOf: (item: T) => NumberToken,
  writeRow: (item: T, into: RowWriter) => void,
): Frame[] {
  const open = new Array<OpenFrame | undefined>(BUCKETS);
  const frames: Frame[] = [];
  const prefix = `{"v":${FRAME_FORMAT},"${header}":[`;
  const begin = (): OpenFrame => {
    const writer = new RowWriter();
    writer.text(prefix);
    return { writer, items: [] };
  };
  const close = (bucket: number, { writer, items }: OpenFrame) => {
    writer.text(FRAME_END);
    frames.push({
      partitionKey: String(bucket),
      explicitHashKey: HASH_KEYS[bucket] ?? '0',
      data: writer.bytes.subarray(0, writer.length),
      items,
    });
  };
  list.forEach((item, i) => {
    const bucket = bucketOf(numberOf(item));
    const frame = open[bucket] ?? begin();
    open[bucket] = frame;
    const { writer, items } = frame;
    const before = writer.length;
    if (items.length > 0) writer.text(SEPARATOR);
    writeRow(item, writer);
    if (items.length === 0 || writer.length + FRAME_END.length <= FRAME_BYTES) {
      items.push(i);
      return;
    }
    // Only once written is a row's length known: this one opens the next frame instead.
    writer.length = before;
    close(bucket, frame);
    const next = begin();
    writeRow(item, next.writer);
    next.items.push(i);
    open[bucket] = next;
  });
  open.forEach((frame, bucket) => {
    if (frame !== undefined) close(bucket, frame);
  });
  return frames;
}

function readRows(data: Buffer, header: string): unknown[] {
  let frame: unknown;
  try {
    frame = JSON.parse(data.toString('latin1'));
  } catch (cause) {
    throw new FrameError('it is not JSON', { cause });
  }
  const { v, [header]: rows } = (frame ?? {}) as Record<string, unknown>;
  if (v !== FRAME_FORMAT) throw new FrameError('unknown format');
  if (!Array.isArray(rows)) throw new FrameError(`it holds no ${header}`);
  return rows;
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
function writeLeg(leg: Leg, into: RowWriter): void {
  into.text('["');
  into.text(leg.number);
  into.text('","');
  into.text(leg.counterpart);
  into.text('",');
  into.integer(leg.call);
  into.text(SEPARATOR);
  into.integer(leg.start);
  into.text(SEPARATOR);
  into.integer(leg.duration ?? -1);
  into.text(SEPARATOR);
  into.integer(legFlags(leg));
  into.text(SEPARATOR);
  into.integer(leg.district);
  into.text(SEPARATOR);
  into.integer(leg.handset);
  into.text(SEPARATOR);
  into.integer(leg.arrivedAt);
  into.text(']');
}

type LegRow = [string, string, number, number, number, number, number, number, number];

const TOKEN_LENGTH = 23;

function isToken(value: unknown): boolean {
  return typeof value === 'string' && value.length === TOKEN_LENGTH;
}

/** Whether a row begins with two tokens and goes on with numbers up to `end`. JSON has `1e999`, which is infinite. */
function startsWell(row: unknown, end: number): row is unknown[] {
  if (!Array.isArray(row) || !isToken(row[0]) || !isToken(row[1])) return false;
  for (let i = 2; i < end; i++) if (!Number.isFinite(row[i])) return false;
  return true;
}

const LEG_ROW_LENGTH = 9;

function legOfRow(row: unknown): Leg {
  if (!startsWell(row, LEG_ROW_LENGTH)) throw new FrameError('a leg has not the parts of one');
  return legOfParts(row as LegRow);
}

function legOfParts(row: LegRow): Leg {
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
  return packRows(legs, 'legs', (leg) => leg.number, writeLeg);
}

/** @throws FrameError */
export function unpackLegs(data: Buffer): Leg[] {
  return readRows(data, 'legs').map(legOfRow);
}

const SIDES: readonly ExposureSide[] = ['caller', 'subject', 'list'];

function writeExposure(exposure: Exposure, into: RowWriter): void {
  const { finding } = exposure;
  const row = JSON.stringify([
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
    finding.probability,
    TRACKS.indexOf(exposure.track),
    SIDES.indexOf(exposure.side),
    Number(exposure.international),
  ]);
  into.text(row);
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
  number,
  number,
  number,
  number,
];

const REASONS_AT = 11;
const EXPOSURE_ROW_LENGTH = 17;

function isReason(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'string' && Number.isFinite(value[1]);
}

function exposureOfRow(row: unknown): Exposure {
  const wellFormed =
    startsWell(row, REASONS_AT) &&
    Array.isArray(row[REASONS_AT]) &&
    row[REASONS_AT].every(isReason) &&
    row.length === EXPOSURE_ROW_LENGTH &&
    row.slice(REASONS_AT + 1).every(Number.isFinite);
  if (!wellFormed) throw new FrameError('an exposure has not the parts of one');
  return exposureOfParts(row as unknown as ExposureRow);
}

function exposureOfParts(row: ExposureRow): Exposure {
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
      probability: row[13],
    },
    track: TRACKS[row[14]] ?? 'live',
    side: SIDES[row[15]] ?? 'caller',
    international: row[16] === 1,
  };
}

/** Packs exposures into frames by their subject; `items` are positions in `exposures`. */
export function packExposures(exposures: readonly Exposure[]): Frame[] {
  return packRows(exposures, 'exposures', (exposure) => exposure.subject, writeExposure);
}

/** @throws FrameError */
export function unpackExposures(data: Buffer): Exposure[] {
  return readRows(data, 'exposures').map(exposureOfRow);
}
