import type { Template } from 'aws-cdk-lib/assertions';
import { flat, plainId, resources } from './synthesized-stack.ts';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const list = <Item>(one: Item | Item[]): Item[] => (Array.isArray(one) ? one : [one]);

/**
 * All that a role may do, one line for each action on each resource, sorted. Writing its own logs and
 * traces is left out, for every function may.
 * @param role the logical id of the role, without its hash
 */
export function permissions(template: Template, role: string): string[] {
  const lines = Object.values(resources(template, 'AWS::IAM::Policy'))
    .filter(({ Properties }) => list(Properties.Roles).some((one) => flat(one) === role))
    .flatMap(
      ({ Properties }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement,
    )
    .flatMap((statement) =>
      list(statement.Action).flatMap((action) =>
        list(statement.Resource).map((resource) =>
          [
            ...(statement.Effect === 'Deny' ? ['deny'] : []),
            action,
            'on',
            flat(resource),
            ...conditions(statement.Condition),
          ].join(' '),
        ),
      ),
    )
    .filter((line) => !/^(logs:(CreateLogStream|PutLogEvents)|xray:Put\w+) on /.test(line));
  return [...new Set(lines)].sort();
}

/** The logical ids of all roles, without their hashes. */
export function roles(template: Template): string[] {
  return Object.keys(resources(template, 'AWS::IAM::Role')).map(plainId).sort();
}

function conditions(condition: unknown): string[] {
  if (condition === undefined) return [];
  const via = /"kms:ViaService":"(\w+)\.\*\.amazonaws\.com\*"/.exec(JSON.stringify(condition));
  return ['if', via?.[1] === undefined ? 'bound to a context' : `through ${via[1]}`];
}
