import type { AsynchronousInvocations } from '../functions/asynchronous-invocation.ts';
import { type FunctionRuntime, functionNameOf } from '../functions/function-runtime.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest } from '../gateway/aws-request.ts';
import type { AwsService } from '../gateway/aws-service.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';

const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations/;

function target(request: AwsRequest): string | undefined {
  const name = invocationPath.exec(request.url)?.[1];
  return name === undefined ? undefined : functionNameOf(decodeURIComponent(name));
}

/** Lambda: Invoke, waiting for the answer or not. */
export function createLambdaService(
  cloud: CloudIdentity,
  runtime: FunctionRuntime,
  asynchronous: AsynchronousInvocations,
): AwsService {
  return {
    permissions(request) {
      const name = target(request);
      const resource = name === undefined ? '*' : arnOf(cloud, 'lambda', `function:${name}`);
      return [{ action: 'lambda:InvokeFunction', resource }];
    },
    async handle(request) {
      const name = target(request);
      if (name === undefined || request.method !== 'POST') {
        throw new AwsError('UnknownOperationException', 'Only Invoke is emulated', 404);
      }
      if (!runtime.has(name)) {
        throw new AwsError('ResourceNotFoundException', `Function not found: ${name}`, 404);
      }
      const payload = request.body.length === 0 ? '{}' : request.body.toString('utf8');
      const type = request.headers['x-amz-invocation-type'];
      if (type === 'DryRun') return { status: 204, headers: {}, body: '' };
      if (type === 'Event') {
        void asynchronous.invoke(name, payload);
        return { status: 202, headers: {}, body: '' };
      }
      const result = await runtime.invoke(name, payload);
      const headers: Record<string, string> = {
        'content-type': 'application/json',
        'x-amz-executed-version': '$LATEST',
      };
      if (result.functionError !== undefined) {
        headers['x-amz-function-error'] = result.functionError;
      }
      return { status: 200, headers, body: JSON.stringify(result.payload) };
    },
  };
}
