import type { KinesisStreamEvent } from 'aws-lambda';
import { createFirehoseClient } from '../adapters/aws-clients.ts';
import { deliver } from '../adapters/delivery-stream.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { pausingInOutage } from '../adapters/outage-pause.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { archiveCalls } from './archive-calls.ts';

const streamName = requiredSetting('ARCHIVE_DELIVERY_STREAM_NAME');
const utcOffsetMinutes = Number(requiredSetting('UTC_OFFSET_MINUTES'));
const firehose = createFirehoseClient();

export const handler = lambdaHandler(
  pausingInOutage((event: KinesisStreamEvent) =>
    archiveCalls(event, utcOffsetMinutes, {
      deliver: (records) => deliver(firehose, streamName, records),
      count: ({ rows, records }) => countAll({ RecordsArchived: rows, ArchivePutRecords: records }),
    }),
  ),
);
