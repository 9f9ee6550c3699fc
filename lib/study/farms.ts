import { UndirectedGraph } from 'graphology';
import communities from 'graphology-communities-louvain';
import type { NumberToken } from '../domain/leg.ts';
import type { NumberLink } from './number-links.ts';
import type { Evidence, FindingKind, FoundGroup } from './study-result.ts';
import type { Suspect } from './suspect.ts';
import { rounded, sumOf } from './weigh.ts';

// Its types tell of a default export, but the CommonJS module is the function itself.
const louvain = communities as unknown as typeof communities.default;

/** Points from which two numbers count as linked. */
export const LINKED_AT = 5;
/** Two numbers alone are a group only when far more than that binds them. */
const PAIR_AT = 9;
const GROUP_RARITY = -9;
/** Below 1 communities stay large: a chain of numbers that follow each other is one farm. */
const RESOLUTION = 0.1;
const MOST_LINKS_SHOWN = 400;

/**
 * Whether a number may be one of a farm: a caller of strangers who hardly call back, of few contacts. Desks,
 * couriers and call centres have many contacts, or contacts who know each other or call of themselves.
 */
export function mayBeOfFarm({ contacts, opened, cameBack, closed }: Suspect): boolean {
  if (closed === undefined) return false;
  return opened >= 0.6 * contacts && cameBack <= 0.4 * opened && closed <= 0.25 * contacts;
}

/** Parts linked numbers into communities, and keeps those that too much binds for chance. */
export function findGroups(
  links: readonly NumberLink[],
  suspects: ReadonlyMap<NumberToken, Suspect>,
): FoundGroup[] {
  if (links.length === 0) return [];
  const graph = new UndirectedGraph();
  for (const { from, to, weight } of links) {
    graph.mergeNode(from);
    graph.mergeNode(to);
    graph.mergeEdge(from, to, { weight });
  }
  const community = louvain(graph, {
    resolution: RESOLUTION,
    getEdgeWeight: 'weight',
    randomWalk: false,
  });
  const members = Map.groupBy(graph.nodes().toSorted(), (number) => community[number] ?? -1);
  return [...members.values()]
    .map((numbers) => {
      const within = new Set(numbers);
      const own = links.filter(({ from, to }) => within.has(from) && within.has(to));
      return groupOf(numbers, own, suspects);
    })
    .filter((group): group is FoundGroup => group !== undefined)
    .toSorted((a, b) => b.points - a.points || (a.id < b.id ? -1 : 1));
}

function groupOf(
  numbers: readonly NumberToken[],
  links: readonly NumberLink[],
  suspects: ReadonlyMap<NumberToken, Suspect>,
): FoundGroup | undefined {
  const strongest = links.toSorted((a, b) => b.weight - a.weight);
  if (numbers.length < 2 || (numbers.length === 2 && (strongest[0]?.weight ?? 0) < PAIR_AT)) {
    return undefined;
  }
  const evidence = evidenceOf(numbers, links, suspects);
  const shown = strongest.slice(0, MOST_LINKS_SHOWN).map((link) => ({
    from: link.from,
    to: link.to,
    why: whyOf(link),
    weight: link.weight,
  }));
  return {
    id: `group-${numbers[0] ?? ''}`,
    kind: kindOf(links),
    numbers,
    links: shown,
    evidence,
    points: sumOf(evidence),
  };
}

function whyOf({ handsets, succession }: NumberLink): 'handset' | 'subject' | 'succession' {
  if (handsets > 0) return 'handset';
  return succession ? 'succession' : 'subject';
}

/** Numbers of which each follows another that fell silent, without a common handset, are successors. */
function kindOf(links: readonly NumberLink[]): FindingKind {
  return links.every(({ handsets, succession }) => handsets === 0 && succession)
    ? 'successor'
    : 'farm';
}

function evidenceOf(
  numbers: readonly NumberToken[],
  links: readonly NumberLink[],
  suspects: ReadonlyMap<NumberToken, Suspect>,
): Evidence[] {
  const mean = (of: (link: NumberLink) => number) =>
    links.reduce((sum, link) => sum + of(link), 0) / links.length;
  const sharing = (of: (link: NumberLink) => number) => links.filter((link) => of(link) > 0).length;
  const opened = numbers.reduce((sum, number) => sum + (suspects.get(number)?.opened ?? 0), 0);
  const turns = links.filter(({ succession }) => succession).length;
  const handsets = sharing((link) => link.handsets);
  const people = sharing((link) => link.people);
  return [
    { id: 'rarity', value: 1, points: GROUP_RARITY },
    { id: 'linked-numbers', value: numbers.length, points: Math.min(6, numbers.length) },
    {
      id: 'strength-of-links',
      value: rounded(mean((link) => link.weight)),
      points: Math.min(8, Math.round(mean((link) => link.weight))),
    },
    { id: 'pairs-on-one-handset', value: handsets, points: handsets > 0 ? 1 : 0 },
    { id: 'pairs-calling-the-same-people', value: people, points: people > 0 ? 1 : 0 },
    { id: 'numbers-taking-turns', value: turns, points: turns > 0 ? 1 : 0 },
    { id: 'strangers-dialled', value: opened, points: 0 },
  ].filter(({ value }) => value > 0);
}
