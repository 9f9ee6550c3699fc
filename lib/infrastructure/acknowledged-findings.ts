import { type CfnResource, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Records why a cdk-nag AwsSolutions finding stands.
 * @param rule the rule's number, such as `SMG4`
 */
export function acknowledge(scope: IConstruct, rule: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/**
 * Records why a policy must name a wildcard resource.
 * @param resource the resource as cdk-nag writes it: `*`, or `<LogicalId.Arn>/prefix/*`
 */
export function acknowledgeWildcard(scope: IConstruct, resource: string, reason: string): void {
  acknowledge(scope, `IAM5[Resource::${resource}]`, reason);
}

/** A resource's attribute as cdk-nag writes it in a finding. */
export function inFinding(resource: IConstruct, attribute: string): string {
  return `<${Stack.of(resource).getLogicalId(resource as CfnResource)}.${attribute}>`;
}
