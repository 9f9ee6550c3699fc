import { MORNING_SCENARIO } from './morning-scenario.ts';
import type { ProfileColumn } from './profile-table.ts';
import { sampleWith } from './sample-with.ts';
import type { SeededRandom } from './seeded-random.ts';
import { sharedOut } from './share-out.ts';

/** The calls of one subscriber, in order of time; one place of each array a call. */
export interface ProfiledCalls {
  /** Seconds from the begin of the month, ascending. */
  readonly starts: Float64Array;
  readonly seconds: Int32Array;
  /** Which of the subscriber's contacts, from 0. */
  readonly contacts: Int32Array;
  readonly contactCount: number;
  /** 1: made, 0: received. */
  readonly made: Uint8Array;
  /** Of calls made. */
  readonly handsets: Int32Array;
  /** Where the subscriber was: index into `places`, -1 when not known. */
  readonly placeIndexes: Int32Array;
  /** District codes. */
  readonly places: readonly string[];
}

type Values = Readonly<Record<ProfileColumn, number>>;

const DAYS_OF_MONTH = 31;
const HOURS_OF_DAY = 24;
/** Days on which a subscriber calls lie in a span so much longer than they are. [assumption] */
const DAYS_SPAN = 1.25;
/** A call needs so long besides its talk. [assumption] */
const BETWEEN_CALLS_SECONDS = 3;
const HOUR_SECONDS = 3600;
// The first four digits of district codes (GB/T 2260): Sichuan's, then those of neighbours and of large cities.
const CITIES = (
  '5101 5103 5104 5105 5106 5107 5108 5109 5110 5111 5113 5114 5115 5116 5117 5118 5119 5120 5132 5133 5134 ' +
  '5001 5201 5301 6101 4401 4403 3101 3301 1101'
).split(' ');

/**
 * Calls of a month that have the aggregates of a row of a feature table: counts, counterparts, seconds, hours, days,
 * places and handsets. In which order things come the row does not say: contacts, durations and directions are
 * mixed over the month.
 */
export function profiledCalls(values: Values, random: SeededRandom): ProfiledCalls {
  const total = whole(values.opposite_count);
  const contactCount = Math.min(total, Math.max(total > 0 ? 1 : 0, whole(values.opposite_unique)));
  const lengths = sampleWith({
    length: total,
    min: whole(values.call_dur_min),
    median: number(values.call_dur_median),
    max: whole(values.call_dur_max),
    sum: Math.round(number(values.call_dur_mean) * total),
  });
  const callsOf = sampleWith({
    length: contactCount,
    min: 1,
    median: number(values.phone2opposite_median),
    max: whole(values.phone2opposite_max),
    sum: total,
  });
  const { talks, owners } = sharedOut(
    lengths,
    callsOf,
    {
      median: number(values.phone2oppo_sum_median),
      max: whole(values.phone2oppo_sum_max),
    },
    random,
  );
  const order = shuffled(total, random);
  const starts = drawStarts(values, total, order, talks, random);
  const seconds = Int32Array.from(order, (call) => talks[call] as number);
  const contacts = Int32Array.from(order, (call) => owners[call] as number);
  const made = drawMade(total, Math.min(total, whole(values.voccalltype1)), random);
  const { places, placeIndexes } = drawPlaces(values, made, random);
  return {
    starts,
    seconds,
    contacts,
    contactCount,
    made,
    handsets: drawHandsets(made, whole(values.imeis), random),
    placeIndexes,
    places,
  };
}

