/** What is known of a list of whole numbers. */
export interface SampleShape {
  readonly length: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly sum: number;
}

/** Points at which a long curve is looked at to find its sum. */
const LOOKS = 128;
const BISECTIONS = 30;
const MOST_BENT = 7;
/** Below the middle most values are near it, as in a log-normal distribution. [assumption] */
const LOWER_BEND = 0.45;
/** Of the rise above the middle, if the sum is large enough. [assumption] */
const EVEN_PART = 0.35;
/** The curve of a value that may be 0 begins here. */
const NEARLY_ZERO = 0.5;

/**
 * Whole numbers, ascending up to their middle and above it in the same sense, with the given smallest, middle and largest
 * value and sum: a long tail if the sum asks for one. Where no such numbers exist, the sum gives way.
 */
export function sampleWith(shape: SampleShape): Int32Array {
  const { length, min, median, max, sum } = shape;
  if (length === 0) return new Int32Array(0);
  if (length === 1) return Int32Array.of(max);
  if (length === 2) return Int32Array.of(min, max);
  const values = new Int32Array(length);
  const even = length % 2 === 0;
  const upperMiddle = Math.floor(length / 2);
  const lowerMiddle = even ? upperMiddle - 1 : upperMiddle;
  values[lowerMiddle] = Math.floor(median);
  values[upperMiddle] = Math.ceil(median);
  const lower = { from: 1, to: lowerMiddle, least: min, most: values[lowerMiddle] as number };
  const upper = {
    from: upperMiddle + 1,
    to: length - 1,
    least: values[upperMiddle] as number,
    most: max,
  };
  if (lowerMiddle > 0) values[0] = min;
  values[length - 1] = max;
  // What is left for the free places.
  const fixed = new Set([0, lowerMiddle, upperMiddle, length - 1]);
  let left = sum;
  for (const place of fixed) left -= values[place] as number;
  left -= fillCurve(values, lower, { even: 0, bend: LOWER_BEND });
  left -= fillCurve(values, upper, risingTo(upper, left));
  // Rounding, and what the curve could not reach: a little more or less where there is room.
  left = level(values, upper, left);
  level(values, lower, left);
  return values;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly least: number;
  readonly most: number;
}

/** How a curve rises: evenly by its part `even`, and as late as it is bent by the rest. */
interface Rise {
  readonly even: number;
  readonly bend: number;
}

/** The curve's height at `part` of its length; geometric. */
function curve({ least, most }: Stretch, part: number, { even, bend }: Rise): number {
  const foot = Math.max(NEARLY_ZERO, least);
  const risen = even * part + (1 - even) * part ** bend;
  return Math.max(least, foot * (Math.max(foot, most) / foot) ** risen);
}

function sumOf(stretch: Stretch, rise: Rise): number {
  const places = Math.max(0, stretch.to - stretch.from);
  const looks = Math.min(places, LOOKS);
  let total = 0;
  for (let look = 0; look < looks; look++) total += curve(stretch, (look + 0.5) / looks, rise);
  return looks === 0 ? 0 : (total * places) / looks;
}

/** The rise that gives the sum: partly even if the sum is large enough for that. */
function risingTo(stretch: Stretch, sum: number): Rise {
  const latest = Math.exp(MOST_BENT);
  const even = sumOf(stretch, { even: EVEN_PART, bend: latest }) <= sum ? EVEN_PART : 0;
  let [low, high] = [-MOST_BENT, MOST_BENT];
  for (let round = 0; round < BISECTIONS; round++) {
    const middle = (low + high) / 2;
    if (sumOf(stretch, { even, bend: Math.exp(middle) }) > sum) low = middle;
    else high = middle;
  }
  return { even, bend: Math.exp((low + high) / 2) };
}

/** @returns the sum of what was filled in */
function fillCurve(values: Int32Array, stretch: Stretch, rise: Rise): number {
  const places = stretch.to - stretch.from;
  let total = 0;
  for (let place = 0; place < places; place++) {
    const value = Math.round(curve(stretch, (place + 0.5) / places, rise));
    values[stretch.from + place] = value;
    total += value;
  }
  return total;
}

/** Adds `left` in small steps where a stretch has room. @returns what found none */
function level(values: Int32Array, stretch: Stretch, left: number): number {
  const { from, to, least, most } = stretch;
  let missing = left;
  while (Math.abs(missing) >= 1 && to > from) {
    const step = Math.sign(missing) * Math.max(1, Math.floor(Math.abs(missing) / (to - from)));
    const before = missing;
    for (let place = to - 1; place >= from && Math.abs(missing) >= 1; place--) {
      const value = values[place] as number;
      const wanted = Math.abs(step) > Math.abs(missing) ? Math.trunc(missing) : step;
      const next = Math.min(most, Math.max(least, value + wanted));
      values[place] = next;
      missing -= next - value;
    }
    if (missing === before) break;
  }
  return missing;
}
