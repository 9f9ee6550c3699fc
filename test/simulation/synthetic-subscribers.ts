import type { CallRecordInput } from '../../lib/domain/call-record.ts';
import { SeededRandom } from '../../lib/simulation/seeded-random.ts';

const MONTH = Date.UTC(2026, 9, 1) - 8 * 3_600_000;

/**
 * Calls of made-up subscribers, `13000000000` and so on, to take a feature table from: the odd ones with many
 * contacts that are called once, the others with few that call back.
 */
export function syntheticCalls(subscribers: number, seed: number): CallRecordInput[] {
  return Array.from({ length: subscribers }, (_, index) => callsOf(index, seed)).flat();
}

function callsOf(index: number, seed: number): CallRecordInput[] {
  const random = new SeededRandom(seed, `synthetic ${index}`);
  const fraud = index % 2 === 1;
  const total = 1 + Math.floor(random.logNormal(fraud ? 60 : 150, 1.1));
  const contacts = Math.max(1, Math.round(total * (fraud ? 0.8 : 0.15)));
  const days = 1 + random.below(fraud ? 12 : 31);
  const firstDay = random.below(32 - days);
  const handsets = 1 + random.below(fraud ? 4 : 2);
  const places = random.below(9);
  const number = String(13_000_000_000 + index);
  const pace = random.logNormal(35, 0.4);
  return Array.from({ length: total }, (): CallRecordInput => {
    const made = random.chance(fraud ? 0.9 : 0.5);
    const contact = String(
      15_000_000_000 + index * 10_000 + Math.floor(contacts * random.next() ** 2),
    );
    const hour = Math.min(23, Math.floor(7 + 15 * random.next() ** 1.4));
    const day = firstDay + random.below(days);
    const place = Math.floor(places * random.next() ** 2);
    const district =
      places === 0 ? undefined : `51${String(100 + (place % 4)).slice(1)}0${1 + (place >> 2)}`;
    return {
      caller: made ? number : contact,
      callee: made ? contact : number,
      start: MONTH + ((day * 24 + hour) * 3600 + random.below(3600)) * 1000,
      duration: Math.max(1, Math.round(random.logNormal(pace, 1.2))),
      ...(made ? { imei: `86000000000000${random.below(handsets)}` } : {}),
      ...(district === undefined
        ? {}
        : made
          ? { callerDistrict: district }
          : { calleeDistrict: district }),
    };
  });
}
