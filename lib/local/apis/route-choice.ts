/** One part of a route's path. */
type Segment =
  | { kind: 'literal'; text: string }
  | { kind: 'parameter'; name: string }
  | { kind: 'greedy'; name: string };

/** Where a route key leads to; without segments it is `$default`. */
export interface RoutePattern {
  /** As in the template: `GET /tasks/{id}`, `ANY /{proxy+}`, `$default`. */
  key: string;
  /** `ANY` for all. */
  method: string;
  /** As in the key; empty for `$default`. */
  path: string;
  segments?: readonly Segment[];
}

export interface RouteChoice<Route> {
  route: Route;
  /** Decoded. */
  parameters: Record<string, string>;
}

const keyForm = /^(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) (\/\S*)$/;

function parseSegment(text: string): Segment {
  const [, name, greedy] = /^\{([^{}+]+)(\+?)\}$/.exec(text) ?? [];
  if (name === undefined) return { kind: 'literal', text };
  return { kind: greedy === '+' ? 'greedy' : 'parameter', name };
}

/** Reads a route key; undefined for what is none, or has a greedy variable before its end. */
export function parseRouteKey(key: string): RoutePattern | undefined {
  if (key === '$default') return { key, method: 'ANY', path: '' };
  const [, method, path] = keyForm.exec(key) ?? [];
  if (method === undefined || path === undefined) return undefined;
  const segments = path.slice(1).split('/').map(parseSegment);
  const misplaced = segments.slice(0, -1).some(({ kind }) => kind === 'greedy');
  return misplaced ? undefined : { key, method, path, segments };
}

const ranks = { literal: 0, parameter: 1, greedy: 2 };

/**
 * Orders routes so that the first that matches is the one API Gateway chooses: an exact path
 * before a variable, a variable before a greedy one, `$default` last, a method before ANY.
 */
export function compareRoutes(left: RoutePattern, right: RoutePattern): number {
  if (left.segments === undefined || right.segments === undefined) {
    return Number(left.segments === undefined) - Number(right.segments === undefined);
  }
  for (const [place, segment] of left.segments.entries()) {
    const other = right.segments[place];
    if (other === undefined) break;
    if (ranks[segment.kind] !== ranks[other.kind]) return ranks[segment.kind] - ranks[other.kind];
  }
  return (
    right.segments.length - left.segments.length ||
    Number(left.method === 'ANY') - Number(right.method === 'ANY')
  );
}

function match(
  pattern: readonly Segment[],
  path: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [place, segment] of pattern.entries()) {
    const text = path[place];
    if (text === undefined) return undefined;
    if (segment.kind === 'greedy') {
      const rest = path.slice(place).join('/');
      return rest === '' ? undefined : { ...parameters, [segment.name]: rest };
    }
    if (segment.kind === 'literal' ? text !== segment.text : text === '') return undefined;
    if (segment.kind === 'parameter') parameters[segment.name] = text;
  }
  return pattern.length === path.length ? parameters : undefined;
}

/**
 * The route for a request.
 *
 * @param routes in the order of {@link compareRoutes}.
 * @param path its decoded segments.
 */
export function chooseRoute<Route extends RoutePattern>(
  routes: readonly Route[],
  method: string,
  path: readonly string[],
): RouteChoice<Route> | undefined {
  for (const route of routes) {
    if (route.method !== 'ANY' && route.method !== method) continue;
    const parameters = route.segments === undefined ? {} : match(route.segments, path);
    if (parameters !== undefined) return { route, parameters };
  }
  return undefined;
}
