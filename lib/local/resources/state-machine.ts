import { LocalCloudError } from '../errors.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { evaluatePolicy } from '../iam/evaluate-policy.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { type DeployResource, physicalName } from './deployment.ts';

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

export const deployStateMachine: DeployResource = async (deployment, logicalId, properties) => {
  if (properties.StateMachineType === 'EXPRESS') {
    throw new LocalCloudError(
      'state-machine-unsupported',
      `State machine ${logicalId}: express workflows are not emulated`,
    );
  }
  const name = physicalName(deployment, logicalId, properties.StateMachineName, 80);
  const role = deployment.roles.get(String(properties.RoleArn));
  const arn = await deployment.stepFunctions.addStateMachine({
    name,
    definition: readDefinition(logicalId, properties),
    async invoke(functionArn, payload) {
      const permission = { action: 'lambda:InvokeFunction', resource: functionArn };
      const decision = evaluatePolicy(role?.statements ?? [], permission, {}, () => undefined);
      if (decision !== 'allowed') {
        throw new AwsError(
          'AccessDeniedException',
          `${role?.arn ?? 'No role'} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn}`,
          403,
        );
      }
      return deployment.runtime.invoke(functionArn, payload);
    },
  });
  return { ref: arn, attributes: { Arn: arn, Name: name } };
};