function number(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

function whole(value: number): number {
  return Math.round(number(value));
}

function shuffled(length: number, random: SeededRandom): Int32Array {
  const order = Int32Array.from({ length }, (_, place) => place);
  for (let last = length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const kept = order[last] as number;
    order[last] = order[other] as number;
    order[other] = kept;
  }
  return order;
}

/**
 * The cells' parts of a total: the busiest gets its count, each of the others at least one and, if that is possible,
 * fewer than the busiest.
 */
function parts(
  total: number,
  busiest: { count: number; place: number },
  weights: readonly number[],
  random: SeededRandom,
): Int32Array {
  const cells = new Int32Array(weights.length);
  if (weights.length === 0) return cells;
  const most = Math.min(total, busiest.count);
  let left = total;
  const others = weights.length - 1;
  // Of several busiest the first counts: those before it must have fewer calls, those after it if possible.
  const fewer = others * (most - 1) + most >= total;
  const capOf = (cell: number) => (fewer || cell < busiest.place ? most - 1 : most);
  for (let cell = 0; cell < cells.length; cell++) {
    cells[cell] = cell === busiest.place ? most : Math.min(1, Math.max(1, capOf(cell)), left);
    left -= cells[cell] as number;
  }
  // By weight as far as that goes, then wherever there is room.
  const sum = weights.reduce(
    (all, weight, cell) => (cell === busiest.place ? all : all + weight),
    0,
  );
  const spare = left;
  for (let cell = 0; cell < cells.length && left > 0; cell++) {
    if (cell === busiest.place) continue;
    const share = Math.floor((spare * (weights[cell] as number)) / sum);
    const more = Math.min(share, left, capOf(cell) - (cells[cell] as number));
    if (more <= 0) continue;
    cells[cell] = (cells[cell] as number) + more;
    left -= more;
  }
  for (let cell = random.below(cells.length), idle = 0; left > 0 && idle <= cells.length; cell++) {
    const at = cell % cells.length;
    const room = at === busiest.place ? 0 : capOf(at) - (cells[at] as number);
    idle = room > 0 ? 0 : idle + 1;
    if (room <= 0) continue;
    const more = Math.min(room, left, Math.ceil(left / cells.length));
    cells[at] = (cells[at] as number) + more;
    left -= more;
  }
  // A row that contradicts itself: the busiest takes the rest.
  cells[busiest.place] = (cells[busiest.place] as number) + left;
  return cells;
}

/** Days of the month, from 0, on which there are calls: around the busiest, with gaps. */
function chooseDays(count: number, busiest: number, ties: number, random: SeededRandom): number[] {
  const span = Math.min(DAYS_OF_MONTH, Math.ceil(count * DAYS_SPAN));
  const earliest = Math.max(0, busiest - span + 1 + ties);
  const latest = Math.max(earliest, Math.min(busiest, DAYS_OF_MONTH - span));
  const first = earliest + random.below(latest - earliest + 1);
  const others = [...shuffled(span, random)]
    .map((day) => first + day)
    .filter((day) => day !== busiest && day < DAYS_OF_MONTH);
  return chosen(busiest, others, count, ties);
}

/** Hours of the day with calls: the usual ones first. */
function chooseHours(count: number, busiest: number, ties: number, random: SeededRandom): number[] {
  const { rhythm } = MORNING_SCENARIO.residents;
  const others = rhythm
    .map((weight, hour) => ({ hour, lot: random.exponential(1) / weight }))
    .filter(({ hour }) => hour !== busiest)
    .sort((one, other) => one.lot - other.lot)
    .map(({ hour }) => hour);
  return chosen(busiest, others, count, ties);
}

/** The busiest and the first of the others, ascending; `ties` of them must come after the busiest. */
function chosen(busiest: number, others: readonly number[], count: number, ties: number): number[] {
  const after = others.filter((place) => place > busiest).slice(0, ties);
  const rest = others.filter((place) => !after.includes(place));
  return [busiest, ...after, ...rest].slice(0, count).sort((one, other) => one - other);
}

/** How many cells must have as many calls as the busiest one. */
function tiesOf(total: number, cells: number, most: number): number {
  return Math.max(0, total - most - (cells - 1) * (most - 1));
}

function drawStarts(
  values: Values,
  total: number,
  order: Int32Array,
  talks: Int32Array,
  random: SeededRandom,
): Float64Array {
  const busiestDay = Math.min(DAYS_OF_MONTH, Math.max(1, whole(values.voc_day_mode))) - 1;
  const busiestHour = Math.min(HOURS_OF_DAY - 1, whole(values.voc_hour_mode));
  const dayCount = Math.max(1, Math.min(total, DAYS_OF_MONTH, whole(values.voc_day_nunique)));
  const hourCount = Math.max(1, Math.min(total, HOURS_OF_DAY, whole(values.voc_hour_nunique)));
  const dayMost = whole(values.voc_day_mode_count);
  const hourMost = whole(values.voc_hour_mode_count);
  const days = chooseDays(dayCount, busiestDay, tiesOf(total, dayCount, dayMost), random);
  const hours = chooseHours(hourCount, busiestHour, tiesOf(total, hourCount, hourMost), random);
  const { rhythm } = MORNING_SCENARIO.residents;
  const callsOfDay = parts(
    total,
    { count: dayMost, place: days.indexOf(busiestDay) },
    days.map(() => random.logNormal(1, 0.5)),
    random,
  );
  const callsOfHour = parts(
    total,
    { count: hourMost, place: hours.indexOf(busiestHour) },
    hours.map((hour) => (rhythm[hour] ?? 0) * random.logNormal(1, 0.2)),
    random,
  );
  const hourOfCall = new Int32Array(total);
  let filled = 0;
  hours.forEach((hour, cell) => {
    const until = filled + (callsOfHour[cell] as number);
    hourOfCall.fill(hour, filled, until);
    filled = until;
  });
  const mixed = Int32Array.from(shuffled(total, random), (call) => hourOfCall[call] as number);
  const starts = new Float64Array(total);
  let begin = 0;
  days.forEach((day, cell) => {
    const end = begin + (callsOfDay[cell] as number);
    const ofDay = mixed.subarray(begin, end).sort();
    for (let from = 0; from < ofDay.length; ) {
      const hour = ofDay[from] as number;
      let to = from;
      while (to < ofDay.length && ofDay[to] === hour) to++;
      const second = (day * HOURS_OF_DAY + hour) * HOUR_SECONDS;
      spreadInHour(starts, second, begin + from, begin + to, order, talks, random);
      from = to;
    }
    begin = end;
  });
  return starts;
}

/** Start times within one hour, ascending; one after the other as long as the hour has room for that. */
function spreadInHour(
  starts: Float64Array,
  second: number,
  from: number,
  to: number,
  order: Int32Array,
  talks: Int32Array,
  random: SeededRandom,
): void {
  const offsets = new Float64Array(to - from);
  for (let index = 0; index < offsets.length; index++) offsets[index] = random.next();
  offsets.sort();
  let busy = 0;
  for (let call = from; call < to - 1; call++) {
    busy += (talks[order[call] as number] as number) + BETWEEN_CALLS_SECONDS;
  }
  const oneByOne = busy < HOUR_SECONDS - 1;
  const room = oneByOne ? HOUR_SECONDS - 1 - busy : HOUR_SECONDS - 1;
  let passed = 0;
  for (let call = from; call < to; call++) {
    starts[call] = second + passed + (offsets[call - from] as number) * room;
    if (oneByOne) passed += (talks[order[call] as number] as number) + BETWEEN_CALLS_SECONDS;
  }
}

/** Which calls are made, by chance. */
function drawMade(total: number, count: number, random: SeededRandom): Uint8Array {
  const made = new Uint8Array(total);
  let left = count;
  for (let call = 0; call < total; call++) {
    if (random.next() * (total - call) >= left) continue;
    made[call] = 1;
    left--;
  }
  return made;
}

/** One handset after the other over the calls made. */
function drawHandsets(made: Uint8Array, count: number, random: SeededRandom): Int32Array {
  const handsets = new Int32Array(made.length);
  let callsLeft = made.reduce((sum, one) => sum + one, 0) - 1;
  let changesLeft = Math.min(count - 1, callsLeft);
  let handset = 0;
  let first = true;
  for (let call = 0; call < made.length; call++) {
    if (made[call] !== 1) continue;
    if (!first) {
      if (random.next() * callsLeft < changesLeft) {
        handset++;
        changesLeft--;
      }
      callsLeft--;
    }
    first = false;
    handsets[call] = handset;
  }
  return handsets;
}

/** Codes of `counties` districts in `cities` cities, the first `cities` of them in one each. */
function districtCodes(cities: number, counties: number, firstCity: number): string[] {
  return Array.from({ length: counties }, (_, place) => {
    const city = CITIES[(firstCity + (place % cities)) % CITIES.length] ?? '5101';
    return city + String(1 + Math.floor(place / cities)).padStart(2, '0');
  });
}

function drawPlaces(values: Values, made: Uint8Array, random: SeededRandom) {
  const madeCount = made.reduce((sum, one) => sum + one, 0);
  const receivedCount = made.length - madeCount;
  const counties = whole(values.county_name_nunique);
  const inMade = Math.min(counties, madeCount, whole(values.county_name_call));
  const citiesInMade = Math.min(inMade, Math.max(inMade > 0 ? 1 : 0, whole(values.city_name_call)));
  const elsewhere = Math.min(counties - inMade, receivedCount);
  const newCities = Math.max(
    0,
    Math.min(elsewhere, whole(values.city_name_nunique) - citiesInMade),
  );
  const home = random.below(CITIES.length);
  const places = [...districtCodes(citiesInMade, inMade, home)];
  if (newCities > 0) places.push(...districtCodes(newCities, newCities, home + citiesInMade));
  // Further counties of cities known already: numbered where districtCodes does not come.
  for (let place = places.length; place < inMade + elsewhere; place++) {
    const city = (places[place % Math.max(1, citiesInMade + newCities)] ?? '5101').slice(0, 4);
    places.push(city + String(99 - (place % 90)).padStart(2, '0'));
  }
  const placeIndexes = new Int32Array(made.length).fill(-1);
  scatter(placeIndexes, made, 1, { from: 0, to: inMade, usual: inMade }, random);
  scatter(placeIndexes, made, 0, { from: inMade, to: places.length, usual: places.length }, random);
  return { places, placeIndexes };
}

/** Puts each of the places `from` to `to` into at least one of these calls, and usual ones into the rest. */
function scatter(
  placeIndexes: Int32Array,
  made: Uint8Array,
  which: 0 | 1,
  range: { from: number; to: number; usual: number },
  random: SeededRandom,
): void {
  const calls: number[] = [];
  for (let call = 0; call < made.length; call++) if (made[call] === which) calls.push(call);
  for (let place = range.from, drawn = 0; place < range.to && drawn < calls.length; place++) {
    const other = drawn + random.below(calls.length - drawn);
    const call = calls[other] as number;
    calls[other] = calls[drawn] as number;
    calls[drawn++] = call;
    placeIndexes[call] = place;
  }
  if (range.usual === 0) return;
  for (const call of calls) {
    // Mostly at home, the first of the places.
    if (placeIndexes[call] === -1) {
      placeIndexes[call] = Math.floor(range.usual * random.next() ** 3);
    }
  }
}
