/** What one person met with after a campaign began. */
export interface PersonAfter {
  /** Calls from risky callers that were answered. */
  readonly exposures: number;
  /** Of those calls together. */
  readonly talkMinutes: number;
}

/** Sums over the people of a group, enough for means and their variance. */
export interface GroupSums {
  people: number;
  exposed: number;
  exposures: number;
  exposuresSquared: number;
  talkMinutes: number;
  talkMinutesSquared: number;
}

export function emptyGroup(): GroupSums {
  return {
    people: 0,
    exposed: 0,
    exposures: 0,
    exposuresSquared: 0,
    talkMinutes: 0,
    talkMinutesSquared: 0,
  };
}

/** Counts a person, in place. */
export function addPerson(sums: GroupSums, { exposures, talkMinutes }: PersonAfter): void {
  sums.people += 1;
  sums.exposed += exposures > 0 ? 1 : 0;
  sums.exposures += exposures;
  sums.exposuresSquared += exposures ** 2;
  sums.talkMinutes += talkMinutes;
  sums.talkMinutesSquared += talkMinutes ** 2;
}

/** A value, and the bounds between which the true one lies with 95 % confidence. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One measure in both groups. */
export interface Comparison {
  readonly texted: number;
  readonly heldOut: number;
  /** Texted less held out: below 0 where the campaign helped. */
  readonly difference: Estimate;
  /** Texted by held out: below 1 where the campaign helped. Absent where too few people were exposed to say. */
  readonly ratio?: Estimate;
}

export interface CampaignEffect {
  readonly people: { readonly texted: number; readonly heldOut: number };
  readonly exposed: { readonly texted: number; readonly heldOut: number };
  /** Share of people who answered a risky caller. */
  readonly exposedShare: Comparison;
  /** Per 1,000 people. */
  readonly exposures: Comparison;
  /** Minutes per 1,000 people. */
  readonly talkMinutes: Comparison;
}

/** Two-sided 95 % of the normal distribution. */
const Z = 1.959963984540054;
const PER = 1_000;
/** Exposed people that each group must have before ratios, which lean on logarithms, are told. */
const FEWEST_EXPOSED = 10;

interface Mean {
  readonly mean: number;
  /** Of the mean, squared. */
  readonly variance: number;
}

/** The variance is the sample's own: calls come in clusters, so no Poisson law holds for them. */
function meanOf(sum: number, squares: number, people: number): Mean {
  if (people === 0) return { mean: 0, variance: 0 };
  const mean = sum / people;
  if (people === 1) return { mean, variance: 0 };
  const variance = Math.max(0, (squares - people * mean ** 2) / (people - 1));
  return { mean, variance: variance / people };
}

/** Wilson's score interval of a share (E. B. Wilson, 1927). */
function wilson(hits: number, people: number): Estimate {
  if (people === 0) return { value: 0, low: 0, high: 1 };
  const value = hits / people;
  const spread = Z ** 2 / people;
  const centre = (value + spread / 2) / (1 + spread);
  const half = (Z * Math.sqrt((value * (1 - value) + spread / 4) / people)) / (1 + spread);
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Newcombe's hybrid score interval (R. G. Newcombe, 1998, method 10): sound for rare events and small groups. */
function differenceOfShares(a: Estimate, b: Estimate): Estimate {
  const value = a.value - b.value;
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
  };
}

/** By the delta method on the logarithm, with the samples' own variances. */
function ratioOf(a: Mean, b: Mean): Estimate {
  const value = a.mean / b.mean;
  const spread = Z * Math.sqrt(a.variance / a.mean ** 2 + b.variance / b.mean ** 2);
  return { value, low: value * Math.exp(-spread), high: value * Math.exp(spread) };
}

function differenceOfMeans(a: Mean, b: Mean): Estimate {
  const value = a.mean - b.mean;
  const half = Z * Math.sqrt(a.variance + b.variance);
  return { value, low: value - half, high: value + half };
}

function scaled({ high, low, value }: Estimate, by: number): Estimate {
  return { value: value * by, low: low * by, high: high * by };
}

function compareMeans(a: Mean, b: Mean, tellsRatio: boolean): Comparison {
  return {
    texted: a.mean * PER,
    heldOut: b.mean * PER,
    difference: scaled(differenceOfMeans(a, b), PER),
    ...(tellsRatio && a.mean > 0 && b.mean > 0 && { ratio: ratioOf(a, b) }),
  };
}

function compareShares(a: GroupSums, b: GroupSums, tellsRatio: boolean): Comparison {
  const [texted, heldOut] = [wilson(a.exposed, a.people), wilson(b.exposed, b.people)];
  const spreadOf = ({ value }: Estimate, people: number): Mean => ({
    mean: value,
    variance: (value * (1 - value)) / people,
  });
  return {
    texted: texted.value,
    heldOut: heldOut.value,
    difference: differenceOfShares(texted, heldOut),
    ...(tellsRatio && {
      ratio: ratioOf(spreadOf(texted, a.people), spreadOf(heldOut, b.people)),
    }),
  };
}

/**
 * What a campaign did: everybody who was drawn to be texted against everybody who was held out, whether or not the
 * text reached them (by intention to treat), for only so the draw makes the groups alike.
 */
export function effectOf(texted: GroupSums, heldOut: GroupSums): CampaignEffect {
  const tellsRatio = texted.exposed >= FEWEST_EXPOSED && heldOut.exposed >= FEWEST_EXPOSED;
  const exposuresIn = (group: GroupSums) =>
    meanOf(group.exposures, group.exposuresSquared, group.people);
  const talkIn = (group: GroupSums) =>
    meanOf(group.talkMinutes, group.talkMinutesSquared, group.people);
  return {
    people: { texted: texted.people, heldOut: heldOut.people },
    exposed: { texted: texted.exposed, heldOut: heldOut.exposed },
    exposedShare: compareShares(texted, heldOut, tellsRatio),
    exposures: compareMeans(exposuresIn(texted), exposuresIn(heldOut), tellsRatio),
    talkMinutes: compareMeans(talkIn(texted), talkIn(heldOut), tellsRatio),
  };
}

/** What may be said of a comparison: that the texted fared better or worse, or nothing yet. */
export function verdictOf({ difference }: Comparison): 'fewer' | 'more' | 'undecided' {
  if (difference.high < 0) return 'fewer';
  return difference.low > 0 ? 'more' : 'undecided';
}
