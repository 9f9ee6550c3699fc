import type { Permission } from '../gateway/aws-service.ts';
import { grantsUsed, type UsedGrant } from './evaluate-policy.ts';
import type { ConditionContext } from './policy-condition.ts';
import type { PolicyStatement } from './policy-document.ts';

/** A call that no policy allowed. */
export interface RefusedCall {
  /** ARN of who called. */
  caller: string;
  action: string;
  resource: string;
}

/** What roles did with what they may do. */
export interface AccessRecord {
  used: UsedGrant[];
  refused: RefusedCall[];
}

export interface AccessRecorder {
  allowed(
    statements: readonly PolicyStatement[],
    permission: Permission,
    context: ConditionContext,
  ): void;
  refused(call: RefusedCall): void;
  record(): AccessRecord;
}

/** Objects of a bucket are many; a call that was seen once needs no second look. */
const mostSeen = 10_000;

/** Keeps which grants allowed the calls of a run, each once. */
export function createAccessRecorder(): AccessRecorder {
  const seen = new Map<readonly PolicyStatement[], Set<string>>();
  const used = new Map<string, UsedGrant>();
  const refused = new Map<string, RefusedCall>();
  return {
    allowed(statements, permission, context) {
      const calls = seen.get(statements) ?? new Set();
      seen.set(statements, calls);
      const call = JSON.stringify(permission);
      if (calls.has(call)) return;
      if (calls.size < mostSeen) calls.add(call);
      for (const grant of grantsUsed(statements, permission, context)) {
        used.set(JSON.stringify(grant), grant);
      }
    },
    refused: (call) => void refused.set(JSON.stringify(call), call),
    record: () => ({ used: [...used.values()], refused: [...refused.values()] }),
  };
}
