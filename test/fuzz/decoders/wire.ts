import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { createSealer } from '../../../functions/adapters/sealing.ts';
import { takeIn } from '../../../functions/intake/intake.ts';
import { readDeliveryLine } from '../../../functions/record-delivery/delivery-line.ts';
import { LogEventError, linesOfLogEvent } from '../../../functions/record-delivery/log-event.ts';
import { parseCallLine } from '../../../lib/domain/call-record.ts';
import { createNumberNormaliser } from '../../../lib/domain/phone-number.ts';
import {
  FRAME_BYTES,
  FrameError,
  packExposures,
  packLegs,
  unpackExposures,
  unpackLegs,
} from '../../../lib/wire/frames.ts';
import { aggregate, deaggregate } from '../../../lib/wire/kpl-aggregate.ts';
import { DEFAULT_PAYLOAD_LIMITS, splitPayload } from '../../../lib/wire/record-payload.ts';
import { exposureOf, legsInRow } from '../../domain/factories.ts';
import { type Decoder, type Outcome, orRefusal, refusalOf } from '../decoder.ts';
import { brokenBytes, pick, type Recipe } from '../recipe.ts';
import { fromJson, fromJsonLines } from '../seeds.ts';

const NOW = Date.UTC(2026, 10, 24, 2);
const CONTEXT = {
  normaliseNumber: createNumberNormaliser('CN'),
  nowMs: NOW,
  retentionMs: 7 * 86_400_000,
  maxFutureMs: 300_000,
};
const SEALER = createSealer({
  current: '1',
  secrets: { '1': 'a secret of the fuzzer, and of nothing else' },
});

export const RECORDS: readonly object[] = [
  { caller: '13800138000', callee: '+86 139 0013 9000', start: NOW - 60_000, duration: 61 },
  {
    event: 'call.ended',
    callId: 'c-1',
    caller: '+8613800138000',
    callee: '028 8555 1234',
    start: '2026-11-24T09:59:00+08:00',
    duration: 600,
    answered: true,
    endReason: 'normal',
    callerDistrict: '510104',
    calleeDistrict: '510105',
    imei: '490154203237518',
    international: false,
    network: 'mobile',
  },
  { event: 'call.started', caller: '+442071838750', callee: '13900139000', start: NOW - 1_000 },
  { caller: '95588', callee: '13900139000', start: NOW - 5_000, duration: 0, answered: false },
];

const records = fromJsonLines(RECORDS);

/** As a reader of a listing sees it: what is refused, and why, never with the record's own words. */
const callRecord: Decoder = {
  name: 'call-record',
  reads: 'lib/domain/call-record.ts',
  make: fromJson(RECORDS),
  decode: (input) => {
    const parsed = parseCallLine(Buffer.from(input).toString('utf8'), CONTEXT);
    if (!parsed.ok) return { isAccepted: false, lines: [parsed.reason, parsed.detail] };
    return { isAccepted: true, kept: parsed.call, keepsTexts: true };
  },
};

const keyed = (data: Uint8Array) => ({ partitionKey: 'k', data });
const BOMB = gzipSync(Buffer.alloc(1_000_000, 0x20));

/** One record of the calls stream: bare, gzipped, aggregated, or one within the other. */
function payload(recipe: Recipe): Uint8Array {
  const lines = records({ ...recipe, shape: Math.floor(recipe.shape / 8), bytes: [] });
  const { bytes, shape } = recipe;
  const wrapped = (() => {
    switch (shape % 8) {
      case 1:
        return gzipSync(lines, { level: 1 });
      case 2:
        return aggregate([keyed(lines), keyed(lines)]);
      case 3:
        return aggregate([keyed(gzipSync(lines, { level: 1 })), keyed(lines)]);
      case 4:
        return gzipSync(aggregate([keyed(lines)]), { level: 1 });
      case 5:
        return aggregate([keyed(aggregate([keyed(lines)])), keyed(new Uint8Array())]);
      default:
        return lines;
    }
  })();
  return brokenBytes(wrapped, bytes, [lines, BOMB]);
}

