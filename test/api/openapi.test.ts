import { readFileSync, writeFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { ENDPOINTS, type Endpoint, routeKeyOf } from '../../lib/api/endpoints.ts';
import { openApiDocument } from '../../lib/api/openapi.ts';

const endpoints = Object.values<Endpoint>(ENDPOINTS);

describe('the endpoints', () => {
  test('have a route each', () => {
    const routes = endpoints.map(routeKeyOf);

    expect(new Set(routes).size).toBe(routes.length);
  });

  test('name in their path just the parameters that are checked', () => {
    for (const { parameters, path } of endpoints) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

      expect(Object.keys(parameters?.properties ?? {})).toEqual(named);
    }
  });

  test('take no property that their schemas do not name', () => {
    for (const { body, parameters, query } of endpoints) {
      for (const schema of [body, parameters, query]) {
        if (schema === undefined) continue;
        expect(Compile(schema).Check({ ...sample(schema), surprise: 1 })).toBe(false);
      }
    }
  });
});

function sample(schema: { readonly properties: Readonly<Record<string, unknown>> }): object {
  return Object.fromEntries(Object.keys(schema.properties).map((name) => [name, undefined]));
}

describe('the OpenAPI document', () => {
  const file = new URL('../../docs/schemas/officers-api.json', import.meta.url);

  test('in the docs is the one that the API serves', () => {
    const text = `${JSON.stringify(openApiDocument(), undefined, 2)}\n`;
    // UPDATE_DOCS=1 writes it anew.
    if (process.env.UPDATE_DOCS === '1') writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('has an operation for every endpoint, and says who may call it', () => {
    const { paths } = openApiDocument() as {
      paths: Record<string, Record<string, { operationId: string; description: string }>>;
    };

    const operations = Object.values(paths).flatMap((path) => Object.values(path));

    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(
      Object.keys(ENDPOINTS).sort(),
    );
    for (const { description } of operations)
      expect(description).toMatch(/^(Groups: .+|Anybody)\./);
  });
});
