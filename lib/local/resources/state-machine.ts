import { LocalCloudError } from '../errors.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { evaluatePolicy } from '../iam/evaluate-policy.ts';
import { createSessionKey, type SessionKey } from '../iam/session-key.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { type Deployment, type DeployResource, physicalName } from './deployment.ts';

function readDefinition(logicalId: string, properties: JsonObject): JsonValue {
  const { DefinitionString, Definition, DefinitionSubstitutions } = properties;
  let text: string;
  if (typeof DefinitionString === 'string') text = DefinitionString;
  else if (Definition !== undefined) text = JSON.stringify(Definition);
  else {
    throw new LocalCloudError(
      'state-machine-unsupported',
      `State machine ${logicalId} has no definition in the template`,
    );
  }
  if (isJsonObject(DefinitionSubstitutions)) {
    for (const [name, value] of Object.entries(DefinitionSubstitutions)) {
      text = text.replaceAll(`\${${name}}`, String(value));
    }
  }
  return JSON.parse(text) as JsonValue;
}

function sessionKey(
  { access, cloud, roles }: Deployment,
  logicalId: string,
  name: string,
  roleArn: JsonValue | undefined,
): SessionKey {
  const role = roles.get(String(roleArn));
  if (role === undefined) {
    throw new LocalCloudError('resource-invalid', `The role of ${logicalId} is not ours`);
  }
  const arn = `arn:${cloud.partition}:sts::${cloud.accountId}:assumed-role/${role.name}/${name}`;
  return createSessionKey(access, arn, role.statements);
}

export const deployStateMachine: DeployResource = async (deployment, logicalId, properties) => {
  if (properties.StateMachineType === 'EXPRESS') {
    throw new LocalCloudError(
      'state-machine-unsupported',
      `State machine ${logicalId}: express workflows are not emulated`,
    );
  }
  const name = physicalName(deployment, logicalId, properties.StateMachineName, 80);
  const role = deployment.roles.get(String(properties.RoleArn));
  /** @throws AwsError unless the machine's role may do it */
  const authorize = (action: string, resource: string): void => {
    const decision = evaluatePolicy(
      role?.statements ?? [],
      { action, resource },
      {},
      () => undefined,
    );
    if (decision === 'allowed') return;
    throw new AwsError(
      'AccessDeniedException',
      `${role?.arn ?? 'No role'} is not authorized to perform: ${action} on resource: ${resource}`,
      403,
    );
  };
  let key: SessionKey | undefined;
  const arn = await deployment.stepFunctions.addStateMachine({
    name,
    definition: readDefinition(logicalId, properties),
    async invoke(functionArn, payload) {
      authorize('lambda:InvokeFunction', functionArn);
      return deployment.runtime.invoke(functionArn, payload);
    },
    async readObject(bucket, key) {
      authorize('s3:GetObject', `arn:${deployment.cloud.partition}:s3:::${bucket}/${key}`);
      return deployment.objectsAndQueues.readObject(bucket, key);
    },
    authorizeChild: (stateMachineArn) => authorize('states:StartExecution', stateMachineArn),
    async call(target, parameters) {
      key ??= sessionKey(deployment, logicalId, name, properties.RoleArn);
      return deployment.call(key, target, parameters);
    },
  });
  return { ref: arn, attributes: { Arn: arn, Name: name } };
};
