import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createAccessControl } from '../../lib/local/iam/access-control.ts';
import { evaluatePolicy } from '../../lib/local/iam/evaluate-policy.ts';
import type { PolicyStatement } from '../../lib/local/iam/policy-document.ts';
import { matchesWildcard } from '../../lib/local/iam/wildcard-match.ts';
import { partiQlTarget } from '../../lib/local/services/dynamodb-permissions.ts';
import { s3Permissions } from '../../lib/local/services/s3-permissions.ts';

const read = { action: 'dynamodb:GetItem', resource: 'arn:aws:dynamodb:r:1:table/a' };
const allow = (more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: 'Allow',
  Action: 'dynamodb:GetItem',
  Resource: read.resource,
  ...more,
});

describe('a role', () => {
  const decide = (statements: PolicyStatement[], warn = vi.fn()) =>
    evaluatePolicy(statements, read, { 'aws:SecureTransport': 'true' }, warn);

  it.each<[string, PolicyStatement[], string]>([
    ['nothing', [], 'not-granted'],
    ['the action on the resource', [allow()], 'allowed'],
    ['another action', [allow({ Action: 'dynamodb:PutItem' })], 'not-granted'],
    ['another resource', [allow({ Resource: `${read.resource}b` })], 'not-granted'],
    [
      'wildcards, actions in any case',
      [allow({ Action: 'DynamoDB:get*', Resource: '*' })],
      'allowed',
    ],
    [
      'all but this action',
      [{ Effect: 'Allow', NotAction: 'dynamodb:GetItem', Resource: '*' }],
      'not-granted',
    ],
    ['a deny beside an allow', [allow(), { Effect: 'Deny', Action: '*', Resource: '*' }], 'denied'],
    [
      'a condition that holds',
      [allow({ Condition: { Bool: { 'aws:SecureTransport': 'true' } } })],
      'allowed',
    ],
    [
      'a condition that does not',
      [allow({ Condition: { Bool: { 'aws:SecureTransport': false } } })],
      'not-granted',
    ],
    [
      'a deny whose condition does not hold',
      [
        allow(),
        {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
      'allowed',
    ],
  ])('with %s', (_name, statements, decision) => {
    expect(decide(statements)).toBe(decision);
  });

  it('gets the stricter answer, and a warning, where a condition cannot be judged', () => {
    const warn = vi.fn();
    const condition = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };
    expect(decide([allow({ Condition: condition })], warn)).toBe('not-granted');
    expect(decide([allow(), { ...allow({ Condition: condition }), Effect: 'Deny' }], warn)).toBe(
      'denied',
    );
    expect(warn).toHaveBeenCalledTimes(2);
  });
});

describe('the record of what roles did', () => {
  const origin = { policy: 'Reading', statement: 2 };
  const listing = { action: 'dynamodb:Query', resource: `${read.resource}/index/by-day` };
  const control = (statement: PolicyStatement) => {
    const access = createAccessControl({ accountId: '1', warn: vi.fn() });
    access.register('KEY', { arn: 'arn:role/reader', statements: [statement], used: new Set() });
    const request = { accessKeyId: 'KEY', region: 'r', service: 'dynamodb' };
    return { access, call: (permission: typeof read) => access.authorize(request, [permission]) };
  };

  it('names the grants that allowed calls, each once', () => {
    const { access, call } = control(
      allow({ origin, Action: ['dynamodb:GetItem', 'dynamodb:Q*'], Resource: ['x', '*'] }),
    );
    for (const permission of [read, read, listing]) call(permission);

    expect(access.record()).toEqual({
      used: [
        { ...origin, action: 'dynamodb:GetItem', resource: 1 },
        { ...origin, action: 'dynamodb:Q*', resource: 1 },
      ],
      refused: [],
    });
  });

  it('names the calls that nothing allowed', () => {
    const { access, call } = control(allow({ origin }));

    expect(() => call(listing)).toThrow('not authorized');
    expect(access.record()).toEqual({
      used: [],
      refused: [{ caller: 'arn:role/reader', ...listing }],
    });
  });
});

describe('IAM patterns', () => {
  it('take a star for any run and a question mark for one character, and all else as it is', () => {
    expect(matchesWildcard('a.b*c?', 'a.bxxc1')).toBe(true);
    expect(matchesWildcard('a.b*c?', 'aXbxxc1')).toBe(false);
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        const plain = left.replaceAll(/[*?]/g, '');
        expect(matchesWildcard(plain, plain)).toBe(true);
        expect(matchesWildcard(`${plain}*`, plain + right)).toBe(true);
      }),
    );
  });
});

describe('what a request needs', () => {
  it.each([
    [`INSERT INTO "t-1" VALUE {'id': ?}`, { action: 'dynamodb:PartiQLInsert', table: 't-1' }],
    ['update "t.1" SET a = ? WHERE id = ?', { action: 'dynamodb:PartiQLUpdate', table: 't.1' }],
    ['DELETE FROM t WHERE id = ?', { action: 'dynamodb:PartiQLDelete', table: 't' }],
    [
      'SELECT * FROM "t"."by-queue" WHERE q = ?',
      { action: 'dynamodb:PartiQLSelect', table: 't', index: 'by-queue' },
    ],
  ])('is read from the statement %s', (statement, target) => {
    expect(partiQlTarget(statement)).toEqual(target);
  });

  it.each([
    [
      'PUT',
      '/b/quarantine/a%20b',
      [{ action: 's3:PutObject', resource: 'arn:aws:s3:::b/quarantine/a b' }],
    ],
    ['HEAD', '/b/k', [{ action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' }]],
    [
      'GET',
      '/b?list-type=2&prefix=x',
      [
        {
          action: 's3:ListBucket',
          resource: 'arn:aws:s3:::b',
          context: { 's3:prefix': 'x' },
        },
      ],
    ],
    ['DELETE', '/b/k', [{ action: 's3:DeleteObject', resource: 'arn:aws:s3:::b/k' }]],
  ])('is read from %s %s', (method, url, permissions) => {
    expect(s3Permissions({ method, url, headers: {} }, 'aws')).toEqual(permissions);
  });
});