const recordPayload: Decoder = {
  name: 'record-payload',
  reads: 'functions/intake/intake.ts, lib/wire/record-payload.ts',
  make: payload,
  decode: (input) => {
    const record = {
      eventID: 'shardId-000000000000:1',
      kinesis: {
        data: Buffer.from(input).toString('base64'),
        partitionKey: 'k',
        sequenceNumber: '1',
        approximateArrivalTimestamp: NOW / 1000,
      },
    } as Parameters<typeof takeIn>[0][number];
    const { accepted, legs, quarantine } = takeIn([record], CONTEXT, SEALER);
    const entries = quarantine.flatMap((object) => object.entries);
    const frames = packLegs(legs);
    const unpacked = frames.reduce((sum, { data }) => sum + unpackLegs(data).length, 0);
    const isLost = accepted + entries.length === 0;
    return {
      isAccepted: entries.length === 0,
      lines: entries.map(({ detail }) => detail),
      kept: legs,
      ...(isLost && { broken: 'a record vanished: neither accepted nor in quarantine' }),
      ...(unpacked !== legs.length && { broken: 'legs were lost on their way through frames' }),
      ...(frames.some(({ data }) => data.length > FRAME_BYTES) && {
        broken: 'a frame is too large',
      }),
    };
  },
  // A line of two bytes becomes an entry of quarantine, or a call two legs.
  growth: 512,
};

const GZIP_LIMITS = { ...DEFAULT_PAYLOAD_LIMITS, maxInflatedBytes: 64 * 1024, maxPieces: 1_000 };

const gzip: Decoder = {
  name: 'gzip',
  reads: 'lib/wire/record-payload.ts, at small limits',
  make: (recipe) => {
    const { base, bytes, shape } = recipe;
    const lines = gzipSync(records({ ...recipe, shape: Math.floor(shape / 8), bytes: [] }), {
      level: 1,
    });
    const damaged = brokenBytes(lines, bytes, [BOMB, lines]);
    const parts = [damaged, base % 3 === 0 ? BOMB : lines, damaged];
    switch (shape % 4) {
      case 0:
        return aggregate(parts.map(keyed));
      case 1:
        return Buffer.concat(parts);
      case 2:
        return gzipSync(damaged, { level: 1 });
      default:
        return damaged;
    }
  },
  decode: (input) => {
    const pieces = splitPayload(input, GZIP_LIMITS);
    const texts = pieces.flatMap((piece) => ('text' in piece ? [piece.text] : []));
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    return {
      isAccepted: texts.length === pieces.length,
      lines: pieces.flatMap((piece) => ('text' in piece ? [] : [piece.detail])),
      ...(characters > input.length + GZIP_LIMITS.maxInflatedBytes && {
        broken: 'more was inflated than the limit allows',
      }),
    };
  },
};

const KPL_MAGIC = 4;
const DIGEST = 16;

/** An aggregate whose tables and records may say anything of each other. */
function brokenAggregate({ base, bytes, shape, steps }: Recipe): Uint8Array {
  const writer = new BinaryWriter();
  const keys = 1 + (base % 3);
  for (let i = 0; i < keys; i++) writer.tag(1, WireType.LengthDelimited).string(`key-${i}`);
  writer.tag(2, WireType.LengthDelimited).string('170141183460469231731687303715884105728');
  for (const [kind, where, a, b] of [[5, shape, base, shape] as const, ...steps]) {
    writer.tag(3, WireType.LengthDelimited).fork();
    const index = pick(
      [where % keys, where % keys, where % 5, 2 ** 31, 2 ** 53 - 1],
      kind % 16 < 8 ? 0 : a,
    );
    if (kind % 8 !== 0) writer.tag(1, WireType.Varint).uint64(index);
    if (kind % 4 === 1) writer.tag(2, WireType.Varint).uint64(where % (kind % 16 === 9 ? 3 : 1));
    if (kind % 16 === 2)
      writer.tag(1 + (a % 5), pick([WireType.Bit32, WireType.Bit64], b)).fixed32(a);
    if (kind % 16 === 3) for (let i = 0; i < b % 200; i++) writer.tag(9, WireType.StartGroup);
    if (kind % 8 !== 4) writer.tag(3, WireType.LengthDelimited).bytes(Buffer.alloc(b % 64, 0x31));
    writer.join();
  }
  const message = brokenBytes(writer.finish(), bytes, [Buffer.alloc(64, 0xff)]);
  // Mostly with a digest that fits: else nothing behind it is ever looked at.
  const digest = createHash('md5').update(message).digest();
  if (shape % 16 === 15) digest[0] = (digest[0] ?? 0) ^ 1;
  return Buffer.concat([Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2), message, digest]).subarray(
    0,
    shape % 64 === 14 ? shape % (KPL_MAGIC + DIGEST) : undefined,
  );
}

