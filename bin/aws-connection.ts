import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { readStackOutputs, StackOutputError } from '../functions/adapters/stack-outputs.ts';
import { type ConnectionOptions, DEFAULT_STACK } from './connection-options.ts';

/** What the clients of the SDK take; anything not given is left to the SDK's own search. */
export function clientConfig({ profile, region, endpoint }: ConnectionOptions) {
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile, credentials: fromNodeProviderChain({ profile }) }),
  };
}

/** Emulators on a bare address cannot be asked by bucket names in the host. */
export function needsPathStyle({ endpoint }: ConnectionOptions): boolean {
  return (endpoint ?? process.env.AWS_ENDPOINT_URL) !== undefined;
}

/**
 * Looks up outputs of the stack, in the order of `names`.
 *
 * @throws {StackOutputError} when the stack, or one of the outputs, is not there
 */
export async function stackOutputs<const Names extends readonly string[]>(
  options: ConnectionOptions,
  ...names: Names
): Promise<{ [Index in keyof Names]: string }> {
  const stack = options.stack ?? DEFAULT_STACK;
  const outputs = await readStackOutputs(new CloudFormationClient(clientConfig(options)), stack);
  const values = names.map((name) => {
    const value = outputs.get(name);
    if (value !== undefined) return value;
    throw new StackOutputError(`The stack ${stack} has no output ${name}: is it a Forewarn stack?`);
  });
  return values as { [Index in keyof Names]: string };
}
