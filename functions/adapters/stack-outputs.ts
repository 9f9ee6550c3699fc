import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

/** The stack, or one of its outputs, is not there. */
export class StackOutputError extends Error {
  readonly code = 'no-stack-output';
  override readonly name = 'StackOutputError';
}

/**
 * The outputs of a deployed stack, by name.
 *
 * @throws {StackOutputError} when there is no such stack in this account and region
 */
export async function readStackOutputs(
  client: CloudFormationClient,
  stackName: string,
): Promise<ReadonlyMap<string, string>> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return new Map(
      outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
    );
  } catch (cause) {
    // CloudFormation has no error type of its own for this.
    if (cause instanceof Error && /does not exist/.test(cause.message)) {
      throw new StackOutputError(`There is no stack ${stackName} in this account and region`, {
        cause,
      });
    }
    throw cause;
  }
}
