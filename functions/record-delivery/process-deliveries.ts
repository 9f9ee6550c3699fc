import type { CloudWatchLogsEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { DeliveryReport } from '../../lib/domain/delivery/text-delivery.ts';
import { readDeliveryLine } from './delivery-line.ts';
import { LogEventError, linesOfLogEvent } from './log-event.ts';
import type { EarlyReport, Recorded } from './record-delivery.ts';

export type DeliveriesEvent = CloudWatchLogsEvent | SQSEvent;

export interface DeliveriesPorts {
  readonly record: (early: EarlyReport) => Promise<Recorded>;
  /** @param unreadable lines that are no reports, and invocations that are no log events */
  readonly count: (recorded: readonly Recorded[], unreadable: number) => void;
  readonly onFailure: (message: string, cause: unknown) => void;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Reports of one invocation of CloudWatch Logs could not all be recorded: Lambda brings them again. */
export class DeliveriesFailedError extends Error {
  readonly code = 'DELIVERIES_FAILED';

  constructor(failed: number) {
    super(`${failed} delivery reports could not be recorded; all of the invocation come again`);
    this.name = 'DeliveriesFailedError';
  }
}

/** Reports worked on at once. */
const CONCURRENCY = 8;

interface Work {
  /** Named when it fails; only a queue asks for it. */
  readonly identifier: string;
  /** @throws where a queued message holds no report */
  readonly early: () => EarlyReport;
}

function earlyOfMessage(body: string): EarlyReport {
  const { looks, report } = JSON.parse(body) as Partial<EarlyReport>;
  if (typeof looks !== 'number' || typeof report?.messageId !== 'string') {
    throw new TypeError('a queued message holds no delivery report');
  }
  return { looks, report };
}

function reportsOfLogs(
  { awslogs }: CloudWatchLogsEvent,
  ports: DeliveriesPorts,
): { readonly reports: readonly DeliveryReport[]; readonly unreadable: number } {
  try {
    const lines = linesOfLogEvent(awslogs?.data);
    const now = ports.now();
    const reports = lines.flatMap((line) => readDeliveryLine(line, now) ?? []);
    return { reports, unreadable: lines.length - reports.length };
  } catch (error) {
    if (!(error instanceof LogEventError)) throw error;
    // It reads no better the next time.
    ports.onFailure('an invocation brought no log event and is dropped', error);
    return { reports: [], unreadable: 1 };
  }
}

/**
 * Reports off the log of texts, and those put aside before. Each is recorded on its own. When some of the log's
 * fail, the whole invocation fails at its end and comes again: the others are recorded and change nothing then.
 *
 * @throws {DeliveriesFailedError}
 */
export async function processDeliveries(
  event: DeliveriesEvent,
  ports: DeliveriesPorts,
): Promise<SQSBatchResponse> {
  const isQueue = 'Records' in event;
  const { reports, unreadable } = isQueue
    ? { reports: [], unreadable: 0 }
    : reportsOfLogs(event, ports);
  const works: readonly Work[] = isQueue
    ? event.Records.map(({ body, messageId }) => ({
        identifier: messageId,
        early: () => earlyOfMessage(body),
      }))
    : reports.map((report) => ({ identifier: '', early: () => ({ report, looks: 0 }) }));
  const recorded: Recorded[] = [];
  const failed: string[] = [];
  let next = 0;
  const worker = async () => {
    for (let work = works[next++]; work !== undefined; work = works[next++]) {
      try {
        recorded.push(await ports.record(work.early()));
      } catch (error) {
        failed.push(work.identifier);
        ports.onFailure('a delivery report could not be recorded; it comes again', error);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  ports.count(recorded, unreadable);
  if (!isQueue && failed.length > 0) throw new DeliveriesFailedError(failed.length);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
