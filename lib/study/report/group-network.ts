import type { NumberToken } from '../../domain/leg.ts';
import { networkChart } from '../../reports/charts.ts';
import type { Html } from '../../reports/page.ts';
import type { FoundGroup } from '../study-result.ts';
import { kindInWords } from '../study-words.ts';
import type { ReportContext } from './report-context.ts';
import { spokenEvidence } from './spoken-evidence.ts';

/** More nodes are a knot to the eye. */
const MOST_NODES = 70;

const LINES = { handset: 'dashed', subject: 'solid', succession: 'arrow' } as const;

interface Node {
  readonly number: NumberToken;
  readonly isPerson: boolean;
}

/** Draws a group: its numbers, the people whom several of them called, and what links them. */
export function groupNetwork(
  group: FoundGroup,
  label: string,
  { figures, labelOf, language, words }: ReportContext,
): Html {
  const { groups: said } = words;
  const nodes = nodesOf(group);
  const shown = nodes.slice(0, MOST_NODES);
  const places = new Map(shown.map(({ number }, place) => [number, place]));
  const people = nodes.filter(({ isPerson }) => isPerson).length;
  const notes = [spokenEvidence(group.evidence, language)];
  if (shown.length < nodes.length) {
    notes.push(said.shown(figures.count(shown.length), figures.count(nodes.length)));
  }
  return networkChart({
    title: said.caption(
      label,
      kindInWords(group.kind, language),
      figures.count(group.numbers.length),
    ),
    note: notes.filter((note) => note !== '').join(words.and),
    nodes: shown.map(({ number, isPerson }) => ({ name: labelOf(number), kind: isPerson ? 1 : 0 })),
    nodeKinds: people > 0 ? [said.number, said.person] : [said.number],
    links: linksBetween(group.links, places),
    height: Math.min(380, 200 + 6 * shown.length),
  });
}

/** Each pair once for each reason: a line over a line shows nothing. */
function linksBetween(
  links: FoundGroup['links'],
  places: ReadonlyMap<NumberToken, number>,
): {
  readonly from: number;
  readonly to: number;
  readonly line: (typeof LINES)[keyof typeof LINES];
}[] {
  const drawn = new Set<string>();
  return links.flatMap(({ from, to, why }) => {
    const ends = [places.get(from), places.get(to)] as const;
    const name = `${ends[0]} ${ends[1]} ${why}`;
    if (ends[0] === undefined || ends[1] === undefined || drawn.has(name)) return [];
    drawn.add(name);
    return [{ from: ends[0], to: ends[1], line: LINES[why] }];
  });
}

/** Members and those linked to them, the heaviest linked first. */
function nodesOf({ links, numbers }: FoundGroup): Node[] {
  const weights = new Map<NumberToken, number>(numbers.map((number) => [number, 0]));
  const members = new Set(numbers);
  for (const { from, to, weight } of links) {
    for (const end of [from, to]) weights.set(end, (weights.get(end) ?? 0) + weight);
  }
  const linkedBySubject = new Set(links.filter(({ why }) => why === 'subject').map(({ to }) => to));
  return [...weights]
    .toSorted(([, a], [, b]) => b - a)
    .map(([number]) => ({
      number,
      isPerson: !members.has(number) && linkedBySubject.has(number),
    }));
}
