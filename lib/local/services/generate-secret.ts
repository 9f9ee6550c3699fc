import { randomInt } from 'node:crypto';
import type { JsonObject } from '../json-value.ts';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

function generatePassword(settings: JsonObject): string {
  const excluded = String(settings.ExcludeCharacters ?? '');
  const groups = [
    settings.ExcludeLowercase === true ? '' : lower,
    settings.ExcludeUppercase === true ? '' : upper,
    settings.ExcludeNumbers === true ? '' : digits,
    settings.ExcludePunctuation === true ? '' : punctuation,
    settings.IncludeSpace === true ? ' ' : '',
  ]
    .map((group) => [...group].filter((character) => !excluded.includes(character)).join(''))
    .filter((group) => group !== '');
  const all = groups.join('');
  const pick = (from: string): string => from.charAt(randomInt(from.length));
  const length = Number(settings.PasswordLength ?? 32);
  const characters = Array.from({ length }, () => pick(all));
  if (settings.RequireEachIncludedType !== false) {
    // One of each kind, each at a place of its own.
    const places = Array.from({ length }, (_unused, index) => index);
    for (const group of groups) {
      const [place] = places.splice(randomInt(places.length), 1);
      if (place !== undefined) characters[place] = pick(group);
    }
  }
  return characters.join('');
}

/** A secret value as CloudFormation's `GenerateSecretString` makes it. */
export function generateSecretString(settings: JsonObject): string {
  const password = generatePassword(settings);
  const { SecretStringTemplate: template, GenerateStringKey: key } = settings;
  if (typeof template !== 'string' || typeof key !== 'string') return password;
  return JSON.stringify({ ...(JSON.parse(template) as JsonObject), [key]: password });
}
