import type { LiveConnections } from '../adapters/live-connections.ts';

/** What API Gateway says when a page connects or has gone. */
export interface ConnectionEvent {
  readonly requestContext: { readonly connectionId: string; readonly eventType: string };
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
}

/** What came of it; of a refusal nothing is known but that there was one. */
export type ConnectionResult =
  | { readonly result: 'opened'; readonly officer: string }
  | { readonly result: 'refused' | 'closed' };

/**
 * Lets in who brings a good ticket, and forgets who has gone.
 *
 * @param now epoch ms
 */
export async function answerConnection(
  { queryStringParameters, requestContext }: ConnectionEvent,
  connections: LiveConnections,
  now: number,
): Promise<ConnectionResult> {
  const { connectionId, eventType } = requestContext;
  if (eventType !== 'CONNECT') {
    await connections.close(connectionId);
    return { result: 'closed' };
  }
  const ticket = queryStringParameters?.ticket ?? '';
  const opened = ticket === '' ? undefined : await connections.open(ticket, connectionId, now);
  return opened === undefined
    ? { result: 'refused' }
    : { result: 'opened', officer: opened.officer.name };
}
