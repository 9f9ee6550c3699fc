import { LocalCloudError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';

/** What intrinsic functions look things up in. */
export interface IntrinsicScope {
  /** `Ref`: a resource, a parameter or a pseudo parameter; undefined when there is none. */
  ref(name: string): JsonValue | undefined;
  /** `Fn::GetAtt`; undefined when there is none. */
  attribute(logicalId: string, name: string): JsonValue | undefined;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): JsonValue | undefined;
  availabilityZones(): string[];
}

/** Stands for `AWS::NoValue`: the property that holds it is left out. */
const absent = Symbol('AWS::NoValue');
type Resolved = JsonValue | typeof absent;

type Intrinsic = (argument: JsonValue, scope: IntrinsicScope) => Resolved;

function unknownReference(what: string): never {
  throw new LocalCloudError(
    'reference-unknown',
    `The template refers to ${what}, not in the stack`,
  );
}

function malformed(name: string, argument: JsonValue): never {
  throw new LocalCloudError('intrinsic-unknown', `Malformed ${name}: ${JSON.stringify(argument)}`);
}

function resolveInner(value: JsonValue, scope: IntrinsicScope): JsonValue {
  const resolved = resolve(value, scope);
  return resolved === absent ? null : resolved;
}

function text(value: JsonValue, scope: IntrinsicScope): string {
  const resolved = resolveInner(value, scope);
  if (typeof resolved === 'string') return resolved;
  if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
  return malformed('text', value);
}

function list(name: string, argument: JsonValue, scope: IntrinsicScope): JsonValue[] {
  const resolved = resolveInner(argument, scope);
  return Array.isArray(resolved) ? resolved : malformed(name, argument);
}

function tuple(name: string, argument: JsonValue, length: number): JsonValue[] {
  return Array.isArray(argument) && argument.length === length
    ? argument
    : malformed(name, argument);
}

function lookup(name: string, scope: IntrinsicScope): JsonValue {
  const [logicalId, ...rest] = name.split('.');
  if (rest.length === 0) return scope.ref(name) ?? unknownReference(name);
  return scope.attribute(logicalId ?? '', rest.join('.')) ?? unknownReference(name);
}

function substitute(argument: JsonValue, scope: IntrinsicScope): string {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  if (typeof template !== 'string' || !isJsonObject(variables))
    return malformed('Fn::Sub', argument);
  return template.replaceAll(/\$\{(!?)([^}]*)\}/g, (_match, literal: string, name: string) => {
    // `${!Literal}` is how a template writes a dollar-brace that stays.
    if (literal === '!') return `\${${name}}`;
    const key = name.trim();
    const variable = variables[key];
    return variable === undefined ? text(lookup(key, scope), scope) : text(variable, scope);
  });
}

function truth(argument: JsonValue, scope: IntrinsicScope): boolean {
  if (isJsonObject(argument) && typeof argument.Condition === 'string') {
    return scope.condition(argument.Condition);
  }
  const resolved = resolveInner(argument, scope);
  return resolved === true || resolved === 'true';
}

