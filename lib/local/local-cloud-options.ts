import type { EventEmitter } from 'node:events';
import type { FaultPlan } from './gateway/fault-plan.ts';
import type { AccessRecord } from './iam/access-record.ts';
import type { MetricStore } from './metrics/metric-store.ts';
import type { AlarmReport } from './metrics/monitoring.ts';
import type { SmsInbox } from './services/sms-inbox.ts';
import type { TopicMessage } from './services/sns-service.ts';
import type { IssuedTokens } from './user-pools/issue-tokens.ts';

export interface LocalCloudOptions {
  /** The cloud assembly, `cdk.out`. */
  assemblyDir: string;
  stackName: string;
  /** 0 or absent for a free one. */
  port?: number;
  /**
   * Keeps all data for the next start, which goes on where this one ended, killed or not; absent for a run that leaves
   * nothing. One local cloud at a time may have it.
   */
  dataDir?: string;
  /** Of the program: a data folder is for one version. */
  version?: string;
  /** Starts an environment of each function at once, so that the first texts wait for no cold start. */
  warm?: boolean;
  /** Minutes of alarms that pass in a real one, so that nobody waits for their periods; 1 by default. */
  alarmSpeed?: number;
  /** Gets each line that a function prints. */
  onLog?(functionName: string, line: string): void;
}

export interface LocalCloud {
  /** Such as `http://127.0.0.1:4510`, for every AWS service. */
  endpoint: string;
  region: string;
  accountId: string;
  /** May do everything. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  outputs: Record<string, string>;
  inbox: SmsInbox & EventEmitter;
  metrics: MetricStore;
  /** The alarms of the stack as CloudWatch judged them last, by the metrics of services and functions. */
  alarms(): AlarmReport[];
  /** Errors that the gateway answers on request, for tests. */
  faults: FaultPlan;
  /** What was published to SNS topics. */
  published: readonly TopicMessage[];
  /** The IAM actions that each function has used, by its name. */
  usedActions(): Record<string, string[]>;
  /** Which grants of the template's policies allowed calls so far, and which calls were refused. */
  accessRecord(): AccessRecord;
  /**
   * Resolves when all event sources are at the tip with nothing in flight.
   *
   * @param deadlineMs 60,000 by default.
   * @throws LocalCloudError `not-settled` after the deadline.
   */
  settled(deadlineMs?: number): Promise<void>;
  /** Delivers what delivery streams hold back until there is more of it. */
  deliverBuffered(): Promise<void>;
  /**
   * Tokens that a user would get from a pool's app client by signing in at this time.
   *
   * @param now epoch milliseconds; the present by default. An hour and more ago for expired ones.
   * @throws AwsError for an unknown client or user.
   */
  tokensFor(clientId: string, username: string, now?: number): Promise<IssuedTokens>;
  /** Ends a function's environments as a crash would; answers how many were working. */
  killFunction(name: string): number;
  /** Ends all children and removes temporary files. */
  close(): Promise<void>;
}
