import { AwsError } from './aws-error.ts';

/** Errors that the gateway answers instead of passing a call on: throttles and outages for tests. */
export interface FaultPlan {
  /**
   * Lets the next calls of an action fail.
   *
   * @param action as in IAM: `dynamodb:BatchExecuteStatement`, `kinesis:PutRecords`, `sns:Publish`;
   * `kinesis:PutRecords record` fails single records of an otherwise good call.
   */
  failNext(
    action: string,
    fault: { code: string; message?: string; status?: number },
    times?: number,
  ): void;
  /** Forgets what was planned for an action, so that its calls are passed on again. */
  mend(action: string): void;
  /**
   * Lets all calls of a service fail until the outage is ended.
   *
   * @param service as in IAM: `dynamodb`
   */
  beginOutage(service: string, fault: { code: string; message?: string; status?: number }): Outage;
  /** The error that is planned for this call, if any. */
  take(action: string): AwsError | undefined;
}

/** A service that answers nothing but an error. */
export interface Outage {
  /** Calls that it has refused. */
  readonly refused: number;
  end(): void;
}

export function createFaultPlan(): FaultPlan {
  const planned = new Map<string, AwsError[]>();
  const outages = new Map<string, { error: AwsError; refused: number; end(): void }>();
  return {
    failNext(action, { code, message = 'Planned by a test', status = 400 }, times = 1) {
      const faults = planned.get(action) ?? [];
      for (let count = 0; count < times; count += 1) {
        faults.push(new AwsError(code, message, status));
      }
      planned.set(action, faults);
    },
    mend: (action) => void planned.delete(action),
    beginOutage(service, { code, message = 'Planned by a test', status = 503 }) {
      const outage = {
        error: new AwsError(code, message, status),
        refused: 0,
        end: () => void outages.delete(service),
      };
      outages.set(service, outage);
      return outage;
    },
    take(action) {
      const outage = outages.get(action.split(':')[0] ?? '');
      if (outage === undefined) return planned.get(action)?.shift();
      outage.refused += 1;
      return outage.error;
    },
  };
}
