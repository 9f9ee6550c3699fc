import { AwsError, escapeXml } from '../gateway/aws-error.ts';
import { type AwsService, queryResponse } from '../gateway/aws-service.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';

/** The deployed stack, as `DescribeStacks` tells of it. */
export interface DescribedStack {
  name: string;
  createdAt: Date;
  outputs: Record<string, string>;
}

function describe(stack: DescribedStack, cloud: CloudIdentity): string {
  const id = arnOf(cloud, 'cloudformation', `stack/${stack.name}/local`);
  const outputs = Object.entries(stack.outputs)
    .map(
      ([key, value]) =>
        `<member><OutputKey>${escapeXml(key)}</OutputKey><OutputValue>${escapeXml(value)}</OutputValue></member>`,
    )
    .join('');
  return `<member><StackName>${escapeXml(stack.name)}</StackName><StackId>${id}</StackId><CreationTime>${stack.createdAt.toISOString()}</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${outputs}</Outputs></member>`;
}

/** CloudFormation: the one stack and its outputs. */
export function createCloudFormationService(
  cloud: CloudIdentity,
  stack: () => DescribedStack,
): AwsService {
  return {
    permissions: ({ operation }) => [{ action: `cloudformation:${operation}`, resource: '*' }],
    async handle(request) {
      if (request.operation !== 'DescribeStacks') {
        throw new AwsError('InvalidAction', `CloudFormation ${request.operation} is not emulated`);
      }
      const known = stack();
      const wanted = request.parameters.StackName;
      const id = arnOf(cloud, 'cloudformation', `stack/${known.name}/local`);
      if (wanted !== undefined && wanted !== known.name && wanted !== id) {
        throw new AwsError('ValidationError', `Stack with id ${String(wanted)} does not exist`);
      }
      return queryResponse('DescribeStacks', `<Stacks>${describe(known, cloud)}</Stacks>`);
    },
  };
}
