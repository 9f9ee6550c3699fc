import type { Policy } from '../../lib/domain/policy.ts';

/** One difference between two policies. */
export interface PolicyChange {
  /** The part of the policy, such as `scoring` or `term calls-strangers`. */
  readonly part: string;
  /** In words, such as `riskyAt: 5 → 6`. */
  readonly change: string;
}

type Json = unknown;
type JsonRecord = Readonly<Record<string, Json>>;

/** What a reader may not know by its name. */
const MEANINGS: Readonly<Record<string, string>> = {
  afterMinutes: 'when an unreachable phone is texted again',
  base: 'points before any term',
  baseRate: 'share of fraudsters among callers in life',
  channels: 'ways to a person, in order',
  cooldownHours: 'no second text to a person within',
  dueMinutes: "when an officer's call is due",
  episodeHours: 'exposures further apart are different episodes',
  expiresMinutes: 'a text later than this is given up',
  feed: 'how what the study found gets on the list',
  fraudShare: 'share of fraud that the points are calibrated at',
  fromTier: 'cases from this tier on',
  lookbackHours: 'how far back people are exposed',
  minimumCallsMade: 'calls made before a caller is judged',
  missing: 'points where there is no such call',
  pointsAtLeast: 'points from which a finding of the study is listed by itself',
  riskyAt: 'points from which a caller is risky',
  riskyHours: 'how long a caller stays risky',
  settleSeconds: 'wait for records out of order',
  times: 'how often an unreachable phone is texted again',
  withdrawBelow: 'points under which a finding is withdrawn',
};

/** Names an entry of a list of named things; undefined for lists of other things. */
const NAMES = ['id', 'rule', 'kind'] as const;
const PART_OF_NAME: Readonly<Record<(typeof NAMES)[number], string>> = {
  id: 'term',
  rule: 'rule',
  kind: 'kind',
};
/** Every version differs in these; they are told apart from what changes how the pipeline acts. */
const ABOUT: ReadonlySet<string> = new Set(['version', 'author', 'reason', 'created', 'schema']);

const isRecord = (value: Json): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function nameKey(list: readonly Json[]): (typeof NAMES)[number] | undefined {
  return NAMES.find((key) =>
    list.every((entry) => isRecord(entry) && typeof entry[key] === 'string'),
  );
}

function show(value: Json): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
}

interface Bin {
  readonly below?: number;
  readonly points: number;
}

const isBins = (value: Json): value is readonly Bin[] =>
  Array.isArray(value) && value.every((bin) => isRecord(bin) && typeof bin.points === 'number');

const signed = (points: number): string => (points > 0 ? `+${points}` : String(points));

function rangeOf(bins: readonly Bin[], i: number): string {
  const from = bins[i - 1]?.below;
  const below = bins[i]?.below;
  if (from === undefined) return below === undefined ? 'any value' : `below ${below}`;
  return below === undefined ? `from ${from}` : `${from} to ${below}`;
}

function binsInWords(bins: readonly Bin[]): string {
  return bins.map(({ points }, i) => `${rangeOf(bins, i)} ${signed(points)}`).join(', ');
}

function binChanges(part: string, before: readonly Bin[], after: readonly Bin[]): PolicyChange[] {
  const sameBounds =
    before.length === after.length && before.every(({ below }, i) => below === after[i]?.below);
  if (!sameBounds) {
    return [{ part, change: `other bins: ${binsInWords(before)} → ${binsInWords(after)}` }];
  }
  return after.flatMap(({ points }, i) => {
    const was = before[i]?.points ?? 0;
    if (was === points) return [];
    return [{ part, change: `${rangeOf(after, i)}: ${signed(was)} → ${signed(points)}` }];
  });
}

/** An entry in one line, without the name that its part has already. */
function whole(value: Json, name: string): string {
  if (!isRecord(value)) return show(value);
  const { bins, [name]: _name, ...rest } = value;
  const shown = Object.entries(rest).map(([key, inner]) => `${key} ${show(inner)}`);
  return [...shown, ...(isBins(bins) ? [binsInWords(bins)] : [])].join(', ');
}

function listChanges(
  part: string,
  before: readonly Json[],
  after: readonly Json[],
): PolicyChange[] | undefined {
  const key = nameKey([...before, ...after]);
  if (key === undefined) return undefined;
  const byName = (list: readonly Json[]) =>
    new Map(list.map((entry) => [String((entry as JsonRecord)[key]), entry]));
  const old = byName(before);
  const young = byName(after);
  // A name that stands twice cannot say which is which.
  if (old.size !== before.length || young.size !== after.length) return undefined;
  const names = [...new Set([...old.keys(), ...young.keys()])];
  const changes = names.flatMap((name): PolicyChange[] => {
    const named = `${PART_OF_NAME[key]} ${name}`;
    const was = old.get(name);
    const is = young.get(name);
    if (was === undefined) return [{ part: named, change: `new: ${whole(is, key)}` }];
    if (is === undefined) return [{ part: named, change: `taken out (was: ${whole(was, key)})` }];
    return valueChanges(named, '', was, is);
  });
  const order = (list: ReadonlyMap<string, Json>) => names.filter((name) => list.has(name));
  const kept = [...old.keys()].filter((name) => young.has(name));
  const reordered = [...young.keys()].filter((name) => old.has(name)).some((n, i) => n !== kept[i]);
  // Where the first that holds wins, an order is a decision.
  return reordered && key === 'kind'
    ? [...changes, { part, change: `other order: ${order(young).join(', ')}` }]
    : changes;
}

function valueChanges(part: string, path: string, before: Json, after: Json): PolicyChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) =>
      valueChanges(part, path === '' ? key : `${path}.${key}`, before[key], after[key]),
    );
  }
  if (isBins(before) && isBins(after)) return binChanges(part, before, after);
  if (Array.isArray(before) && Array.isArray(after)) {
    const changes = listChanges(part, before, after);
    if (changes !== undefined) return changes;
  }
  const meaning = MEANINGS[path.split('.').at(-1) ?? ''];
  const label = meaning === undefined ? path : `${path} (${meaning})`;
  return [{ part, change: `${label}: ${show(before)} → ${show(after)}` }];
}

/** What a second policy does otherwise than a first one, term by term; empty when they act alike. */
export function policyChanges(before: Policy, after: Policy): PolicyChange[] {
  const parts = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return parts
    .filter((part) => !ABOUT.has(part))
    .flatMap((part) =>
      valueChanges(
        part,
        '',
        (before as unknown as JsonRecord)[part],
        (after as unknown as JsonRecord)[part],
      ),
    );
}
