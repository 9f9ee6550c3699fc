import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { deaggregate, isAggregate } from './kpl-aggregate.ts';

/** Where a piece stands in its Kinesis record. Both count from 1, as editors count lines. */
export interface PiecePosition {
  /** User record within a KPL aggregate. */
  readonly subRecord?: number;
  /** Line within the payload, or within the user record. Blank lines count. */
  readonly line?: number;
}

/** Why a piece cannot be read as text. These codes are stable: operators filter by them. */
export type PayloadProblem =
  | 'bad-gzip'
  | 'bad-aggregate'
  | 'too-large'
  | 'bad-encoding'
  | 'not-json';

/** One line of text, not yet parsed. */
export interface PayloadLine {
  readonly position: PiecePosition;
  readonly text: string;
}

/** A piece that cannot be read. `raw` holds its bytes as they came, still compressed if they were. */
export interface RejectedPiece {
  readonly position: PiecePosition;
  readonly reason: PayloadProblem;
  readonly detail: string;
  readonly raw: Uint8Array;
}

export type PayloadPiece = PayloadLine | RejectedPiece;

export interface PayloadLimits {
  /** Bytes that all gzip content of one Kinesis record may inflate to. Guards memory. */
  readonly maxInflatedBytes: number;
  /** Lines, and user records, that one Kinesis record may hold. */
  readonly maxPieces: number;
  /** UTF-16 units of one line. A call record has about 300. */
  readonly maxLineLength: number;
}

/** 1 MiB of gzip, the largest usual Kinesis record, inflates to some 10 MiB of call records. */
export const DEFAULT_PAYLOAD_LIMITS: PayloadLimits = {
  maxInflatedBytes: 16 * 1024 * 1024,
  maxPieces: 100_000,
  maxLineLength: 16 * 1024,
};

/**
 * Splits the data of one Kinesis record into lines: JSON Lines (one or many, LF or CRLF, with or
 * without a byte order mark), a KPL aggregate of these, or gzip of either. Never throws for any
 * bytes: whatever cannot be read comes back as a rejected piece, in its place among the lines.
 *
 * @example
 * for (const piece of splitPayload(record, DEFAULT_PAYLOAD_LIMITS)) {
 *   if ('text' in piece) parse(piece.text);
 *   else quarantine(piece.reason, piece.raw);
 * }
 */
export function splitPayload(data: Uint8Array, limits: PayloadLimits): PayloadPiece[] {
  const whole: Container = { raw: data, gzipped: false, subRecord: undefined };
  const budget: Budget = { inflatedBytes: limits.maxInflatedBytes, pieces: limits.maxPieces };
  const pieces = splitContent(data, whole, limits, budget);
  // All or nothing here: a record cut off half way would have to be repaired by hand.
  if (isOverdrawn(budget)) {
    return [reject(whole, 'too-large', `it holds more than ${limits.maxPieces} call records`)];
  }
  // A record that says nothing is still the producer's mistake, and must not vanish unseen.
  if (pieces.length > 0) return pieces;
  return [reject(whole, 'not-json', 'the record holds no text')];
}

/** What the bytes at hand came out of. */
interface Container {
  /** The bytes to hand back if they cannot be read. */
  readonly raw: Uint8Array;
  readonly gzipped: boolean;
  readonly subRecord: number | undefined;
}

/** What one Kinesis record may still spend; shared by the user records of an aggregate. */
interface Budget {
  inflatedBytes: number;
  pieces: number;
}

function isOverdrawn(budget: Budget): boolean {
  return budget.pieces < 0;
}

function splitContent(
  content: Uint8Array,
  container: Container,
  limits: PayloadLimits,
  budget: Budget,
): PayloadPiece[] {
  if (isGzip(content)) return splitGzip(content, container, limits, budget);
  if (isAggregate(content)) return splitAggregate(content, container, limits, budget);
  return splitLines(content, container, limits, budget);
}

/** DEFLATE makes at most so many bytes of one (RFC 1951: 258 bytes of two bits). */
const MOST_INFLATION = 1032;

