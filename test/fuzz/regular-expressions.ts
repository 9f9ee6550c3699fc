import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';

const ROOT = join(import.meta.dirname, '../..');
const ROOMS = ['bin', 'functions', 'lib'];

/** A regular expression of the product, and where it stands. */
export interface Expression {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** One that is put together while the program runs: it cannot be read off the source. */
export interface Composed {
  readonly place: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

function* nodesOf(root: unknown): Generator<Node> {
  if (Array.isArray(root)) for (const item of root) yield* nodesOf(item);
  if (!isNode(root)) return;
  yield root;
  for (const value of Object.values(root)) {
    if (typeof value === 'object' && value !== null) yield* nodesOf(value);
  }
}

function sources(): string[] {
  return ROOMS.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(room, name)),
  ).sort();
}

/** A text that stands in the source as it is, or in a template without places to fill. */
function textOf(node: unknown): string | undefined {
  const { quasis, type, value } = node as {
    type: string;
    value?: unknown;
    quasis?: { value: { cooked: string } }[];
  };
  if (type === 'Literal' && typeof value === 'string') return value;
  if (type === 'TemplateLiteral' && quasis?.length === 1) return quasis[0]?.value.cooked;
  return undefined;
}

interface Found {
  readonly expressions: Expression[];
  readonly composed: Composed[];
}

function findIn(file: string, found: Found): void {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const { errors, program } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const placeOf = ({ start }: Node) => `${file}:${text.slice(0, start).split('\n').length}`;
  for (const node of nodesOf(program)) {
    const {
      arguments: given,
      callee,
      key,
      regex,
      value,
    } = node as Node & {
      regex?: { pattern: string; flags: string };
      callee?: { name?: string };
      arguments?: readonly unknown[];
      key?: { name?: string };
      value?: unknown;
    };
    const place = placeOf(node);
    if (regex !== undefined) {
      found.expressions.push({ place, source: regex.pattern, flags: regex.flags });
    } else if (callee?.name === 'RegExp') {
      const [source, flags] = (given ?? []).map(textOf);
      if (source === undefined) found.composed.push({ place });
      else found.expressions.push({ place, source, flags: flags ?? '' });
    } else if (node.type === 'Property' && key?.name === 'pattern') {
      // Of a JSON schema: the validator compiles it with the flag u.
      const source = textOf(value);
      if (source !== undefined) found.expressions.push({ place, source, flags: 'u' });
    }
  }
}

/** Every regular expression in the source of the product: literals, `RegExp` calls, and patterns of schemas. */
export function regularExpressions(): Found {
  const found: Found = { expressions: [], composed: [] };
  for (const file of sources()) findIn(file, found);
  return found;
}
