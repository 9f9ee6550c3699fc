/** A feature's curve while it is being made: steps with the rows that lie on them. */
export interface Curve {
  /** The last bin has no `below`. */
  readonly bins: readonly CurveBin[];
  readonly missing: { readonly points: number; readonly rows: number };
}

/** One step of a curve. */
export interface CurveBin {
  readonly below?: number;
  readonly points: number;
  readonly rows: number;
}

/** Neighbours closer than this are one: log-odds nobody would read out. */
const SAME_POINTS = 0.005;

/**
 * Joins neighbouring bins, the pair first that changes the score least, until there are few enough and each step is
 * worth its name. Joining takes the mean, so a monotone curve stays one.
 */
export function simplifyCurve(curve: Curve, mostBins: number): Curve {
  const bins = [...curve.bins];
  for (;;) {
    let cheapest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let left = 0; left + 1 < bins.length; left++) {
      const cost = costOfJoining(bins[left] as CurveBin, bins[left + 1] as CurveBin);
      if (cost < least) {
        least = cost;
        cheapest = left;
      }
    }
    const [left, right] = [bins[cheapest], bins[cheapest + 1]];
    if (left === undefined || right === undefined) break;
    const needed = bins.length > mostBins || Math.abs(left.points - right.points) < SAME_POINTS;
    if (!needed) break;
    bins.splice(cheapest, 2, join(left, right));
  }
  return { ...curve, bins };
}

/** What joining adds to the sum of squared changes over all rows (Ward 1963). */
function costOfJoining(left: CurveBin, right: CurveBin): number {
  const rows = left.rows + right.rows;
  return rows === 0 ? 0 : ((left.rows * right.rows) / rows) * (left.points - right.points) ** 2;
}

function join(left: CurveBin, right: CurveBin): CurveBin {
  const rows = left.rows + right.rows;
  const points =
    rows === 0 ? left.points : (left.points * left.rows + right.points * right.rows) / rows;
  return { ...(right.below === undefined ? {} : { below: right.below }), points, rows };
}
