import type { Decoder } from './decoder.ts';
import { HOSTILE_TEXTS } from './hostile-text.ts';
import { broken, type JsonTree, textOf, treeOf } from './json-tree.ts';
import { brokenBytes, pick, type Recipe, type Step } from './recipe.ts';

type Make = Decoder['make'];

/** Inputs made of good JSON documents. */
export function fromJson(documents: readonly unknown[]): Make {
  const trees = documents.map(treeOf);
  const whole = trees.map((tree) => Buffer.from(textOf(tree)));
  return ({ base, bytes, steps }) =>
    brokenBytes(Buffer.from(textOf(brokenTree(pick(trees, base), steps))), bytes, whole);
}

export function brokenTree(tree: JsonTree, steps: readonly Step[]): JsonTree {
  return steps.reduce(broken, tree);
}

/** Inputs made of good JSON Lines. */
export function fromJsonLines(documents: readonly unknown[]): Make {
  const make = fromJson(documents);
  return (recipe) => {
    const lines = Array.from({ length: 1 + (recipe.shape % 4) }, (_, i) =>
      make({ ...recipe, base: recipe.base + i, steps: recipe.steps.slice(i), bytes: [] }),
    );
    const separator = recipe.shape % 8 === 7 ? '\r\n' : '\n';
    const all = Buffer.concat(lines.flatMap((line) => [line, Buffer.from(separator)]));
    return brokenBytes(all, recipe.bytes, lines);
  };
}

type Rows = readonly (readonly string[])[];

function csvOf(rows: Rows, shape: number): Buffer {
  // Written well, as a sloppy program would, or so that quotes stand where they should not.
  const cell = (text: string) => {
    if (shape % 4 === 0) return text;
    return /[",\n\r]/.test(text) || shape % 4 === 1 ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const end = shape % 5 === 4 ? '\r\n' : '\n';
  return Buffer.from(rows.map((row) => `${row.map(cell).join(',')}${end}`).join(''));
}

function brokenRows(rows: Rows, [kind, where, a, b]: Step): Rows {
  const at = where % rows.length;
  const changed = (change: (row: readonly string[]) => readonly string[]) =>
    rows.map((row, i) => (i === at ? change(row) : row));
  switch (kind % 6) {
    case 0:
      return [...rows, ...rows.slice(1)];
    case 1:
      return rows.filter((_, i) => i !== at);
    case 2:
      return changed((row) => [...row, pick(HOSTILE_TEXTS, b)]);
    case 3:
      return changed((row) => row.slice(1));
    default:
      return changed((row) =>
        row.map((cell, i) => {
          if (i !== a % row.length) return cell;
          return kind % 2 === 0 ? pick(HOSTILE_TEXTS, b) : cell + pick(HOSTILE_TEXTS, b);
        }),
      );
  }
}

/** Inputs made of good tables, the first row of each its header. */
export function fromTables(tables: readonly Rows[]): Make {
  const whole = tables.map((rows) => csvOf(rows, 2));
  return ({ base, bytes, shape, steps }: Recipe) =>
    brokenBytes(csvOf(steps.reduce(brokenRows, pick(tables, base)), shape), bytes, whole);
}

/** Inputs made of good texts, which are not of any format. */
export function fromTexts(texts: readonly string[]): Make {
  const whole = [...texts, ...HOSTILE_TEXTS].map((text) => Buffer.from(text));
  return ({ base, bytes, steps }) => {
    const parts = [pick(texts, base), ...steps.map(([, , , b]) => pick(HOSTILE_TEXTS, b))];
    return brokenBytes(Buffer.from(parts.join('')), bytes, whole);
  };
}
