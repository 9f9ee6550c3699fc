import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** Conditions, filters, key conditions and updates of DynamoDB, as far as the adapters write them. */
export type Item = Record<string, AttributeValue>;

/** What an expression's placeholders stand for. */
export interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>> | undefined;
}

type Test = (item: Item, given: Placeholders) => boolean;
type Operand = (item: Item, given: Placeholders) => AttributeValue | undefined;
type Change = (into: Item, before: Item, given: Placeholders) => void;

/** AWS refuses an expression that it cannot read; here it is a mistake of the test, or of an adapter. */
class ExpressionError extends Error {
  override readonly name = 'ValidationException';
}

const TOKEN = /\s*([#:]?[A-Za-z_][\w]*|<=|>=|<>|[=<>(),+-])/y;

class Tokens {
  readonly #tokens: string[] = [];
  #next = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const at = TOKEN.lastIndex;
      const found = TOKEN.exec(text);
      if (found?.[1] === undefined) throw new ExpressionError(`unreadable at ${at}: ${text}`);
      this.#tokens.push(found[1]);
    }
  }

  peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  take(expected?: string): string {
    const token = this.#tokens[this.#next++];
    if (token === undefined || (expected !== undefined && token.toUpperCase() !== expected)) {
      throw new ExpressionError(`expected ${expected ?? 'more'} instead of ${token}`);
    }
    return token;
  }

  takeIf(expected: string): boolean {
    if (this.peek()?.toUpperCase() !== expected) return false;
    this.#next++;
    return true;
  }
}

function nameOf(token: string, given: Placeholders): string {
  if (!token.startsWith('#')) return token;
  const name = given.ExpressionAttributeNames?.[token];
  if (name === undefined) throw new ExpressionError(`no name for ${token}`);
  return name;
}

function placeholderOf(token: string, given: Placeholders): AttributeValue {
  const value = given.ExpressionAttributeValues?.[token];
  if (value === undefined) throw new ExpressionError(`no value for ${token}`);
  return value;
}

function operand(token: string): Operand {
  return token.startsWith(':')
    ? (_, given) => placeholderOf(token, given)
    : (item, given) => item[nameOf(token, given)];
}

function order(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.N !== undefined && b.N !== undefined) return Number(a.N) - Number(b.N);
  if (a.S !== undefined && b.S !== undefined) return a.S < b.S ? -1 : Number(a.S > b.S);
  return undefined;
}

const COMPARISONS: Readonly<Record<string, (order: number | undefined) => boolean>> = {
  '=': (by) => by === 0,
  '<>': (by) => by !== 0,
  '<': (by) => by !== undefined && by < 0,
  '<=': (by) => by !== undefined && by <= 0,
  '>': (by) => by !== undefined && by > 0,
  '>=': (by) => by !== undefined && by >= 0,
};

function comparison(tokens: Tokens): Test {
  const first = tokens.take();
  if (tokens.takeIf('(')) {
    const path = operand(tokens.take());
    switch (first) {
      case 'attribute_exists':
        tokens.take(')');
        return (item, given) => path(item, given) !== undefined;
      case 'attribute_not_exists':
        tokens.take(')');
        return (item, given) => path(item, given) === undefined;
      case 'begins_with': {
        tokens.take(',');
        const prefix = operand(tokens.take());
        tokens.take(')');
        return (item, given) =>
          path(item, given)?.S?.startsWith(prefix(item, given)?.S ?? '') === true;
      }
    }
    throw new ExpressionError(`no function ${first}`);
  }
  const left = operand(first);
  const sign = tokens.take();
  if (sign.toUpperCase() === 'IN') {
    tokens.take('(');
    const list = [operand(tokens.take())];
    while (tokens.takeIf(',')) list.push(operand(tokens.take()));
    tokens.take(')');
    return (item, given) => {
      const value = left(item, given);
      if (value === undefined) return false;
      return list.some((one) => order(value, one(item, given) ?? { NULL: true }) === 0);
    };
  }
  const compare = COMPARISONS[sign];
  if (compare === undefined) throw new ExpressionError(`no comparison ${sign}`);
  const right = operand(tokens.take());
  return (item, given) => {
    const [a, b] = [left(item, given), right(item, given)];
    // Nothing is like, or before, or after what is not there; only unlike it.
    if (a === undefined || b === undefined) return sign === '<>';
    return compare(order(a, b));
  };
}

