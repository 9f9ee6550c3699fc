import { setTimeout as delay } from 'node:timers/promises';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { putRecords } from '../functions/adapters/kinesis-records.ts';
import type { SendRecords } from '../lib/feeds/push-records.ts';
import { clientConfig, stackOutputs } from './aws-connection.ts';
import type { ConnectionOptions } from './connection-options.ts';

/** Some minute of refusals: a stream on demand doubles its capacity within minutes. */
const SEND_ATTEMPTS = 50;

/**
 * Connects to the calls stream.
 *
 * @param throttling counts how often the stream asked to slow down
 */
export async function callsStream(
  options: ConnectionOptions & { readonly stream?: string },
  throttling: { refusals: number },
): Promise<SendRecords> {
  const stream = options.stream ?? (await stackOutputs(options, 'CallsStreamName'))[0];
  // HTTP/1: not every emulator speaks the HTTP/2 that this client prefers.
  const requestHandler = new NodeHttpHandler({ connectionTimeout: 5000, requestTimeout: 30_000 });
  const client = new KinesisClient({ ...clientConfig(options), requestHandler });
  const patience = {
    attempts: SEND_ATTEMPTS,
    random: Math.random,
    delay: (ms: number) => {
      throttling.refusals++;
      return delay(ms);
    },
  };
  return (records) => putRecords(client, stream, records, patience);
}
