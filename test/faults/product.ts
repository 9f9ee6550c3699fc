import { gzipSync } from 'node:zlib';
import { PublishCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type AuditTrail, createAuditTable } from '../../functions/adapters/audit-table.ts';
import { CASE_KEPT_SECONDS, createCasesTable } from '../../functions/adapters/cases-table.ts';
import { createDeliveriesTable, textOfCase } from '../../functions/adapters/deliveries-table.ts';
import { MissingCaseError } from '../../functions/adapters/errors.ts';
import { putFindings } from '../../functions/adapters/findings-table.ts';
import { putRecords } from '../../functions/adapters/kinesis-records.ts';
import type { TellBanks } from '../../functions/adapters/payment-stop.ts';
import { createProfilesTable } from '../../functions/adapters/profiles-table.ts';
import { putQuarantine } from '../../functions/adapters/quarantine-bucket.ts';
import { createRegistersTable } from '../../functions/adapters/registers-table.ts';
import { answerTask, callOffTask, NEWS } from '../../functions/adapters/report-outcome.ts';
import { createSnsSender } from '../../functions/adapters/sms-sender.ts';
import { startCase } from '../../functions/adapters/start-case.ts';
import {
  closeCase,
  createSubjectsTable,
  createWarningsTable,
} from '../../functions/adapters/subjects-table.ts';
import { createTasksTable } from '../../functions/adapters/tasks-table.ts';
import { awaitNews } from '../../functions/await-news/await-news.ts';
import { type IntakePorts, processCalls } from '../../functions/intake/process-calls.ts';
import { offerTask } from '../../functions/offer-task/offer-task.ts';
import { districtOfPerson } from '../../functions/open-cases/district-of-person.ts';
import { type CasesPorts, processCases } from '../../functions/open-cases/process-cases.ts';
import { planMove } from '../../functions/plan-move/plan-move.ts';
import { processDeliveries } from '../../functions/record-delivery/process-deliveries.ts';
import {
  type RecordDeliveryPorts,
  recordDelivery,
} from '../../functions/record-delivery/record-delivery.ts';
import { processLegs, type ScoreNumbersPorts } from '../../functions/score-numbers/process-legs.ts';
import {
  processExposures,
  type ScoreSubjectsPorts,
} from '../../functions/score-subjects/process-exposures.ts';
import { processWarnings } from '../../functions/send-warnings/process-warnings.ts';
import {
  type SendWarningPorts,
  sendWarning,
  type Visit,
} from '../../functions/send-warnings/send-warning.ts';
import { settleTask } from '../../functions/settle-task/settle-task.ts';
import { stageDefaults } from '../../lib/infrastructure/stage-config.ts';
import { TEST_CONTEXT } from '../support/in-memory-pipeline.ts';
import type { Clients } from './aws/cloud.ts';
import type { Environment, Handler } from './aws/lambda.ts';
import type { Actor } from './history.ts';
import type { Prepared } from './policies.ts';
import { SEALER } from './sealer.ts';

export const TABLES = {
  profiles: 'profiles',
  subjects: 'subjects',
  registers: 'registers',
  cases: 'cases',
  tasks: 'tasks',
  audit: 'audit',
} as const;
export const QUARANTINE = 'quarantine';
export const QUEUES = { retries: 'warning-retries', early: 'early-reports' } as const;

/** How the stage reads the calls: with no limit on the age of a record but that of its kind. */
const { maxFutureSeconds, retention } = stageDefaults.dev;
const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;

/** The ports of every function, by which a wrong product can be made of the right one. */
export interface ProductPorts {
  intake: IntakePorts;
  'score-numbers': ScoreNumbersPorts;
  'score-subjects': ScoreSubjectsPorts;
  'send-warnings': SendWarningPorts;
  'record-delivery': RecordDeliveryPorts;
  'open-cases': CasesPorts;
}

/** What a bug changes: in a wrapped client or port, never in the product. */
export interface Bug {
  readonly name: string;
  readonly what: string;
  readonly clients?: (clients: Clients, actor: Actor) => Clients;
  readonly ports?: <Name extends keyof ProductPorts>(
    name: Name,
    ports: ProductPorts[Name],
    environment: Environment,
  ) => ProductPorts[Name];
  readonly handler?: (handler: Handler, actor: Actor, environment: Environment) => Handler;
}

/** What the product tells of itself: its log and its metrics. */
export interface Telemetry {
  readonly log: (actor: Actor, message: string, cause: unknown) => void;
  readonly count: (actor: Actor, counts: unknown) => void;
  readonly visited: (visits: readonly Visit[]) => void;
}

export interface ProductOptions {
  readonly clientsFor: (environment: Environment) => Clients;
  /** The policy in force, as the environment last saw it. */
  readonly policyFor: (environment: Environment) => () => Prepared;
  readonly telemetry: Telemetry;
  readonly bug: Bug | undefined;
}

