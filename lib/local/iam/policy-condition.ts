import type { PolicyStatement } from './policy-document.ts';
import { matchesWildcard } from './wildcard-match.ts';

/** What is known of a request when a policy's conditions are judged. */
export type ConditionContext = Record<string, string>;

/** `unknown` when the matcher does not understand the operator or has no value for the key. */
export type ConditionVerdict = 'met' | 'unmet' | 'unknown';

type Comparison = (expected: string, actual: string) => boolean;

const comparisons: Record<string, Comparison> = {
  StringEquals: (expected, actual) => expected === actual,
  StringEqualsIgnoreCase: (expected, actual) => expected.toLowerCase() === actual.toLowerCase(),
  StringLike: (expected, actual) => matchesWildcard(expected, actual),
  ArnEquals: (expected, actual) => matchesWildcard(expected, actual),
  ArnLike: (expected, actual) => matchesWildcard(expected, actual),
  Bool: (expected, actual) => expected.toLowerCase() === actual.toLowerCase(),
};

const negations: Record<string, string> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

function judge(operator: string, expected: string[], actual: string | undefined): ConditionVerdict {
  const optional = operator.endsWith('IfExists');
  const plain = optional ? operator.slice(0, -'IfExists'.length) : operator;
  const negated = negations[plain];
  const compare = comparisons[negated ?? plain];
  if (compare === undefined) return 'unknown';
  if (actual === undefined) return optional ? 'met' : 'unknown';
  const matched = expected.some((value) => compare(value, actual));
  return matched === (negated === undefined) ? 'met' : 'unmet';
}

/** All operators and keys of a statement's `Condition` must hold together. */
export function judgeCondition(
  condition: PolicyStatement['Condition'],
  context: ConditionContext,
): ConditionVerdict {
  const lowerCased = new Map(
    Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]),
  );
  let verdict: ConditionVerdict = 'met';
  for (const [operator, keys] of Object.entries(condition ?? {})) {
    for (const [key, values] of Object.entries(keys)) {
      const expected = [values].flat().map(String);
      const judged = judge(operator, expected, lowerCased.get(key.toLowerCase()));
      if (judged === 'unmet') return 'unmet';
      if (judged === 'unknown') verdict = 'unknown';
    }
  }
  return verdict;
}
