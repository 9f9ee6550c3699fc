import { gunzipSync } from 'node:zlib';

/** Far more than CloudWatch Logs ever puts into one invocation; keeps a bomb from filling the function. */
const MOST_BYTES = 32 * 1024 * 1024;

/** What an invocation by CloudWatch Logs brings cannot be read; the message repeats nothing of it. */
export class LogEventError extends Error {
  readonly code = 'BAD_LOG_EVENT';

  constructor(detail: string, options?: ErrorOptions) {
    super(`the log event ${detail}`, options);
    this.name = 'LogEventError';
  }
}

function unpack(data: string): unknown {
  try {
    const json = gunzipSync(Buffer.from(data, 'base64'), { maxOutputLength: MOST_BYTES });
    return JSON.parse(json.toString('utf8'));
  } catch {
    // Neither the cause nor its message goes on: a parser quotes what it stumbled over.
    throw new LogEventError('is no gzipped JSON');
  }
}

/**
 * The lines that CloudWatch Logs hands to a subscription, in their order: base64 of gzip of JSON.
 * A control message, by which it tries whether anybody is there, has none.
 *
 * @throws {LogEventError}
 */
export function linesOfLogEvent(data: unknown): string[] {
  if (typeof data !== 'string') throw new LogEventError('has no data');
  const content = unpack(data);
  if (typeof content !== 'object' || content === null) throw new LogEventError('is no object');
  const { logEvents, messageType } = content as { logEvents?: unknown; messageType?: unknown };
  if (messageType === 'CONTROL_MESSAGE') return [];
  if (messageType !== 'DATA_MESSAGE') throw new LogEventError('is of an unknown type');
  if (!Array.isArray(logEvents)) throw new LogEventError('has no list of events');
  return logEvents.map((event: unknown) => {
    const message = (event as { message?: unknown } | null)?.message;
    return typeof message === 'string' ? message : '';
  });
}
