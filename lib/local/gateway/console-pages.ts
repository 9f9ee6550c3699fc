import { SMS_ENDS, type SmsInbox } from '../services/sms-inbox.ts';
import type { AwsResponse } from './aws-request.ts';
import type { HttpExchange } from './gateway-server.ts';

function json(value: unknown): AwsResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: `${JSON.stringify(value, undefined, 2)}\n`,
  };
}

/** An unescaped plus sign in a query means a space. */
function numberOf(parameter: string | null): string | undefined {
  return parameter?.replace(/^ /, '+');
}

function setHandset(parameters: URLSearchParams, inbox: SmsInbox): AwsResponse {
  const number = numberOf(parameters.get('number'));
  const end = SMS_ENDS.find((one) => one === parameters.get('ends'));
  const times = Number(parameters.get('times') ?? Number.POSITIVE_INFINITY);
  if (number === undefined || end === undefined || !(times > 0)) {
    return { ...json({ problem: `number, ends (${SMS_ENDS.join(', ')}), times` }), status: 400 };
  }
  inbox.letTextsEnd(number, end, times);
  return json({ ends: end });
}

/**
 * The local cloud's own pages, which need no signature: `GET /_forewarn/inbox` (with `?to=+86…`
 * one handset's), `/_forewarn/outputs`. `PUT /_forewarn/handset?number=+86…&ends=unreachable&times=1` says how texts
 * to a number end from now on; without `times` all of them.
 *
 * @returns undefined when the request is for something else.
 */
export function answerConsolePage(
  exchange: HttpExchange,
  state: { inbox: SmsInbox; outputs: Record<string, string> },
): AwsResponse | undefined {
  const url = new URL(exchange.url, 'http://localhost');
  // No web page can ask for this: browsers ask before they put, and nothing here permits it.
  if (exchange.method === 'PUT' && url.pathname === '/_forewarn/handset') {
    return setHandset(url.searchParams, state.inbox);
  }
  if (exchange.method !== 'GET') return undefined;
  if (url.pathname === '/_forewarn/outputs') return json(state.outputs);
  if (url.pathname !== '/_forewarn/inbox') return undefined;
  const to = numberOf(url.searchParams.get('to'));
  return json(to === undefined ? state.inbox.texts : state.inbox.textsTo(to));
}
