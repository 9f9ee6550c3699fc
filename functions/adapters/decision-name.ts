import { hash } from 'node:crypto';

const LENGTH = 32;

/**
 * Names a case or a warning after what it is about, so that deciding again names it alike: 128 bits of a
 * hash. Hexadecimal, for officers copy it into commands, where a name of base64url may begin like an option;
 * fits a Step Functions name, with room for a step's number.
 */
export function decisionName(subject: string): string {
  return hash('sha256', subject).slice(0, LENGTH);
}
