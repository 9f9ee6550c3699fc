import { functionNameOf } from '../functions/function-runtime.ts';
import { matchesWildcard } from '../iam/wildcard-match.ts';

/** `AWS::Lambda::Permission`: who may invoke a function. */
export interface InvokePermission {
  functionName: string;
  principal: string;
  action: string;
  /** Undefined for any source. */
  sourceArn?: string;
}

/** The resource policies of the functions, as far as they speak of invoking. */
export interface InvokePermissions {
  add(permission: InvokePermission): void;
  /** May API Gateway invoke the function for this route's ARN? */
  allow(functionArn: string, sourceArn: string): boolean;
}

export function createInvokePermissions(): InvokePermissions {
  const byFunction = new Map<string, InvokePermission[]>();
  return {
    add(permission) {
      const name = functionNameOf(permission.functionName);
      byFunction.set(name, [...(byFunction.get(name) ?? []), permission]);
    },
    allow(functionArn, sourceArn) {
      const permissions = byFunction.get(functionNameOf(functionArn)) ?? [];
      return permissions.some(
        ({ principal, action, sourceArn: pattern }) =>
          principal === 'apigateway.amazonaws.com' &&
          matchesWildcard(action, 'lambda:InvokeFunction', true) &&
          (pattern === undefined || matchesWildcard(pattern, sourceArn)),
      );
    },
  };
}