const intrinsics: Record<string, Intrinsic> = {
  Ref(argument, scope) {
    if (argument === 'AWS::NoValue') return absent;
    if (typeof argument !== 'string') return malformed('Ref', argument);
    return scope.ref(argument) ?? unknownReference(argument);
  },
  'Fn::GetAtt'(argument, scope) {
    const parts = typeof argument === 'string' ? argument.split('.') : argument;
    if (!Array.isArray(parts)) return malformed('Fn::GetAtt', argument);
    const [logicalId, ...rest] = parts;
    if (typeof logicalId !== 'string') return malformed('Fn::GetAtt', argument);
    const name = rest.map((part) => text(part, scope)).join('.');
    return scope.attribute(logicalId, name) ?? unknownReference(`${logicalId}.${name}`);
  },
  'Fn::Sub': substitute,
  'Fn::Join'(argument, scope) {
    const [separator, parts] = tuple('Fn::Join', argument, 2);
    return list('Fn::Join', parts ?? null, scope)
      .map((part) => text(part, scope))
      .join(text(separator ?? null, scope));
  },
  'Fn::Split'(argument, scope) {
    const [separator, whole] = tuple('Fn::Split', argument, 2);
    return text(whole ?? null, scope).split(text(separator ?? null, scope));
  },
  'Fn::Select'(argument, scope) {
    const [index, choices] = tuple('Fn::Select', argument, 2);
    const chosen = list('Fn::Select', choices ?? null, scope)[Number(text(index ?? null, scope))];
    return chosen ?? malformed('Fn::Select', argument);
  },
  'Fn::Base64': (argument, scope) => Buffer.from(text(argument, scope)).toString('base64'),
  'Fn::GetAZs': (_argument, scope) => scope.availabilityZones(),
  'Fn::FindInMap'(argument, scope) {
    const [map, first, second] = tuple('Fn::FindInMap', argument, 3).map((key) => text(key, scope));
    return (
      scope.mapping(map ?? '', first ?? '', second ?? '') ??
      unknownReference(`mapping ${map}.${first}.${second}`)
    );
  },
  'Fn::If'(argument, scope) {
    const [condition, whenTrue, whenFalse] = tuple('Fn::If', argument, 3);
    if (typeof condition !== 'string') return malformed('Fn::If', argument);
    return resolve((scope.condition(condition) ? whenTrue : whenFalse) ?? null, scope);
  },
  'Fn::Equals'(argument, scope) {
    const [left, right] = tuple('Fn::Equals', argument, 2);
    return text(left ?? null, scope) === text(right ?? null, scope);
  },
  'Fn::And': (argument, scope) =>
    Array.isArray(argument)
      ? argument.every((part) => truth(part, scope))
      : malformed('Fn::And', argument),
  'Fn::Or': (argument, scope) =>
    Array.isArray(argument)
      ? argument.some((part) => truth(part, scope))
      : malformed('Fn::Or', argument),
  'Fn::Not'(argument, scope) {
    const [inner] = tuple('Fn::Not', argument, 1);
    return !truth(inner ?? null, scope);
  },
};

function resolve(value: JsonValue, scope: IntrinsicScope): Resolved {
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, scope)).filter((item) => item !== absent);
  }
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value);
  const [only] = keys;
  if (keys.length === 1 && only !== undefined && (only === 'Ref' || only.startsWith('Fn::'))) {
    const intrinsic = intrinsics[only];
    if (intrinsic === undefined) {
      throw new LocalCloudError('intrinsic-unknown', `The local cloud does not know ${only}`);
    }
    return intrinsic(value[only] ?? null, scope);
  }
  const result: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    const resolved = resolve(inner ?? null, scope);
    if (resolved !== absent) result[key] = resolved;
  }
  return result;
}

/**
 * Replaces every intrinsic function in a piece of a template by its value.
 *
 * @throws LocalCloudError `intrinsic-unknown` for a function we do not know or cannot read,
 * `reference-unknown` for a name that the template does not define.
 */
export function resolveIntrinsics(value: JsonValue, scope: IntrinsicScope): JsonValue {
  return resolveInner(value, scope);
}

/** Evaluates an entry of the template's `Conditions` section. */
export function evaluateCondition(condition: JsonValue, scope: IntrinsicScope): boolean {
  return truth(condition, scope);
}

/** The logical ids and parameters that a piece of a template mentions. */
export function referencedNames(value: JsonValue | undefined): Set<string> {
  const names = new Set<string>();
  const visit = (inner: JsonValue | undefined): void => {
    if (Array.isArray(inner)) {
      for (const item of inner) visit(item);
      return;
    }
    if (!isJsonObject(inner)) return;
    if (typeof inner.Ref === 'string') names.add(inner.Ref);
    const attribute = inner['Fn::GetAtt'];
    if (typeof attribute === 'string') names.add(attribute.split('.')[0] ?? '');
    if (Array.isArray(attribute) && typeof attribute[0] === 'string') names.add(attribute[0]);
    const sub = inner['Fn::Sub'];
    const template = Array.isArray(sub) ? sub[0] : sub;
    if (typeof template === 'string') {
      for (const match of template.matchAll(/\$\{([^!}.]+)[^}]*\}/g)) {
        if (match[1] !== undefined) names.add(match[1].trim());
      }
    }
    for (const item of Object.values(inner)) visit(item);
  };
  visit(value);
  return names;
}
