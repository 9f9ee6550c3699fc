import type { Permission } from '../gateway/aws-service.ts';
import { type ConditionContext, judgeCondition } from './policy-condition.ts';
import type { PolicyStatement, StatementOrigin } from './policy-document.ts';
import { matchesWildcard } from './wildcard-match.ts';

export type Decision = 'allowed' | 'denied' | 'not-granted';

/** What of a policy allowed a call: one action of a statement on one of its resources, as they stand there. */
export interface UsedGrant extends StatementOrigin {
  action: string;
  /** The place of the resource in the statement, from 0. */
  resource: number;
}

function matchesAny(patterns: string | string[], value: string, ignoreCase: boolean): boolean {
  return [patterns].flat().some((pattern) => matchesWildcard(pattern, value, ignoreCase));
}

function covers(statement: PolicyStatement, permission: Permission): boolean {
  const { Action, NotAction, Resource, NotResource } = statement;
  const action =
    Action !== undefined
      ? matchesAny(Action, permission.action, true)
      : NotAction !== undefined && !matchesAny(NotAction, permission.action, true);
  if (!action) return false;
  if (Resource !== undefined) return matchesAny(Resource, permission.resource, false);
  return NotResource !== undefined && !matchesAny(NotResource, permission.resource, false);
}

/**
 * IAM's rule for identity policies: an explicit Deny wins, else an Allow is needed. Where a
 * condition cannot be judged the answer is the stricter one, and `warn` is told.
 */
export function evaluatePolicy(
  statements: readonly PolicyStatement[],
  permission: Permission,
  context: ConditionContext,
  warn: (message: string) => void,
): Decision {
  let decision: Decision = 'not-granted';
  for (const statement of statements) {
    if (!covers(statement, permission)) continue;
    const condition = judgeCondition(statement.Condition, context);
    if (condition === 'unmet') continue;
    if (condition === 'unknown') {
      warn(
        `IAM: cannot judge the condition ${JSON.stringify(statement.Condition)} of a ${statement.Effect} for ${permission.action}`,
      );
    }
    if (statement.Effect === 'Deny') return 'denied';
    if (condition === 'met') decision = 'allowed';
  }
  return decision;
}

/** Which grants of the template allow what was decided to be allowed; a call may have several. */
export function grantsUsed(
  statements: readonly PolicyStatement[],
  permission: Permission,
  context: ConditionContext,
): UsedGrant[] {
  return statements
    .filter(
      (statement) =>
        statement.Effect === 'Allow' &&
        covers(statement, permission) &&
        judgeCondition(statement.Condition, context) === 'met',
    )
    .flatMap(({ Action = [], Resource = [], origin }) => {
      if (origin === undefined) return [];
      const actions = [Action].flat().filter((one) => matchesAny(one, permission.action, true));
      const resources = [...[Resource].flat().entries()].filter(([, one]) =>
        matchesAny(one, permission.resource, false),
      );
      return actions.flatMap((action) =>
        resources.map(([resource]) => ({ ...origin, action, resource })),
      );
    });
}
