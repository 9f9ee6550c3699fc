import { quoted } from './plain-text.ts';

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/**
 * What a validator found, for people: each problem with its place in the document, and only once.
 *
 * @param whole what the document itself is called
 */
export function schemaProblems(errors: readonly SchemaError[], whole = 'the file'): string[] {
  const choices = new Map<string, string[]>();
  const problems: string[] = [];
  for (const error of errors) {
    const place = placeOf(error.instancePath, whole);
    const { keyword } = error;
    if (keyword === 'boolean') {
      problems.push(`${place}: there is no such property; check its spelling`);
    } else if (keyword === 'required') {
      problems.push(`${place}: ${listed(error.params)} is missing`);
    } else if (keyword === 'const' || keyword === 'enum') {
      choices.set(place, [...(choices.get(place) ?? []), ...values(error.params)]);
    } else if (keyword !== 'additionalProperties' && keyword !== 'anyOf') {
      problems.push(`${place}: ${error.message}`);
    }
  }
  for (const [place, allowed] of choices) {
    problems.push(`${place}: must be one of ${allowed.join(', ')}`);
  }
  return [...new Set(problems)];
}

function placeOf(instancePath: string, whole: string): string {
  const path = instancePath
    .replace(/^\//, '')
    .replaceAll('/', '.')
    .replaceAll(/\.(\d+)/g, '[$1]');
  return path === '' ? whole : quoted(path);
}

function listed(params: object): string {
  const [names] = Object.values(params);
  return Array.isArray(names) ? names.join(', ') : String(names);
}

function values(params: object): string[] {
  return Object.values(params)
    .flat()
    .map((value) => JSON.stringify(value));
}
