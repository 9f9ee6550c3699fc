import type { SmsInbox } from '../services/sms-inbox.ts';
import type { AwsResponse } from './aws-request.ts';
import type { HttpExchange } from './gateway-server.ts';

function json(value: unknown): AwsResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: `${JSON.stringify(value, undefined, 2)}\n`,
  };
}

/**
 * The local cloud's own pages, which need no signature: `GET /_forewarn/inbox` (with `?to=+86…`
 * one handset's), `/_forewarn/outputs`.
 *
 * @returns undefined when the request is for something else.
 */
export function answerConsolePage(
  exchange: HttpExchange,
  state: { inbox: SmsInbox; outputs: Record<string, string> },
): AwsResponse | undefined {
  if (exchange.method !== 'GET') return undefined;
  const url = new URL(exchange.url, 'http://localhost');
  if (url.pathname === '/_forewarn/outputs') return json(state.outputs);
  if (url.pathname !== '/_forewarn/inbox') return undefined;
  // An unescaped plus sign in a query means a space.
  const to = url.searchParams.get('to')?.replace(/^ /, '+');
  return json(to === undefined ? state.inbox.texts : state.inbox.textsTo(to));
}
