import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { dispatchRequest } from '../../lib/local/gateway/dispatch-request.ts';
import { createFaultPlan } from '../../lib/local/gateway/fault-plan.ts';
import { createAccessControl } from '../../lib/local/iam/access-control.ts';
import type { PolicyStatement } from '../../lib/local/iam/policy-document.ts';
import { createInProcessHandler } from '../../lib/local/in-process-handler.ts';
import {
  type CognitoService,
  createCognitoService,
} from '../../lib/local/services/cognito-service.ts';
import type { AttributeDefinition } from '../../lib/local/user-pools/attribute-schema.ts';
import type { PoolClient, UserPoolSettings } from '../../lib/local/user-pools/user-pool.ts';

/** The local cloud's Cognito alone, on a clock that tests move, behind real SDK clients. */
export interface LocalUserPool {
  readonly service: CognitoService;
  /** Epoch ms; to be moved. */
  now: number;
  /** Calls under these statements, or may do everything. */
  administrator(statements?: readonly PolicyStatement[]): CognitoIdentityProviderClient;
  /** Calls unsigned, as a browser does. */
  readonly browser: CognitoIdentityProviderClient;
}

export const POOL = 'us-east-1_AbCdEfGhI';
export const CLIENT = 'abcdefghijklmnopqrstuvwxyz';
export const ISSUER = `https://cognito-idp.us-east-1.amazonaws.com/${POOL}`;
export const START = Date.parse('2026-11-24T00:00:00Z');

const schema: AttributeDefinition[] = [
  { name: 'custom:district', type: 'String', required: false, maxLength: 6 },
  { name: 'custom:rank', type: 'Number', required: false, minValue: 1, maxValue: 9 },
];

/** A pool with the groups `desk` and `lead`, and one app client. */
export async function createLocalUserPool(
  options: {
    settings?: Partial<UserPoolSettings>;
    client?: Partial<PoolClient>;
    file?: string;
  } = {},
): Promise<LocalUserPool> {
  const cloud = {
    partition: 'aws',
    region: 'us-east-1',
    accountId: '000000000000',
    urlSuffix: 'amazonaws.com',
  };
  const access = createAccessControl({ accountId: cloud.accountId, warn: () => undefined });
  const local = { now: START };
  const service = createCognitoService({
    cloud,
    endpoint: () => 'http://127.0.0.1:4510',
    file: options.file,
    now: () => local.now,
  });
  await service.addPool({
    id: POOL,
    issuer: ISSUER,
    schema,
    passwordPolicy: {
      minimumLength: 12,
      lowercase: true,
      uppercase: true,
      numbers: true,
      symbols: false,
      temporaryValidityDays: 7,
    },
    caseSensitive: false,
    emailIsUsername: false,
    emailIsAlias: false,
    ...options.settings,
  });
  service.addClient(POOL, {
    id: CLIENT,
    flows: new Set(['USER_PASSWORD_AUTH', 'REFRESH_TOKEN_AUTH']),
    idTokenSeconds: 1_800,
    accessTokenSeconds: 3_600,
    refreshTokenSeconds: 86_400,
    hidesUnknownUsers: true,
    ...options.client,
  });
  service.addGroup(POOL, { name: 'desk', precedence: 2 });
  service.addGroup(POOL, { name: 'lead', precedence: 1 });

  const requestHandler = createInProcessHandler((exchange, body) =>
    dispatchRequest(exchange, body, {
      services: { 'cognito-idp': service },
      access,
      faults: createFaultPlan(),
      onInternalError(message) {
        throw new Error(message);
      },
    }),
  );
  let keys = 0;
  const connect = (accessKeyId: string): CognitoIdentityProviderClient =>
    new CognitoIdentityProviderClient({
      endpoint: 'http://localhost',
      region: cloud.region,
      credentials: { accessKeyId, secretAccessKey: 'x' },
      requestHandler,
      maxAttempts: 1,
    });
  return Object.assign(local, {
    service,
    browser: connect('NOBODYKNOWSTHIS'),
    administrator(statements?: readonly PolicyStatement[]) {
      keys += 1;
      const accessKeyId = `AKIDADMINISTRATOR${keys}`;
      access.register(accessKeyId, {
        arn: 'arn:aws:iam::000000000000:user/test',
        used: new Set(),
        ...(statements === undefined ? {} : { statements }),
      });
      return connect(accessKeyId);
    },
  });
}
