import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { AppConfigDataClient } from '@aws-sdk/client-appconfigdata';
import type { FunctionResult } from '../../lib/local/functions/function-definition.ts';
import { dispatchRequest } from '../../lib/local/gateway/dispatch-request.ts';
import { createFaultPlan, type FaultPlan } from '../../lib/local/gateway/fault-plan.ts';
import { createAccessControl } from '../../lib/local/iam/access-control.ts';
import type { PolicyStatement } from '../../lib/local/iam/policy-document.ts';
import { createInProcessHandler } from '../../lib/local/in-process-handler.ts';
import { createKeptConfigurations } from '../../lib/local/kept/configurations.ts';
import { openDatabase } from '../../lib/local/kept/database.ts';
import {
  type AppConfigService,
  createAppConfigService,
} from '../../lib/local/services/appconfig-service.ts';

/** The local cloud's AppConfig alone, in memory and on a clock that tests move, behind real SDK clients. */
export interface LocalAppConfig {
  readonly service: AppConfigService;
  readonly faults: FaultPlan;
  /** Epoch ms; to be moved. */
  now: number;
  /** What the validator answers; the payloads it was given stand in {@link validated}. */
  validate: (event: { content: string }) => FunctionResult;
  readonly validated: readonly Record<string, unknown>[];
  readonly control: AppConfigClient;
  /** A reader of configurations under these statements, or one who may do everything. */
  reader(statements?: readonly PolicyStatement[]): AppConfigDataClient;
}

export const APPLICATION = 'app1234';
export const ENVIRONMENT = 'env1234';
export const LIVE = 'live123';
export const SHADOW = 'shad123';
/** A strategy that is watched for ten minutes, one that is done at once, and one that spreads over ten. */
export const WATCHED = 'watch12';
export const IMMEDIATE = 'immed12';
export const GRADUAL = 'grad123';

const START = Date.parse('2026-11-24T00:00:00Z');

/** A stage's application with a profile for the live policy and one for the shadow; nothing published yet. */
export function createLocalAppConfig(): LocalAppConfig {
  const cloud = {
    partition: 'aws',
    region: 'us-east-1',
    accountId: '000000000000',
    urlSuffix: 'amazonaws.com',
  };
  const validated: Record<string, unknown>[] = [];
  const faults = createFaultPlan();
  const access = createAccessControl({ accountId: cloud.accountId, warn: () => undefined });
  const local = {
    now: START,
    validate: (_event: { content: string }): FunctionResult => ({ payload: null }),
  };
  const service = createAppConfigService(
    cloud,
    async (_functionArn, payload) => {
      const event = JSON.parse(payload) as { content: string };
      validated.push(event);
      return local.validate(event);
    },
    createKeptConfigurations(openDatabase(undefined)),
    () => local.now,
  );
  service.addApplication({ id: APPLICATION, name: 'Forewarn-test' });
  service.addEnvironment(APPLICATION, { id: ENVIRONMENT, name: 'test' });
  for (const [id, name] of [
    [LIVE, 'policy'],
    [SHADOW, 'shadow-policy'],
  ] as const) {
    const validators = ['arn:aws:lambda:us-east-1:000000000000:function:validate'];
    service.addProfile(APPLICATION, { id, name, type: 'AWS.Freeform', validators });
  }
  const strategy = { growthFactor: 100, growthType: 'LINEAR' } as const;
  for (const [id, deploymentMinutes, bakeMinutes, growthFactor] of [
    [WATCHED, 0, 10, 100],
    [IMMEDIATE, 0, 0, 100],
    [GRADUAL, 10, 0, 20],
  ] as const) {
    service.addStrategy({
      ...strategy,
      id,
      name: id,
      deploymentMinutes,
      bakeMinutes,
      growthFactor,
    });
  }
  const requestHandler = createInProcessHandler((exchange, body) =>
    dispatchRequest(exchange, body, {
      services: { appconfig: service },
      access,
      faults,
      onInternalError: (message) => {
        throw new Error(message);
      },
    }),
  );
  let callers = 0;
  const settings = (statements?: readonly PolicyStatement[]) => {
    const accessKeyId = `CALLER${++callers}`;
    access.register(accessKeyId, {
      arn: `arn:aws:iam::000000000000:user/${accessKeyId}`,
      used: new Set(),
      ...(statements === undefined ? {} : { statements }),
    });
    return {
      region: cloud.region,
      endpoint: 'http://appconfig.test',
      credentials: { accessKeyId, secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler,
    };
  };
  return Object.assign(local, {
    service,
    faults,
    validated,
    control: new AppConfigClient(settings()),
    reader: (statements?: readonly PolicyStatement[]) =>
      new AppConfigDataClient(settings(statements)),
  });
}

/** Publishes a text at once; answers the hosted version. */
export async function publishText(
  { service }: LocalAppConfig,
  profileId: string,
  text: string,
  strategyId = IMMEDIATE,
): Promise<number> {
  const version = await service.createVersion(APPLICATION, profileId, {
    content: Buffer.from(text),
    contentType: 'application/json',
    description: undefined,
    label: undefined,
  });
  await service.deploy(APPLICATION, ENVIRONMENT, {
    profileId,
    version: String(version),
    strategyId,
  });
  return version;
}
