import { LocalCloudError } from '../errors.ts';
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

function createKey(
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
  let sessionKey: SessionKey | undefined;
  const key = (): SessionKey =>
    (sessionKey ??= createKey(deployment, logicalId, name, properties.RoleArn));
  /** @throws AwsError unless the machine's role may do it */
  const authorize = (action: string, resource: string): void =>
    deployment.access.authorize(
      { accessKeyId: key().accessKeyId, region: deployment.cloud.region, service: 'states' },
      [{ action, resource }],
    );
  const arn = await deployment.stepFunctions.addStateMachine({
    name,
    definition: readDefinition(logicalId, properties),
    async invoke(functionArn, payload) {
      authorize('lambda:InvokeFunction', functionArn);
      return deployment.runtime.invoke(functionArn, payload);
    },
    async readObject(bucket, object) {
      authorize('s3:GetObject', `arn:${deployment.cloud.partition}:s3:::${bucket}/${object}`);
      return deployment.objectsAndQueues.readObject(bucket, object);
    },
    authorizeChild: (stateMachineArn) => authorize('states:StartExecution', stateMachineArn),
    async call(target, parameters) {
      return deployment.call(key(), target, parameters);
    },
  });
  return { ref: arn, attributes: { Arn: arn, Name: name } };
};