function splitGzip(
  content: Uint8Array,
  container: Container,
  limits: PayloadLimits,
  budget: Budget,
): PayloadPiece[] {
  if (container.gzipped) return [reject(container, 'bad-gzip', 'gzip within gzip')];
  // zlib takes no limit below 1; an inflated empty text fits any budget.
  const maxOutputLength = Math.max(1, budget.inflatedBytes);
  let inflated: Buffer;
  try {
    inflated = gunzipSync(content, { maxOutputLength });
  } catch (error) {
    // It was inflated in vain, and an aggregate can hold dozens of such bombs: that is charged, too.
    budget.inflatedBytes -= Math.min(maxOutputLength, content.length * MOST_INFLATION);
    if (isCode(error, 'ERR_BUFFER_TOO_LARGE')) {
      const detail = `it inflates to more than ${limits.maxInflatedBytes} bytes`;
      return [reject(container, 'too-large', detail)];
    }
    return [reject(container, 'bad-gzip', messageOf(error))];
  }
  budget.inflatedBytes -= inflated.length;
  return splitContent(inflated, { ...container, gzipped: true }, limits, budget);
}

function splitAggregate(
  content: Uint8Array,
  container: Container,
  limits: PayloadLimits,
  budget: Budget,
): PayloadPiece[] {
  if (container.subRecord !== undefined) {
    return [reject(container, 'bad-aggregate', 'an aggregate within an aggregate')];
  }
  const result = deaggregate(content, limits.maxPieces);
  if (!result.ok) return [reject(container, result.reason, result.detail)];
  const pieces: PayloadPiece[] = [];
  for (const [index, { data }] of result.records.entries()) {
    const user: Container = { raw: data, gzipped: container.gzipped, subRecord: index + 1 };
    const split = splitContent(data, user, limits, budget);
    if (split.length === 0) pieces.push(reject(user, 'not-json', 'the user record holds no text'));
    for (const piece of split) pieces.push(piece);
    if (isOverdrawn(budget)) break;
  }
  return pieces;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = 0xfeff;

/** The hot path: one decode for the whole payload, then slices of it. */
function splitLines(
  content: Uint8Array,
  container: Container,
  limits: PayloadLimits,
  budget: Budget,
): PayloadPiece[] {
  if (!isUtf8(content)) return splitDamagedLines(content, container, limits, budget);
  const text = asBuffer(content).toString('utf8');
  const pieces: PayloadPiece[] = [];
  let line = 0;
  let start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  while (start < text.length) {
    line++;
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    // JSON.parse takes a trailing CR for white space: no need to cut it off.
    if (!isBlank(text, start, end)) {
      budget.pieces--;
      if (isOverdrawn(budget)) break;
      pieces.push(
        end - start > limits.maxLineLength
          ? tooLongLine(container, line, limits, Buffer.from(text.slice(start, end)))
          : { position: positionOf(container, line), text: text.slice(start, end) },
      );
    }
    start = end + 1;
  }
  return pieces;
}

/** As splitLines, but by bytes, so that one damaged line does not spoil its neighbours. */
function splitDamagedLines(
  content: Uint8Array,
  container: Container,
  limits: PayloadLimits,
  budget: Budget,
): PayloadPiece[] {
  const pieces: PayloadPiece[] = [];
  let line = 0;
  for (let start = 0; start < content.length; ) {
    line++;
    const feed = content.indexOf(LINE_FEED, start);
    const end = feed < 0 ? content.length : feed;
    const raw = content.subarray(start, end);
    start = end + 1;
    if (isUtf8(raw)) {
      for (const piece of splitLines(raw, container, limits, budget)) {
        pieces.push({ ...piece, position: positionOf(container, line) });
      }
    } else {
      budget.pieces--;
      const position = positionOf(container, line);
      pieces.push({ position, reason: 'bad-encoding', detail: 'the line is not UTF-8 text', raw });
    }
    if (isOverdrawn(budget)) break;
  }
  return pieces;
}

function asBuffer(data: Uint8Array): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function isGzip(data: Uint8Array): boolean {
  return data[0] === 0x1f && data[1] === 0x8b;
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const unit = text.charCodeAt(index);
    if (unit !== 0x20 && unit !== 0x09 && unit !== CARRIAGE_RETURN) return false;
  }
  return true;
}

function positionOf(container: Container, line: number): PiecePosition {
  return container.subRecord === undefined ? { line } : { subRecord: container.subRecord, line };
}

function reject(container: Container, reason: PayloadProblem, detail: string): RejectedPiece {
  const { subRecord, raw } = container;
  return { position: subRecord === undefined ? {} : { subRecord }, reason, detail, raw };
}

function tooLongLine(
  container: Container,
  line: number,
  limits: PayloadLimits,
  raw: Uint8Array,
): RejectedPiece {
  const detail = `the line is longer than ${limits.maxLineLength} characters`;
  return { position: positionOf(container, line), reason: 'too-large', detail, raw };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
