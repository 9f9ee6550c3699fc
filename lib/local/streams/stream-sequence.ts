// A sequence number holds, from high to low: a version, when the shard was created (36 bits, in
// seconds), the record's place in the shard (64), its arrival (36, seconds) and the shard (32).
// This is the order of Kinesis's own numbers, which have 56 digits as well.
const version = 2n;
const placeShift = 80n;

/** Where a sequence number points to. */
export interface SequencePlace {
  shardIndex: number;
  place: number;
}

/** Makes the sequence numbers of one shard. */
export function sequenceNumbers(
  shardIndex: number,
  createdAtMs: number,
): (place: number, arrivedAtMs: number) => string {
  const fixed =
    (version << 184n) |
    (BigInt(Math.floor(createdAtMs / 1_000)) << 148n) |
    (BigInt(shardIndex) << 4n) |
    version;
  return (place, arrivedAtMs) =>
    (
      fixed |
      (BigInt(place) << placeShift) |
      (BigInt(Math.floor(arrivedAtMs / 1_000)) << 36n)
    ).toString();
}

/** @returns undefined for what is not a sequence number. */
export function parseSequenceNumber(text: string): SequencePlace | undefined {
  if (!/^\d{1,129}$/.test(text)) return undefined;
  const value = BigInt(text);
  if (value >> 184n !== version) return undefined;
  return {
    shardIndex: Number((value >> 4n) & 0xffffffffn),
    place: Number((value >> placeShift) & 0xffffffffffffffffn),
  };
}
