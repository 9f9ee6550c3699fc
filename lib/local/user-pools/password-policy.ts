import { randomInt } from 'node:crypto';

/** What a pool asks of passwords. */
export interface PasswordPolicy {
  minimumLength: number;
  lowercase: boolean;
  uppercase: boolean;
  numbers: boolean;
  symbols: boolean;
  /** How long a password that an administrator gave may wait for its first use. */
  temporaryValidityDays: number;
}

/** What Cognito asks where the template says nothing. */
export const defaultPasswordPolicy: PasswordPolicy = {
  minimumLength: 8,
  lowercase: true,
  uppercase: true,
  numbers: true,
  symbols: true,
  temporaryValidityDays: 7,
};

const longest = 256;
const symbols = '^$*.[]{}()?"!@#%&/\\,><\':;|_~`=+-';

const isSymbol = (character: string): boolean => symbols.includes(character);

/** Why a password breaks the policy, in Cognito's words; undefined when it does not. */
export function passwordProblem(policy: PasswordPolicy, password: string): string | undefined {
  const problem = (what: string): string => `Password did not conform with policy: ${what}`;
  if (password.length < policy.minimumLength) return problem('Password not long enough');
  if (password.length > longest) return problem('Password too long');
  if (policy.uppercase && !/[A-Z]/.test(password)) {
    return problem('Password must have uppercase characters');
  }
  if (policy.lowercase && !/[a-z]/.test(password)) {
    return problem('Password must have lowercase characters');
  }
  if (policy.numbers && !/[0-9]/.test(password)) {
    return problem('Password must have numeric characters');
  }
  // A space counts as a symbol inside a password, not at its ends.
  const hasSymbol = [...password].some(isSymbol) || password.trim().includes(' ');
  if (policy.symbols && !hasSymbol) return problem('Password must have symbol characters');
  return undefined;
}

/** A password that keeps every policy, for a user who was given none. */
export function generatePassword(policy: PasswordPolicy): string {
  const groups = ['abcdefghijkmnpqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', symbols];
  const length = Math.max(policy.minimumLength, 16);
  return Array.from({ length }, (_unused, place) => {
    const group = groups[place % groups.length] ?? symbols;
    return group.charAt(randomInt(group.length));
  }).join('');
}