const MOST_RECORDS = 4;

const kplAggregate: Decoder = {
  name: 'kpl-aggregate',
  reads: 'lib/wire/kpl-aggregate.ts',
  make: brokenAggregate,
  decode: (input) => {
    const result = deaggregate(input, MOST_RECORDS);
    if (!result.ok) return { isAccepted: false, lines: [result.detail] };
    const bytes = result.records.reduce((sum, { data }) => sum + data.length, 0);
    return {
      isAccepted: true,
      kept: result.records.map(({ explicitHashKey, partitionKey }) => [
        explicitHashKey,
        partitionKey,
      ]),
      keepsTexts: true,
      ...((bytes > input.length || result.records.length > MOST_RECORDS) && {
        broken: 'there is more in it than there was',
      }),
    };
  },
};

const FRAMES = [
  ...packLegs(legsInRow(2)),
  ...packExposures([exposureOf(), exposureOf({ answered: undefined, track: 'shadow' })]),
].map(({ data }) => JSON.parse(data.toString('latin1')) as unknown);

const frame: Decoder = {
  name: 'frame',
  reads: 'lib/wire/frames.ts',
  make: fromJson(FRAMES),
  decode: (input) => {
    const data = Buffer.from(input);
    const legs = orRefusal(() => unpackLegs(data), FrameError);
    if (legs.isAccepted) return legs;
    return orRefusal(() => unpackExposures(data), FrameError);
  },
  growth: 64,
};

const REPORT = {
  notification: {
    messageId: '34d9b400-c6dd-5444-820d-fbeb0f1f54cf',
    timestamp: '2026-11-24 02:00:01.558',
  },
  delivery: {
    phoneCarrier: 'China Mobile',
    mnc: 270,
    destination: '+8613900139000',
    priceInUSD: 0.0645,
    smsType: 'Transactional',
    mcc: 310,
    providerResponse: 'Phone is currently unreachable/unavailable',
    dwellTimeMs: 599,
    dwellTimeMsUntilDeviceAck: 1344,
  },
  status: 'FAILURE',
};

const line = fromJson([REPORT, { ...REPORT, status: 'SUCCESS' }]);
const logEvent = (message: string) => ({
  messageType: 'DATA_MESSAGE',
  owner: '123456789012',
  logGroup: 'sns/DirectPublishToPhoneNumber',
  logEvents: [{ id: '1', timestamp: NOW, message }],
});
const NUMBER_LIKE = /\d{7}/;

/** What SNS's log says of texts, as CloudWatch Logs hands it on: base64 of gzip of JSON of JSON. */
const deliveryLog: Decoder = {
  name: 'delivery-log',
  reads: 'functions/record-delivery/log-event.ts, delivery-line.ts',
  make: (recipe) => {
    const message = Buffer.from(line({ ...recipe, bytes: [] })).toString('utf8');
    const outer = fromJson([logEvent(message)]);
    const steps = recipe.shape % 4 === 0 ? recipe.steps : [];
    const event = outer({ ...recipe, steps, bytes: [] });
    return brokenBytes(gzipSync(event, { level: 1 }), recipe.bytes, [BOMB]);
  },
  decode: (input): Outcome => {
    try {
      const lines = linesOfLogEvent(Buffer.from(input).toString('base64'));
      const reports = lines.flatMap((text) => readDeliveryLine(text, NOW) ?? []);
      const carriers = reports.flatMap(({ carrier }) => carrier ?? []);
      return {
        isAccepted: reports.length === lines.length,
        lines: carriers,
        kept: reports,
        ...(carriers.some((carrier) => NUMBER_LIKE.test(carrier)) && {
          broken: 'a carrier’s name holds a number',
        }),
      };
    } catch (error) {
      return refusalOf(error, LogEventError);
    }
  },
};

export const WIRE_DECODERS: readonly Decoder[] = [
  callRecord,
  recordPayload,
  gzip,
  kplAggregate,
  frame,
  deliveryLog,
];
