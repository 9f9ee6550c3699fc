import { LocalCloudError } from '../errors.ts';
import { managedPolicyStatements } from '../iam/managed-policies.ts';
import type { PolicyDocument, PolicyStatement } from '../iam/policy-document.ts';
import { isJsonObject, type JsonValue } from '../json-value.ts';
import { type Deployment, type DeployResource, physicalName, type Role } from './deployment.ts';

function statementsOf(document: JsonValue | undefined): PolicyStatement[] {
  return [(document as unknown as PolicyDocument).Statement].flat();
}

export const deployIamRole: DeployResource = (deployment, logicalId, properties) => {
  const { cloud } = deployment;
  const name = physicalName(deployment, logicalId, properties.RoleName);
  const arn = `arn:${cloud.partition}:iam::${cloud.accountId}:role/${name}`;
  const inline = [properties.Policies ?? []].flat().filter(isJsonObject);
  const managed = [properties.ManagedPolicyArns ?? []].flat().map(String);
  const statements = [
    ...inline.flatMap((policy) => statementsOf(policy.PolicyDocument)),
    ...managed.flatMap(managedPolicyStatements),
  ];
  deployment.roles.set(arn, { name, arn, statements });
  return { ref: name, attributes: { Arn: arn, RoleId: `AROA${name}` } };
};

function rolesNamed(
  deployment: Deployment,
  logicalId: string,
  names: JsonValue | undefined,
): Role[] {
  return [names ?? []].flat().map((name) => {
    const role = [...deployment.roles.values()].find((candidate) => candidate.name === name);
    if (role === undefined) {
      throw new LocalCloudError(
        'resource-invalid',
        `Policy ${logicalId} is attached to a role that is not ours: ${String(name)}`,
      );
    }
    return role;
  });
}

/** `AWS::IAM::Policy` and `AWS::IAM::ManagedPolicy` attached to roles. */
export const deployIamPolicy: DeployResource = (deployment, logicalId, properties) => {
  const statements = statementsOf(properties.PolicyDocument).map((statement, i) => ({
    ...statement,
    origin: { policy: logicalId, statement: i },
  }));
  for (const role of rolesNamed(deployment, logicalId, properties.Roles)) {
    role.statements.push(...statements);
  }
  const name = physicalName(
    deployment,
    logicalId,
    properties.PolicyName ?? properties.ManagedPolicyName,
  );
  const { partition, accountId } = deployment.cloud;
  const arn = `arn:${partition}:iam::${accountId}:policy/${name}`;
  return { ref: arn, attributes: { Id: name, PolicyArn: arn } };
};
