import { ACTING, plainText } from '../../lib/domain/plain-text.ts';

/** Text of several lines that no terminal acts on; the lines stay. */
export function plainLines(text: string): string {
  return text.split('\n').map(plainText).join('\n');
}

/** A value with every text in it, keys too, as {@link plainText} has it. */
export function plainValue<Value>(value: Value): Value {
  return plain(value) as Value;
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [plainText(key), plain(inner)]),
  );
}

/** A value as JSON that reads back to the same, and that no terminal acts on. */
export function safeJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, undefined, indent) ?? 'null';
  // Between the texts of a JSON document stand line feeds and none of the others.
  return json.replace(ACTING, (character) => (character === '\n' ? character : escaped(character)));
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