function unary(tokens: Tokens): Test {
  if (tokens.takeIf('NOT')) {
    const test = unary(tokens);
    return (item, given) => !test(item, given);
  }
  if (tokens.takeIf('(')) {
    const test = disjunction(tokens);
    tokens.take(')');
    return test;
  }
  return comparison(tokens);
}

function conjunction(tokens: Tokens): Test {
  let test = unary(tokens);
  while (tokens.takeIf('AND')) {
    const [left, right] = [test, unary(tokens)];
    test = (item, given) => left(item, given) && right(item, given);
  }
  return test;
}

function disjunction(tokens: Tokens): Test {
  let test = conjunction(tokens);
  while (tokens.takeIf('OR')) {
    const [left, right] = [test, conjunction(tokens)];
    test = (item, given) => left(item, given) || right(item, given);
  }
  return test;
}

function assignment(tokens: Tokens): Change {
  const target = tokens.take();
  tokens.take('=');
  const source = tokens.take();
  let value: Operand;
  if (source === 'if_not_exists') {
    tokens.take('(');
    const path = operand(tokens.take());
    tokens.take(',');
    const fallback = operand(tokens.take());
    tokens.take(')');
    value = (item, given) => path(item, given) ?? fallback(item, given);
  } else {
    value = operand(source);
  }
  return (into, before, given) => {
    const found = value(before, given);
    if (found === undefined)
      throw new ExpressionError('the value is an attribute that is not there');
    into[nameOf(target, given)] = found;
  };
}

function addition(tokens: Tokens): Change {
  const target = tokens.take();
  const addend = operand(tokens.take());
  return (into, before, given) => {
    const name = nameOf(target, given);
    const sum = Number(before[name]?.N ?? 0) + Number(addend(before, given)?.N);
    into[name] = { N: String(sum) };
  };
}

function removal(tokens: Tokens): Change {
  const target = tokens.take();
  return (into, _, given) => {
    delete into[nameOf(target, given)];
  };
}

const CLAUSES: Readonly<Record<string, (tokens: Tokens) => Change>> = {
  SET: assignment,
  ADD: addition,
  REMOVE: removal,
};

function changes(text: string): Change[] {
  const tokens = new Tokens(text);
  const list: Change[] = [];
  while (tokens.peek() !== undefined) {
    const clause = CLAUSES[tokens.take().toUpperCase()];
    if (clause === undefined) throw new ExpressionError(`no clause in ${text}`);
    do list.push(clause(tokens));
    while (tokens.takeIf(','));
  }
  return list;
}

function remembered<Made>(make: (text: string) => Made): (text: string) => Made {
  const made = new Map<string, Made>();
  return (text) => {
    let known = made.get(text);
    if (known === undefined) {
      known = make(text);
      made.set(text, known);
    }
    return known;
  };
}

const testOf = remembered((text): Test => {
  const tokens = new Tokens(text);
  const test = disjunction(tokens);
  if (tokens.peek() !== undefined) throw new ExpressionError(`more than a condition: ${text}`);
  return test;
});
const changesOf = remembered(changes);

/** Whether a condition holds for an item; an item that is not there has no attributes. */
export function holds(
  expression: string | undefined,
  item: Item | undefined,
  given: Placeholders,
): boolean {
  return expression === undefined || testOf(expression)(item ?? {}, given);
}

/** The item after an update; what was before stays as it was. */
export function updated(expression: string, before: Item, given: Placeholders): Item {
  const item = { ...before };
  for (const change of changesOf(expression)) change(item, before, given);
  return item;
}
