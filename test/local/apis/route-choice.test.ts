import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseRoute,
  compareRoutes,
  parseRouteKey,
  type RoutePattern,
} from '../../../lib/local/apis/route-choice.ts';

function routes(...keys: string[]): RoutePattern[] {
  return keys
    .map((key) => {
      const pattern = parseRouteKey(key);
      if (pattern === undefined) throw new Error(key);
      return pattern;
    })
    .sort(compareRoutes);
}

function choose(table: RoutePattern[], request: string) {
  const [method = '', path = ''] = request.split(' ');
  const choice = chooseRoute(table, method, path.slice(1).split('/'));
  return choice && { key: choice.route.key, ...choice.parameters };
}

describe('the choice of a route', () => {
  // The first four are the example of API Gateway's own documentation.
  const table = routes(
    'ANY /{proxy+}',
    '$default',
    'GET /pets/{proxy+}',
    'GET /pets/dog/{id}',
    'GET /pets/dog/1',
    'ANY /pets/dog/1',
    'GET /',
  );

  it.each([
    ['GET /pets/dog/1', { key: 'GET /pets/dog/1' }],
    ['GET /pets/dog/2', { key: 'GET /pets/dog/{id}', id: '2' }],
    ['GET /pets/cat/1', { key: 'GET /pets/{proxy+}', proxy: 'cat/1' }],
    ['POST /test/5', { key: 'ANY /{proxy+}', proxy: 'test/5' }],
    ['POST /pets/dog/1', { key: 'ANY /pets/dog/1' }],
    ['GET /', { key: 'GET /' }],
    ['POST /', { key: '$default' }],
    ['GET /pets/dog/', { key: 'GET /pets/{proxy+}', proxy: 'dog/' }],
    ['GET /pets/dog/1/', { key: 'GET /pets/{proxy+}', proxy: 'dog/1/' }],
  ])('for %s is the most exact one', (request, expected) => {
    expect(choose(table, request)).toEqual(expected);
  });

  it('is none where nothing matches, and variables match no empty text', () => {
    const few = routes('GET /pets/{id}', 'GET /all/{proxy+}');
    for (const request of ['GET /pets/', 'GET /pets', 'POST /pets/1', 'GET /all/', 'GET /all']) {
      expect(choose(few, request)).toBeUndefined();
    }
  });

  it('does not depend on the order in which routes were made', () => {
    const keys = table.map(({ key }) => key);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(keys, { minLength: keys.length }),
        fc.constantFrom('GET', 'POST'),
        fc.array(fc.constantFrom('pets', 'dog', '1', 'x'), { maxLength: 4 }),
        (shuffled, method, parts) => {
          const request = `${method} /${parts.join('/')}`;
          expect(choose(routes(...shuffled), request)).toEqual(choose(table, request));
        },
      ),
    );
  });

  it.each(['GET', 'FETCH /x', 'GET x', '/x', 'GET /{proxy+}/x', ''])(
    'has no use for the route key «%s»',
    (key) => {
      expect(parseRouteKey(key)).toBeUndefined();
    },
  );
});
