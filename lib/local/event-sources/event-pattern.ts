import { InvalidFilterPatternError } from './event-source-errors.ts';

/** Tells whether a document matches a pattern. */
export type EventPredicate = (document: unknown) => boolean;

/** Tells whether a value of a field does; `undefined` stands for an absent field. */
type ValuePredicate = (value: unknown) => boolean;

type JsonObject = Record<string, unknown>;

/**
 * Compiles a pattern of the language that EventBridge and Lambda's event filters share: fields are
 * joined by and, the alternatives in a field's list by or; `$or` joins whole patterns.
 *
 * Alternatives: a value to equal, and the operators `prefix`, `suffix`, `equals-ignore-case`,
 * `anything-but`, `numeric`, `exists` and `wildcard`.
 *
 * @throws InvalidFilterPatternError for anything else
 */
export function compileEventPattern(pattern: unknown): EventPredicate {
  const fields = Object.entries(objectOf(pattern, 'A pattern')).map(([name, rule]) =>
    name === '$or' && Array.isArray(rule)
      ? anyOf(rule.map(compileEventPattern))
      : field(name, rule),
  );
  return (document) => fields.every((matches) => matches(document));
}

function field(name: string, rule: unknown): EventPredicate {
  if (!Array.isArray(rule)) {
    const matches = compileEventPattern(rule);
    return (document) => {
      const value = fieldOf(document, name);
      // An array of objects matches by any of its elements.
      return Array.isArray(value) ? value.some(matches) : matches(value);
    };
  }
  if (rule.length === 0) throw new InvalidFilterPatternError(`No alternatives for "${name}"`);
  const matches = anyOf(rule.map(compileAlternative));
  return (document) => {
    const value = fieldOf(document, name);
    if (Array.isArray(value)) return value.length === 0 ? matches(undefined) : value.some(matches);
    return matches(value);
  };
}

function fieldOf(document: unknown, name: string): unknown {
  if (typeof document !== 'object' || document === null) return undefined;
  return Object.hasOwn(document, name) ? (document as JsonObject)[name] : undefined;
}

function compileAlternative(alternative: unknown): ValuePredicate {
  if (typeof alternative !== 'object' || alternative === null) {
    return (value) => value === alternative;
  }
  const [operator, operand] = onlyEntry(alternative);
  switch (operator) {
    case 'exists':
      return exists(operand);
    case 'numeric':
      return numeric(operand);
    case 'anything-but':
      return anythingBut(operand);
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
    case 'wildcard':
      return ofText(textOperator(operator, operand));
    default:
      throw new InvalidFilterPatternError(`Unknown operator "${operator}"`);
  }
}

/** Only leaves exist in this sense: an object does not. */
function exists(wanted: unknown): ValuePredicate {
  if (typeof wanted !== 'boolean') throw new InvalidFilterPatternError('"exists" takes a boolean');
  const isLeaf: ValuePredicate = (value) =>
    value !== undefined && (typeof value !== 'object' || value === null);
  return wanted ? isLeaf : (value) => value === undefined;
}

/** Numbers that are text, as in DynamoDB's `N`, are not numeric. */
function numeric(operand: unknown): ValuePredicate {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0) {
    throw new InvalidFilterPatternError('"numeric" takes pairs of a comparison and a number');
  }
  const comparisons: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    comparisons.push(comparison(operand[index], operand[index + 1]));
  }
  return (value) => typeof value === 'number' && comparisons.every((holds) => holds(value));
}

function comparison(sign: unknown, bound: unknown): (value: number) => boolean {
  if (typeof bound !== 'number') throw new InvalidFilterPatternError('"numeric" compares numbers');
  switch (sign) {
    case '=':
      return (value) => value === bound;
    case '<':
      return (value) => value < bound;
    case '<=':
      return (value) => value <= bound;
    case '>':
      return (value) => value > bound;
    case '>=':
      return (value) => value >= bound;
    default:
      throw new InvalidFilterPatternError(`Unknown comparison ${JSON.stringify(sign)}`);
  }
}

/** Matches a value that is there and is none of those named. */
function anythingBut(operand: unknown): ValuePredicate {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [operator, texts] = onlyEntry(operand);
    const isNamed = anyOf(listOf(texts).map((text) => ofText(textOperator(operator, text))));
    return (value) => isScalar(value) && !isNamed(value);
  }
  const values: readonly unknown[] = listOf(operand);
  if (values.some((value) => typeof value !== 'string' && typeof value !== 'number')) {
    throw new InvalidFilterPatternError('"anything-but" takes texts and numbers');
  }
  return (value) => isScalar(value) && !values.includes(value);
}

function isScalar(value: unknown): boolean {
  return value === null || (value !== undefined && typeof value !== 'object');
}

function textOperator(operator: string, operand: unknown): (text: string) => boolean {
  if (typeof operand === 'object' && operand !== null) {
    const [modifier, text] = onlyEntry(operand);
    if (modifier === 'equals-ignore-case' && (operator === 'prefix' || operator === 'suffix')) {
      const matches = textOperator(operator, textOf(operator, text).toLowerCase());
      return (value) => matches(value.toLowerCase());
    }
  }
  const wanted = textOf(operator, operand);
  switch (operator) {
    case 'prefix':
      return (value) => value.startsWith(wanted);
    case 'suffix':
      return (value) => value.endsWith(wanted);
    case 'equals-ignore-case':
      return (value) => value.toLowerCase() === wanted.toLowerCase();
    case 'wildcard':
      return wildcard(wanted);
    default:
      throw new InvalidFilterPatternError(`Unknown operator "${operator}"`);
  }
}

/** `*` stands for any text; `\*` and `\\` for the characters themselves. */
function wildcard(wanted: string): (text: string) => boolean {
  const source = wanted.replace(/\\[*\\]|[*]|[\\^$.|?+()[\]{}]/g, (part) =>
    part === '*' ? '.*' : `\\${part.at(-1)}`,
  );
  const expression = new RegExp(`^${source}$`, 'su');
  return (text) => expression.test(text);
}

function ofText(matches: (text: string) => boolean): ValuePredicate {
  return (value) => typeof value === 'string' && matches(value);
}

function textOf(operator: string, operand: unknown): string {
  if (typeof operand === 'string') return operand;
  throw new InvalidFilterPatternError(`"${operator}" takes a text`);
}

function anyOf(predicates: readonly ValuePredicate[]): ValuePredicate {
  return (value) => predicates.some((matches) => matches(value));
}

function listOf(operand: unknown): readonly unknown[] {
  return Array.isArray(operand) ? operand : [operand];
}

function onlyEntry(operator: object): [string, unknown] {
  const entries = Object.entries(operator);
  const [entry] = entries;
  if (entry && entries.length === 1) return entry;
  throw new InvalidFilterPatternError('An operator is an object with one name');
}

function objectOf(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw new InvalidFilterPatternError(`${what} is an object`);
}
