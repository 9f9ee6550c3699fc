import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type ApiEvent, partsOf } from '../../functions/adapters/http-api/api-request.ts';
import { ENDPOINTS, type Endpoint, routeKeyOf } from '../../lib/api/endpoints.ts';
import { publicThings, surfaceTable, unjudgedTypes } from './public-surface.ts';
import { flat, resources, synthesized } from './synthesized-stack.ts';

const prod = synthesized('prod');
const stages = ['dev', 'prod'].map((stage) => [stage, synthesized(stage)] as const);
const everybody = { perSecond: 200, burst: 400 };
const reporters = { perSecond: 20, burst: 40 };

describe.each(stages)('What anybody can reach without credentials, in %s,', (_, template) => {
  test('is exactly this, each held to a rate', () => {
    const lines = publicThings(template).map(({ limit, of, what }) => [of, what, limit]);

    expect(lines).toEqual([
      ['LiveUpdatesApi', '$connect', everybody],
      ['LiveUpdatesApi', '$disconnect', everybody],
      ['OfficersApi', 'GET /appeals/{reference}', reporters],
      ['OfficersApi', 'GET /clues/{reference}', reporters],
      ['OfficersApi', 'GET /health', everybody],
      ['OfficersApi', 'GET /openapi.json', everybody],
      ['OfficersApi', 'POST /appeals', reporters],
      ['OfficersApi', 'POST /clues', reporters],
      [
        'OfficersPool',
        'sign-in, refresh and password recovery of officers; the keys of tokens',
        undefined,
      ],
    ]);
  });

  test('is of no type that nobody has judged', () => {
    expect(unjudgedTypes(template)).toEqual([]);
  });

  test('invokes functions through the APIs only, each from its own', () => {
    const permissions = Object.values(resources(template, 'AWS::Lambda::Permission')).map(
      ({ Properties: { FunctionName, Principal, SourceArn } }) =>
        `${flat(FunctionName)} by ${Principal}${SourceArn === undefined ? '' : ` from ${flat(SourceArn)}`}`,
    );
    const api = 'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>';
    const logs = 'RecordDeliveryFunction.Arn by logs.amazonaws.com from';
    const live = 'LiveUpdatesConnectFunction.Arn by apigateway.amazonaws.com from';

    expect(permissions.sort()).toEqual([
      `${live} ${api}:LiveUpdatesApi/*$connect`,
      `${live} ${api}:LiveUpdatesApi/*$disconnect`,
      ...['Cases', 'Clues', 'Numbers'].map(
        (name) =>
          `OfficersApi${name}Function.Arn by apigateway.amazonaws.com from ${api}:OfficersApi/*/*/*`,
      ),
      // It reads a policy, may do nothing, and tells only whether the policy is well formed.
      'PolicyValidatorFunction.Arn by appconfig.amazonaws.com',
      `${logs} DeliveryLogArrived.Arn`,
      `${logs} DeliveryLogFailed.Arn`,
    ]);
  });
});

test('The docs show what anybody can reach', () => {
  const file = new URL('../../docs/public-surface.md', import.meta.url);
  const text = readFileSync(file, 'utf8');
  const [before, , after] = text.split(/<!-- surface -->\n|<!-- end of surface -->\n/);
  const wanted = `${before}<!-- surface -->\n\n${surfaceTable(publicThings(prod))}\n\n<!-- end of surface -->\n${after}`;
  // UPDATE_DOCS=1 writes it anew.
  if (process.env.UPDATE_DOCS === '1') writeFileSync(file, wanted);
  expect(readFileSync(file, 'utf8')).toBe(wanted);
});

const open = Object.values<Endpoint>(ENDPOINTS)
  .filter(({ who }) => who === 'anybody')
  .map((endpoint) => [routeKeyOf(endpoint), endpoint] as const);

test.each(open)('%s reads no request of more than 16 KB', (_, endpoint) => {
  const event = {
    headers: { 'content-type': 'application/json' },
    body: `"${'x'.repeat(16 * 1024)}"`,
    isBase64Encoded: false,
    pathParameters: { reference: 'x'.repeat(22) },
  } as unknown as ApiEvent;

  expect(() => partsOf(event, endpoint)).toThrow('16384 bytes');
});
