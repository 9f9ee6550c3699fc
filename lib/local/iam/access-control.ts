import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest } from '../gateway/aws-request.ts';
import type { Permission } from '../gateway/aws-service.ts';
import { type AccessRecord, createAccessRecorder } from './access-record.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { PolicyStatement } from './policy-document.ts';

/** Who calls: the administrator, or a function under its role. */
interface Principal {
  arn: string;
  /** Undefined for the administrator, who may do everything. */
  statements?: readonly PolicyStatement[];
  /** The actions that this principal has used. */
  used: Set<string>;
}

export interface AccessControl {
  register(accessKeyId: string, principal: Principal): void;
  principal(accessKeyId: string): Principal | undefined;
  /** @throws AwsError when the key is unknown or the principal's role does not grant the request. */
  authorize(
    request: Pick<AwsRequest, 'accessKeyId' | 'region' | 'service'>,
    permissions: readonly Permission[],
  ): void;
  /** What was allowed so far, and by which grant, and what was refused. */
  record(): AccessRecord;
}

/** `AccessDenied` in the XML services, `AccessDeniedException` in the JSON ones. */
function deniedCode(service: string): string {
  if (service === 'sns') return 'AuthorizationError';
  return ['s3', 'cloudformation', 'sts'].includes(service)
    ? 'AccessDenied'
    : 'AccessDeniedException';
}

function unknownKey(service: string): AwsError {
  if (service === 's3') {
    return new AwsError('InvalidAccessKeyId', 'The access key ID does not exist.', 403);
  }
  const code = ['sns', 'cloudformation', 'sts'].includes(service)
    ? 'InvalidClientTokenId'
    : 'UnrecognizedClientException';
  return new AwsError(code, 'The security token included in the request is invalid.', 403);
}

export function createAccessControl(options: {
  accountId: string;
  warn(message: string): void;
}): AccessControl {
  const principals = new Map<string, Principal>();
  const warned = new Set<string>();
  const recorder = createAccessRecorder();
  const warnOnce = (message: string): void => {
    if (warned.has(message)) return;
    warned.add(message);
    options.warn(message);
  };
  return {
    register(accessKeyId, principal) {
      principals.set(accessKeyId, principal);
    },
    principal: (accessKeyId) => principals.get(accessKeyId),
    authorize(request, permissions) {
      const principal = principals.get(request.accessKeyId);
      if (principal === undefined) throw unknownKey(request.service);
      for (const { action } of permissions) principal.used.add(action);
      const { statements } = principal;
      if (statements === undefined) return;
      const context = {
        'aws:RequestedRegion': request.region,
        'aws:PrincipalAccount': options.accountId,
        'aws:ResourceAccount': options.accountId,
        'aws:SourceAccount': options.accountId,
        'aws:PrincipalArn': principal.arn,
        // Locally nothing is encrypted on the wire, but the policy is written for where it is.
        'aws:SecureTransport': 'true',
      };
      for (const permission of permissions) {
        const asked = { ...context, ...permission.context };
        const decision = evaluatePolicy(statements, permission, asked, warnOnce);
        if (decision === 'allowed') {
          recorder.allowed(statements, permission, asked);
          continue;
        }
        const why =
          decision === 'denied'
            ? 'with an explicit deny in an identity-based policy'
            : `because no identity-based policy allows the ${permission.action} action`;
        // A text's resource is a phone number, which must not reach an error message.
        const resource = permission.resource.startsWith('+') ? '*' : permission.resource;
        recorder.refused({ caller: principal.arn, action: permission.action, resource });
        throw new AwsError(
          deniedCode(request.service),
          `User: ${principal.arn} is not authorized to perform: ${permission.action} on resource: ${resource} ${why}`,
          request.service === 'dynamodb' || request.service === 'kinesis' ? 400 : 403,
        );
      }
    },
    record: recorder.record,
  };
}
