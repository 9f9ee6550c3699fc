import type { AsynchronousInvocations } from '../functions/asynchronous-invocation.ts';
import { type FunctionRuntime, functionNameOf } from '../functions/function-runtime.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest, AwsResponse } from '../gateway/aws-request.ts';
import type { AwsService } from '../gateway/aws-service.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';

/** A function's reserved concurrency; the release of the interface differs between its operations. */
const concurrencyPath = /^\/[\d-]+\/functions\/([^/]+)\/concurrency$/;
const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations/;

function target(request: AwsRequest): string | undefined {
  const name = invocationPath.exec(request.url)?.[1];
  return name === undefined ? undefined : functionNameOf(decodeURIComponent(name));
}

/** The function whose concurrency a request is about. */
function reserved(request: AwsRequest): string | undefined {
  const name = concurrencyPath.exec(request.url.split('?', 1)[0] ?? '')?.[1];
  return name === undefined ? undefined : functionNameOf(decodeURIComponent(name));
}

function reserve(runtime: FunctionRuntime, name: string, request: AwsRequest): AwsResponse {
  if (request.method === 'DELETE') {
    runtime.reserveConcurrency(name, undefined);
    return { status: 204, headers: {}, body: '' };
  }
  if (request.method !== 'PUT') {
    throw new AwsError('UnknownOperationException', 'Only Put and Delete are emulated', 404);
  }
  const { ReservedConcurrentExecutions: most } = JSON.parse(request.body.toString('utf8')) as {
    ReservedConcurrentExecutions?: unknown;
  };
  if (typeof most !== 'number' || !Number.isInteger(most) || most < 0) {
    throw new AwsError('InvalidParameterValueException', 'ReservedConcurrentExecutions: a count');
  }
  runtime.reserveConcurrency(name, most);
  const headers = { 'content-type': 'application/json' };
  return { status: 200, headers, body: JSON.stringify({ ReservedConcurrentExecutions: most }) };
}

/** Lambda: Invoke, waiting for the answer or not; and PutFunctionConcurrency, by which a function is stopped. */
export function createLambdaService(
  cloud: CloudIdentity,
  runtime: FunctionRuntime,
  asynchronous: AsynchronousInvocations,
): AwsService {
  return {
    permissions(request) {
      const name = target(request) ?? reserved(request);
      const resource = name === undefined ? '*' : arnOf(cloud, 'lambda', `function:${name}`);
      const action =
        reserved(request) === undefined
          ? 'lambda:InvokeFunction'
          : `lambda:${request.method === 'DELETE' ? 'Delete' : 'Put'}FunctionConcurrency`;
      return [{ action, resource }];
    },
    async handle(request) {
      const stopped = reserved(request);
      if (stopped !== undefined) return reserve(runtime, stopped, request);
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
