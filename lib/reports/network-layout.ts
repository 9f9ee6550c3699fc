/** A place in a drawing that is one unit wide and one high. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Two nodes that are to lie near each other, by their positions in the list. */
export interface Tie {
  readonly from: number;
  readonly to: number;
}

const ROUNDS = 250;
/** Turn from one node to the next on the spiral that all start on: no two turns ever meet. */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const GRAVITY = 0.6;
const FIRST_STEP = 0.12;
const LEAST_DISTANCE = 1e-4;

/**
 * Places nodes so that linked ones lie near each other and all others apart: forces after Fruchterman and Reingold (1991),
 * with a pull to the middle that keeps unlinked parts on the page. Nothing is drawn by lot: the same links give the
 * same picture. Takes the square of the nodes, a quarter of a second for 300.
 */
export function placeNodes(count: number, ties: readonly Tie[]): Place[] {
  const x = Float64Array.from(
    { length: count },
    (_, i) => spiral(i, count) * Math.cos(i * GOLDEN_ANGLE),
  );
  const y = Float64Array.from(
    { length: count },
    (_, i) => spiral(i, count) * Math.sin(i * GOLDEN_ANGLE),
  );
  const ideal = Math.sqrt(1 / Math.max(1, count));
  for (let round = 0; round < ROUNDS; round++) {
    const dx = new Float64Array(count);
    const dy = new Float64Array(count);
    const push = (a: number, b: number, force: (distance: number) => number) => {
      const gapX = at(x, a) - at(x, b);
      const gapY = at(y, a) - at(y, b);
      const distance = Math.max(LEAST_DISTANCE, Math.hypot(gapX, gapY));
      const strength = force(distance) / distance;
      dx[a] = at(dx, a) + gapX * strength;
      dy[a] = at(dy, a) + gapY * strength;
      dx[b] = at(dx, b) - gapX * strength;
      dy[b] = at(dy, b) - gapY * strength;
    };
    for (let a = 0; a < count; a++) {
      for (let b = a + 1; b < count; b++) push(a, b, (distance) => (ideal * ideal) / distance);
    }
    for (const { from, to } of ties) {
      if (from !== to) push(from, to, (distance) => -(distance * distance) / ideal);
    }
    const step = FIRST_STEP * (1 - round / ROUNDS);
    for (let node = 0; node < count; node++) {
      const moveX = at(dx, node) - GRAVITY * at(x, node);
      const moveY = at(dy, node) - GRAVITY * at(y, node);
      const length = Math.max(LEAST_DISTANCE, Math.hypot(moveX, moveY));
      x[node] = at(x, node) + (moveX / length) * Math.min(length, step);
      y[node] = at(y, node) + (moveY / length) * Math.min(length, step);
    }
  }
  const wide = toUnit(x);
  const high = toUnit(y);
  return Array.from({ length: count }, (_, i) => ({ x: wide(at(x, i)), y: high(at(y, i)) }));
}

function spiral(place: number, count: number): number {
  return 0.5 * Math.sqrt((place + 0.5) / Math.max(1, count));
}

/** To fill from 0 to 1; a line of one point lies in the middle. */
function toUnit(values: Float64Array): (value: number) => number {
  const least = Math.min(...values);
  const span = Math.max(...values) - least;
  return (value) => (span < LEAST_DISTANCE ? 0.5 : (value - least) / span);
}

function at(values: Float64Array, place: number): number {
  return values[place] ?? 0;
}
