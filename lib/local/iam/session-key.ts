import { randomBytes } from 'node:crypto';
import type { AccessControl } from './access-control.ts';
import type { PolicyStatement } from './policy-document.ts';

/** An access key by which somebody calls under a role. */
export interface SessionKey {
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * A key of its own for whoever works under a role: a function, a stream, a workflow.
 *
 * @param arn who calls, as error messages name him
 * @param statements the role's; what policies add later counts
 */
export function createSessionKey(
  access: AccessControl,
  arn: string,
  statements: readonly PolicyStatement[],
): SessionKey {
  const key = {
    accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  };
  access.register(key.accessKeyId, { arn, statements, used: new Set() });
  return key;
}
