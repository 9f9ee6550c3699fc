import { LocalCloudError } from '../errors.ts';

/** The value of a metric or an expression in one period; undefined where there is none. */
type Value = number | undefined;

/** An expression of CloudWatch's metric math, ready to be worked out for one period. */
export type MetricExpression = (read: (id: string) => Value) => Value;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z][A-Za-z0-9_]*)|(>=|<=|==|!=|[-+*/<>(),]))/y;

const OPERATORS: Record<string, (left: number, right: number) => Value> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  // CloudWatch gives no data point where it would divide by nothing.
  '/': (left, right) => (right === 0 ? undefined : left / right),
  '<': (left, right) => Number(left < right),
  '>': (left, right) => Number(left > right),
  '<=': (left, right) => Number(left <= right),
  '>=': (left, right) => Number(left >= right),
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
};

/** The operators that bind alike, loosest first. */
const LEVELS = [
  ['<', '>', '<=', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
] as const;

const FUNCTIONS: Record<string, { arguments: number; of(...values: Value[]): Value }> = {
  IF: {
    arguments: 3,
    of: (condition, yes, no) => (condition === undefined ? undefined : condition !== 0 ? yes : no),
  },
  FILL: { arguments: 2, of: (value, filling) => value ?? filling },
};

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null) throw notUnderstood(text, `at “${text.slice(at)}”`);
    tokens.push(found[0].trim());
  }
  return tokens;
}

function notUnderstood(text: string, why: string): LocalCloudError {
  return new LocalCloudError(
    'resource-invalid',
    `The metric math “${text}” is not run here ${why}`,
  );
}

/**
 * Reads the metric math that alarms are made of: arithmetic, comparisons, `IF` and `FILL`.
 *
 * @throws LocalCloudError `resource-invalid` for anything else.
 */
export function parseMetricMath(text: string): MetricExpression {
  const tokens = tokensOf(text);
  let next = 0;
  const expect = (token: string): void => {
    if (tokens[next] !== token) throw notUnderstood(text, `without “${token}”`);
    next += 1;
  };

  const binary = (level: number): MetricExpression => {
    const operators: readonly string[] | undefined = LEVELS[level];
    if (operators === undefined) return term();
    let left = binary(level + 1);
    for (let token = tokens[next]; token !== undefined && operators.includes(token); ) {
      next += 1;
      const [first, second, apply] = [left, binary(level + 1), OPERATORS[token]];
      left = (read) => {
        const [a, b] = [first(read), second(read)];
        return a === undefined || b === undefined ? undefined : apply?.(a, b);
      };
      token = tokens[next];
    }
    return left;
  };

  const call = (name: string): MetricExpression => {
    const known = FUNCTIONS[name];
    if (known === undefined) throw notUnderstood(text, `for ${name}`);
    expect('(');
    const given = [binary(0)];
    while (tokens[next] === ',') {
      next += 1;
      given.push(binary(0));
    }
    expect(')');
    if (given.length !== known.arguments) throw notUnderstood(text, `for what ${name} is given`);
    return (read) => known.of(...given.map((argument) => argument(read)));
  };

  const term = (): MetricExpression => {
    const token = tokens[next];
    if (token === undefined) throw notUnderstood(text, 'as it ends too soon');
    next += 1;
    if (token === '(') {
      const inside = binary(0);
      expect(')');
      return inside;
    }
    if (/^\d/.test(token)) return () => Number(token);
    if (!/^[A-Za-z]/.test(token)) throw notUnderstood(text, `for “${token}”`);
    return tokens[next] === '(' ? call(token) : (read) => read(token);
  };

  const whole = binary(0);
  if (next < tokens.length) throw notUnderstood(text, `from “${tokens[next]}” on`);
  return whole;
}
