import { readFileSync } from 'node:fs';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { grants } from './role-permissions.ts';
import { flat, onlyResource, resources, synthesized } from './synthesized-stack.ts';

const ARCHITECTURE = new URL('../../docs/architecture.md', import.meta.url);

/** The functions that the architecture says may read the sealing key. */
function readersInDocs(): string[] {
  const [, section = ''] = readFileSync(ARCHITECTURE, 'utf8').split(
    '## Who may read the sealing key\n',
  );
  return [...section.matchAll(/^\| `([\w-]+)` \| read the key \|/gm)]
    .map(([, name]) => String(name))
    .sort();
}

/** Those to which thick arrows lead in its picture. */
function readersInPicture(): string[] {
  const nodes = [...readFileSync(ARCHITECTURE, 'utf8').matchAll(/^ {2}secret ==>.* (\w+)$/gm)];
  return nodes
    .map(([, node]) => String(node).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
    .sort();
}

interface FunctionProperties {
  readonly Role: unknown;
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

function functions(template: Template) {
  return Object.values(resources(template, 'AWS::Lambda::Function')).map(({ Properties }) => {
    const { Environment, Role } = Properties as unknown as FunctionProperties;
    return {
      name: flat(Environment.Variables.POWERTOOLS_SERVICE_NAME),
      role: flat(Role).replace(/\.Arn$/, ''),
      isTold: Environment.Variables.SEALING_SECRET_ARN !== undefined,
    };
  });
}

/** The functions that run under roles. */
const under = (template: Template, roles: readonly string[]): string[] =>
  functions(template)
    .filter(({ role }) => roles.includes(role))
    .map(({ name }) => name)
    .sort();

describe.each(['dev', 'prod', 'local'])('The key that unseals, in %s,', (stage) => {
  const template = synthesized(stage);
  const readers = readersInDocs();

  test('may be read by the roles of exactly the functions that the architecture names', () => {
    const roles = grants(template)
      .filter(({ action, effect }) => effect === 'Allow' && /^secretsmanager:/.test(action))
      .map(({ action, on, role }) => {
        expect([action, on]).toEqual(['secretsmanager:GetSecretValue', 'SealingSecret']);
        return role;
      });

    expect(readers.length).toBeGreaterThan(5);
    expect(under(template, roles)).toEqual(readers);
    expect(new Set(roles).size).toBe(readers.length);
  });

  test('is decrypted for no other role', () => {
    const roles = grants(template)
      .filter(({ condition }) => condition === 'through secretsmanager')
      .map(({ role }) => role);

    expect(under(template, roles)).toEqual(readers);
  });

  test('is refused by its own policy to all others', () => {
    const policy = onlyResource(template, 'AWS::SecretsManager::ResourcePolicy');
    const { Statement } = policy.ResourcePolicy as {
      Statement: [{ Condition: { ArnNotEquals: { 'aws:PrincipalArn': unknown[] } } }];
    };
    const roles = Statement[0].Condition.ArnNotEquals['aws:PrincipalArn'].map((arn) =>
      flat(arn).replace(/\.Arn$/, ''),
    );

    expect(under(template, roles)).toEqual(readers);
  });

  test('is told of to no other function', () => {
    const told = functions(template).filter(({ isTold }) => isTold);

    expect(told.map(({ name }) => name).sort()).toEqual(readers);
  });
});

test('The picture of the architecture shows the readers of the key, but for analysts’ own', () => {
  const shown = readersInPicture().map((name) =>
    name === 'officers-api' ? 'officer-numbers' : name,
  );

  // It has no node for the command line's function.
  expect([...shown, 'explain-number'].sort()).toEqual(readersInDocs());
});
