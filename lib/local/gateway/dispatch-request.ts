import type { AccessControl } from '../iam/access-control.ts';
import { AwsError, renderError } from './aws-error.ts';
import { type AwsRequest, type AwsResponse, parseAwsRequest } from './aws-request.ts';
import type { AwsService } from './aws-service.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { HttpExchange } from './gateway-server.ts';

export interface DispatchOptions {
  /** By signing name. */
  services: Record<string, AwsService>;
  access: AccessControl;
  faults: FaultPlan;
  /** Told of errors that are ours, not the caller's. */
  onInternalError(message: string): void;
}

function unsigned(): AwsError {
  return new AwsError(
    'MissingAuthenticationTokenException',
    'The request is not signed in the way of AWS',
    403,
  );
}

async function answer(request: AwsRequest, options: DispatchOptions): Promise<AwsResponse> {
  const service = options.services[request.service];
  if (service === undefined) {
    throw new AwsError(
      'UnknownOperationException',
      `The local cloud does not emulate ${request.service}`,
    );
  }
  const permissions = service.permissions(request);
  if (!service.unsigned?.has(request.operation)) {
    if (request.accessKeyId === '') throw unsigned();
    options.access.authorize(request, permissions);
  }
  const actions = new Set(permissions.map(({ action }) => action));
  for (const action of actions.add(`${request.service}:${request.operation}`)) {
    const fault = options.faults.take(action);
    if (fault !== undefined) throw fault;
  }
  return service.handle(request);
}

/** Answers one AWS call: who is it, may they, and the service's answer or an AWS-shaped error. */
export async function dispatchRequest(
  exchange: HttpExchange,
  body: Buffer,
  options: DispatchOptions,
): Promise<AwsResponse> {
  let request: AwsRequest | undefined;
  try {
    request = parseAwsRequest(exchange, body);
    if (request === undefined) throw unsigned();
    return await answer(request, options);
  } catch (error) {
    const context = request ?? { service: '', headers: exchange.headers };
    if (error instanceof AwsError) return renderError(context, error);
    if (error instanceof SyntaxError && request === undefined) {
      return renderError(context, new AwsError('SerializationException', 'The body is not JSON'));
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    options.onInternalError(`${request?.service}:${request?.operation} failed: ${message}`);
    return renderError(context, new AwsError('InternalFailure', 'Internal failure', 500));
  }
}
