import { HOSTILE_JSON, HOSTILE_KEYS, HOSTILE_TEXTS } from './hostile-text.ts';
import { pick, type Step } from './recipe.ts';

/**
 * A JSON document that can be broken in its structure: unlike a value, it can hold a key twice, a key `__proto__`, and
 * numbers that no value has. Never changed: what is broken is a new one, which shares what is whole.
 */
export type JsonTree =
  | { readonly kind: 'leaf'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly JsonTree[]; text?: string }
  | {
      readonly kind: 'object';
      readonly entries: readonly (readonly [key: string, value: JsonTree])[];
      text?: string;
    };

export function treeOf(value: unknown): JsonTree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(treeOf) };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => [key, treeOf(inner)] as const);
    return { kind: 'object', entries };
  }
  return { kind: 'leaf', text: JSON.stringify(value) };
}

/** The text of a document; that of its whole parts is remembered. */
export function textOf(tree: JsonTree): string {
  if (tree.kind === 'leaf') return tree.text;
  tree.text ??=
    tree.kind === 'list'
      ? `[${tree.items.map(textOf).join(',')}]`
      : `{${tree.entries.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(',')}}`;
  return tree.text;
}

const leaf = (text: string): JsonTree => ({ kind: 'leaf', text });

/** A value that nobody asked for. */
function strange([, , a, b]: Step): JsonTree {
  if (a % 2 === 0) return leaf(JSON.stringify(pick(HOSTILE_TEXTS, b)));
  return leaf(pick(HOSTILE_JSON, b));
}

function childrenOf(tree: JsonTree): number {
  if (tree.kind === 'leaf') return 0;
  return tree.kind === 'list' ? tree.items.length : tree.entries.length;
}

function withChild(tree: JsonTree, at: number, change: (child: JsonTree) => JsonTree): JsonTree {
  if (tree.kind === 'list') {
    return { kind: 'list', items: tree.items.map((item, i) => (i === at ? change(item) : item)) };
  }
  if (tree.kind === 'leaf') return tree;
  const entries = tree.entries.map(
    ([key, value], i) => [key, i === at ? change(value) : value] as const,
  );
  return { kind: 'object', entries };
}

function brokenHere(tree: JsonTree, step: Step): JsonTree {
  const [kind, , a, b] = step;
  if (tree.kind === 'object') {
    const { entries } = tree;
    const [key, value] = entries[a % Math.max(entries.length, 1)] ?? ['', leaf('null')];
    switch (kind % 6) {
      case 0:
        return { kind: 'object', entries: entries.filter(([name]) => name !== key) };
      case 1:
        return { kind: 'object', entries: [...entries, [key, strange(step)]] };
      case 2:
        return { kind: 'object', entries: [[key, strange(step)], ...entries] };
      case 3:
        return { kind: 'object', entries: [...entries, [pick(HOSTILE_KEYS, b), strange(step)]] };
      case 4:
        return {
          kind: 'object',
          entries: entries.map(([name, inner]) => [
            name === key ? pick(HOSTILE_KEYS, b) : name,
            inner,
          ]),
        };
      default:
        return value;
    }
  }
  if (tree.kind === 'list') {
    const { items } = tree;
    switch (kind % 5) {
      case 0:
        return { kind: 'list', items: items.filter((_, i) => i !== a % items.length) };
      case 1:
        return { kind: 'list', items: [...items, ...items] };
      case 2:
        return { kind: 'list', items: [...items, strange(step)] };
      case 3:
        return { kind: 'list', items: items.toReversed() };
      default:
        return items[a % Math.max(items.length, 1)] ?? tree;
    }
  }
  switch (kind % 4) {
    case 0:
      return { kind: 'list', items: [tree] };
    case 1: {
      // Grown at either end, or within.
      if (!tree.text.startsWith('"')) return leaf(`${tree.text}${b % 10}`);
      const text: string = JSON.parse(tree.text);
      const at = a % (text.length + 1);
      const grown = text.slice(0, at) + pick(HOSTILE_TEXTS, b) + text.slice(at);
      return leaf(JSON.stringify(grown));
    }
    default:
      return strange(step);
  }
}

/** Breaks one place of a document; where, the step says. */
export function broken(tree: JsonTree, step: Step): JsonTree {
  const children = childrenOf(tree);
  const [kind, where, a, b] = step;
  // One in eight stops on the way down.
  if (children === 0 || where % 8 === 7) return brokenHere(tree, step);
  const rest = Math.floor(where / 8);
  return withChild(tree, rest % children, (child) =>
    broken(child, [kind, Math.floor(rest / children), a, b]),
  );
}