/** Stores of the ladder for one environment. */
export function ladderStores(
  { dynamoDB }: Pick<Clients, 'dynamoDB'>,
  { now, patience }: Environment,
) {
  return {
    cases: createCasesTable(dynamoDB, TABLES.cases, CASE_KEPT_SECONDS, now, patience),
    tasks: createTasksTable(dynamoDB, TABLES.tasks),
  };
}

export function auditTrail(
  { dynamoDB }: Pick<Clients, 'dynamoDB'>,
  environment: Environment,
): AuditTrail {
  const { patience } = environment;
  return createAuditTable(dynamoDB, TABLES.audit, { keptSeconds: CASE_KEPT_SECONDS, patience });
}

/** The product, function by function, on the clients of an environment: as each handler puts it together. */
export function createProduct({ bug, clientsFor, policyFor, telemetry }: ProductOptions) {
  const same = <Name extends keyof ProductPorts>(_: Name, ports: ProductPorts[Name]) => ports;
  const portsOf = bug?.ports ?? same;

  const makers: Readonly<Record<Actor, (environment: Environment, clients: Clients) => Handler>> = {
    intake(environment, { kinesis, s3 }) {
      const ports = portsOf(
        'intake',
        {
          putLegs: (frames) => putRecords(kinesis, 'legs', frames, environment.patience),
          putQuarantine: (object) => putQuarantine(s3, QUARANTINE, object),
          count: (counts) =>
            telemetry.count('intake', { ...counts, rejected: [...counts.rejected] }),
          onFailure: (message, cause) => telemetry.log('intake', message, cause),
        },
        environment,
      );
      return (event) => {
        const context = {
          normaliseNumber: TEST_CONTEXT.normaliseNumber,
          nowMs: environment.now(),
          retentionMs: retention.recordHours * HOUR_MS,
          maxFutureMs: maxFutureSeconds * 1000,
        };
        return processCalls(event, context, SEALER, ports);
      };
    },
    'score-numbers'(environment, { dynamoDB, kinesis }) {
      const policy = policyFor(environment);
      const ports = portsOf(
        'score-numbers',
        {
          profiles: createProfilesTable(dynamoDB, TABLES.profiles, environment.patience),
          putExposures: (frames) => putRecords(kinesis, 'exposures', frames, environment.patience),
          keepFindings: (findings) => putFindings(dynamoDB, TABLES.subjects, findings),
          count: (counts) => telemetry.count('score-numbers', counts),
        },
        environment,
      );
      const seconds = retention.profileDays * DAY_SECONDS;
      return (event) => processLegs(event, policy().fold, seconds, ports);
    },
    'score-subjects'(environment, { dynamoDB }) {
      const policy = policyFor(environment);
      const registers = createRegistersTable(dynamoDB, TABLES.registers);
      const ports = portsOf(
        'score-subjects',
        {
          subjects: createSubjectsTable(dynamoDB, TABLES.subjects),
          careGroupOf: (subject) => registers.careGroupOf(subject),
          count: ({ live }) => telemetry.count('score-subjects', { decisions: live.length }),
        },
        environment,
      );
      const seconds = retention.subjectDays * DAY_SECONDS;
      return (event) => processExposures(event, policy().deciders, seconds, ports);
    },
    'send-warnings'(environment, { dynamoDB, sns, sqs }) {
      const policy = policyFor(environment);
      const stable = {
        warnings: createWarningsTable(dynamoDB, TABLES.subjects, environment.patience),
        sender: createSnsSender(sns, {
          senderId: 'Forewarn',
          originationNumber: undefined,
          maxPriceUsd: '0.1',
          entityId: undefined,
          templateId: undefined,
        }),
        sealer: SEALER,
        language: 'zh-CN',
        comeBack: (ref: object, delaySeconds: number) =>
          queueMessage(sqs, QUEUES.retries, ref, delaySeconds),
        now: environment.now,
      } as const;
      return (event) => {
        const ports = portsOf('send-warnings', { ...stable, policy: policy().policy }, environment);
        return processWarnings(event, {
          visit: (ref) => sendWarning(ref, ports),
          count: telemetry.visited,
          onFailure: (message, cause) => telemetry.log('send-warnings', message, cause),
        });
      };
    },
    'record-delivery'(environment, { dynamoDB, sqs }) {
      const policy = policyFor(environment);
      const { patience } = environment;
      const stable = {
        deliveries: createDeliveriesTable(dynamoDB, TABLES.subjects, patience),
        people: createWarningsTable(dynamoDB, TABLES.subjects, patience),
        sendAgain: (ref: object, delaySeconds: number) =>
          queueMessage(sqs, QUEUES.retries, ref, delaySeconds),
        lookAgain: (early: object, delaySeconds: number) =>
          queueMessage(sqs, QUEUES.early, early, delaySeconds),
        now: environment.now,
      };
      return (event) => {
        const ports = portsOf(
          'record-delivery',
          { ...stable, policy: policy().policy },
          environment,
        );
        return processDeliveries(event, {
          record: (early) => recordDelivery(early, ports),
          count: (recorded, unreadable) =>
            telemetry.count('record-delivery', { recorded, unreadable }),
          onFailure: (message, cause) => telemetry.log('record-delivery', message, cause),
          now: environment.now,
        });
      };
    },
    'open-cases'(environment, { dynamoDB, sfn }) {
      const { cases, tasks } = ladderStores({ dynamoDB }, environment);
      const profiles = createProfilesTable(dynamoDB, TABLES.profiles, environment.patience);
      const registers = createRegistersTable(dynamoDB, TABLES.registers);
      const ports = portsOf(
        'open-cases',
        {
          cases,
          start: (opening, now) => startCase(opening, cases, sfn, 'dissuasion', now),
          closeAsDuplicate: ({ id, subject }, now) =>
            closeCase(dynamoDB, TABLES.subjects, subject, id, 'duplicate', now),
          districtOf: (subject) => districtOfPerson(subject, profiles, registers),
          textOf: ({ id, subject }) => textOfCase(dynamoDB, TABLES.subjects, subject, id),
          callOff: (taskId) => callOffTask(tasks, sfn, taskId, environment.now()),
          tellNews: (newsToken) => answerTask(sfn, newsToken, NEWS),
          count: (opened) => telemetry.count('open-cases', { opened }),
          onFailure: (message, cause) => telemetry.log('open-cases', message, cause),
          now: environment.now,
        },
        environment,
      );
      return (event) => processCases(event, ports);
    },
    'plan-move'(environment, clients) {
      const { cases } = ladderStores(clients, environment);
      const ports = { cases, tellBanks: bankNotices(clients) };
      return ({ caseId }: { readonly caseId: string }) =>
        planMove(caseId, ports, environment.now());
    },
    'offer-task'(environment, clients) {
      const { cases, tasks } = ladderStores(clients, environment);
      const registers = createRegistersTable(clients.dynamoDB, TABLES.registers);
      return async (offer) => {
        const task = await offerTask(
          offer,
          {
            cases,
            tasks,
            answer: (taskToken, result) => answerTask(clients.sfn, taskToken, result),
            callOff: (taskId) => callOffTask(tasks, clients.sfn, taskId, environment.now()),
            relativesOf: async (subject) =>
              (await registers.relativesOf(subject)).map(({ contact }) => contact),
            stationOf: async (district) =>
              district === '' ? undefined : registers.stationOf(district),
          },
          environment.now(),
        );
        telemetry.count('offer-task', { stands: task !== undefined });
      };
    },
    'settle-task'(environment, clients) {
      const { cases, tasks } = ladderStores(clients, environment);
      const callOff = (taskId: string) =>
        callOffTask(tasks, clients.sfn, taskId, environment.now());
      const ports = { cases, tasks, callOff, tellBanks: bankNotices(clients) };
      return async (end) => (await settleTask(end, ports, environment.now())).step;
    },
    'await-news'(environment, clients) {
      const { cases } = ladderStores(clients, environment);
      const answer = (taskToken: string, result: typeof NEWS) =>
        answerTask(clients.sfn, taskToken, result);
      return (wait) => awaitNews(wait, { cases, answer }, environment.now());
    },
    'close-case'(environment, clients) {
      const { cases } = ladderStores(clients, environment);
      return async ({ caseId }: { readonly caseId: string }) => {
        const { closedAt, outcome, subject } = (await cases.read(caseId)) ?? {};
        if (subject === undefined || outcome === undefined) throw new MissingCaseError(caseId);
        const at = closedAt ?? environment.now();
        await closeCase(clients.dynamoDB, TABLES.subjects, subject, caseId, outcome, at);
      };
    },
    'officers-api': () => async () => undefined,
  };

  return (environment: Environment): Handler => {
    const { actor } = environment;
    const clients = clientsFor(environment);
    const handler = makers[actor](environment, clients);
    return bug?.handler?.(handler, actor, environment) ?? handler;
  };
}

async function queueMessage(
  sqs: Clients['sqs'],
  QueueUrl: string,
  message: object,
  DelaySeconds: number,
): Promise<void> {
  await sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message), DelaySeconds }),
  );
}

function bankNotices({ sns }: Pick<Clients, 'sns'>): TellBanks {
  return async (notice) => {
    await sns.send(
      new PublishCommand({ TopicArn: 'payment-stop', Message: JSON.stringify(notice) }),
    );
  };
}

/** A line of the log of texts, as CloudWatch Logs hands it to a function. */
export function logEvent(line: string): { readonly awslogs: { readonly data: string } } {
  const content = { messageType: 'DATA_MESSAGE', logEvents: [{ message: line }] };
  const data = gzipSync(JSON.stringify(content), { level: 1 }).toString('base64');
  return { awslogs: { data } };
}
