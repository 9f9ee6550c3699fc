import type { Template } from 'aws-cdk-lib/assertions';
import { flat, plainId, resources } from './synthesized-stack.ts';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** One action on one resource that a policy allows or denies a role. */
export interface Grant {
  /** The logical id of the role, without its hash. */
  readonly role: string;
  /** The logical id of the policy. */
  readonly policy: string;
  /** Its statement, from 0. */
  readonly statement: number;
  readonly effect: 'Allow' | 'Deny';
  readonly action: string;
  /** Which of the statement's resources, from 0. */
  readonly resource: number;
  /** The resource in words: `LegsStream.Arn`. */
  readonly on: string;
  /** `through kinesis`, `bound to a context`; undefined for no condition. */
  readonly condition: string | undefined;
}

const list = <Item>(one: Item | Item[]): Item[] => (Array.isArray(one) ? one : [one]);

/** Everything that the policies of a stack say of its roles. */
export function grants(template: Template): Grant[] {
  return Object.entries(resources(template, 'AWS::IAM::Policy')).flatMap(
    ([policy, { Properties }]) => {
      const { Statement } = Properties.PolicyDocument as { Statement: Statement[] };
      return list(Properties.Roles).flatMap((role) =>
        Statement.flatMap(({ Action, Condition, Effect, Resource }, statement) =>
          list(Action).flatMap((action) =>
            list(Resource).map((one, resource) => ({
              role: flat(role),
              policy,
              statement,
              effect: Effect,
              action,
              resource,
              on: flat(one),
              condition: conditionOf(Condition),
            })),
          ),
        ),
      );
    },
  );
}

/** A grant as one line. */
export function lineOf({ action, condition, effect, on }: Grant): string {
  const parts = [...(effect === 'Deny' ? ['deny'] : []), action, 'on', on];
  return [...parts, ...(condition === undefined ? [] : ['if', condition])].join(' ');
}

/** Whether a grant is one that every function has: writing its own logs and traces. */
export function isOwnLogging({ action }: Grant): boolean {
  return /^(logs:(CreateLogStream|PutLogEvents)|xray:Put\w+)$/.test(action);
}

/**
 * All that a role may do, one line for each action on each resource, sorted. Writing its own logs and
 * traces is left out, for every function may.
 * @param role the logical id of the role, without its hash
 */
export function permissions(template: Template, role: string): string[] {
  const lines = grants(template)
    .filter((grant) => grant.role === role && !isOwnLogging(grant))
    .map(lineOf);
  return [...new Set(lines)].sort();
}

/** The logical ids of all roles, without their hashes. */
export function roles(template: Template): string[] {
  return Object.keys(resources(template, 'AWS::IAM::Role')).map(plainId).sort();
}

function conditionOf(condition: unknown): string | undefined {
  if (condition === undefined) return undefined;
  const via = /"kms:ViaService":"(\w+)\.\*\.amazonaws\.com\*"/.exec(JSON.stringify(condition));
  return via?.[1] === undefined ? 'bound to a context' : `through ${via[1]}`;
}
