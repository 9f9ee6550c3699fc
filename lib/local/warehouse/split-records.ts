/** Firehose takes at most so many objects of one record. */
const mostObjects = 500;

/**
 * The JSON objects of a record, one after the other, with line feeds or nothing between them; undefined when it holds
 * anything else, or too many.
 */
export function jsonObjectsOf(record: string): Record<string, unknown>[] | undefined {
  const objects: Record<string, unknown>[] = [];
  for (const text of topLevelObjects(record)) {
    if (objects.length === mostObjects) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return undefined;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    objects.push(value as Record<string, unknown>);
  }
  return objects.length === 0 ? undefined : objects;
}

/** Texts of the outermost objects; what is between them, and is no space, comes as a text of its own. */
function* topLevelObjects(record: string): Generator<string> {
  let depth = 0;
  let begin = 0;
  let inString = false;
  for (let at = 0; at < record.length; at++) {
    const character = record[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) {
      yield record.slice(begin, at + 1);
      begin = at + 1;
    }
  }
  const rest = record.slice(begin);
  if (rest.trim() !== '') yield rest;
}

/** A partition's key, and the field of an object that gives its value. */
export interface PartitionKey {
  name: string;
  path: string[];
}

/**
 * Reads a query such as `{day:.day,place:.where.place}`, which is all of JQ that is emulated.
 *
 * @returns undefined for any other
 */
export function partitionKeysOf(query: string): PartitionKey[] | undefined {
  const [, inner] = /^\s*\{(.*)\}\s*$/.exec(query) ?? [];
  if (inner === undefined) return undefined;
  const keys: PartitionKey[] = [];
  for (const part of inner.split(',')) {
    const [, name, path] = /^\s*"?(\w+)"?\s*:\s*((?:\.\w+)+)\s*$/.exec(part) ?? [];
    if (name === undefined || path === undefined) return undefined;
    keys.push({ name, path: path.slice(1).split('.') });
  }
  return keys;
}

/** The values of an object's partition; undefined when one is missing. */
export function partitionOf(
  object: Record<string, unknown>,
  keys: readonly PartitionKey[],
): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const { name, path } of keys) {
    let value: unknown = object;
    for (const step of path) value = (value as Record<string, unknown> | null | undefined)?.[step];
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    values[name] = String(value);
  }
  return values;
}
