import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { ENDPOINTS, type Endpoint, routeKeyOf } from '../../lib/api/endpoints.ts';
import { OFFICER_GROUPS } from '../../lib/api/officer.ts';
import {
  flat,
  onlyResource,
  plainId,
  type Resource,
  resources,
  synthesized,
} from './synthesized-stack.ts';

const prod = synthesized('prod');

/** The one API of a protocol: its logical id without the hash, and its properties. */
function apiOf(
  template: Template,
  protocol: 'HTTP' | 'WEBSOCKET',
): [string, Resource['Properties']] {
  const found = Object.entries(resources(template, 'AWS::ApiGatewayV2::Api')).filter(
    ([, { Properties }]) => Properties.ProtocolType === protocol,
  );
  expect(found).toHaveLength(1);
  const [[id, { Properties }]] = found as [[string, Resource]];
  return [plainId(id), Properties];
}

/** What belongs to an API, by a property. */
function partsOf(type: string, api: string): Resource['Properties'][] {
  return Object.values(resources(prod, type))
    .map(({ Properties }) => Properties)
    .filter(({ ApiId }) => flat(ApiId) === api);
}

/** The function that a route leads to. */
function servedBy({ Target }: Resource['Properties']): string {
  const integrations = Object.entries(resources(prod, 'AWS::ApiGatewayV2::Integration'));
  const [, found] =
    integrations.find(([id]) => flat(Target) === `integrations/${plainId(id)}`) ?? [];
  return flat(found?.Properties.IntegrationUri);
}

describe('The officers’ API', () => {
  const [api, properties] = apiOf(prod, 'HTTP');
  const routes = partsOf('AWS::ApiGatewayV2::Route', api);
  const FUNCTIONS = {
    'officers-api': 'OfficersApiCasesFunction.Arn',
    'officer-numbers': 'OfficersApiNumbersFunction.Arn',
    'take-clue': 'OfficersApiCluesFunction.Arn',
  };

  test('has a route for each endpoint of the contract, with a token where it is not open, and no other', () => {
    const wanted = Object.values<Endpoint>(ENDPOINTS).map((endpoint) => [
      routeKeyOf(endpoint),
      endpoint.who === 'anybody' ? 'NONE' : 'JWT',
      FUNCTIONS[endpoint.servedBy],
    ]);
    const found = routes.map((route) => [
      String(route.RouteKey),
      route.AuthorizationType,
      servedBy(route),
    ]);
    expect(found.sort()).toEqual(wanted.sort());
  });

  test('takes tokens of the officers’ pool, made for their client', () => {
    const authorizer = onlyResource(prod, 'AWS::ApiGatewayV2::Authorizer');
    const { Audience, Issuer } = authorizer.JwtConfiguration as {
      Audience: unknown[];
      Issuer: unknown;
    };

    expect(authorizer.IdentitySource).toEqual(['$request.header.Authorization']);
    expect(flat(Issuer)).toBe('https://OfficersPool.ProviderName');
    expect(Audience.map(flat)).toEqual(['OfficersPoolClient']);
    for (const { AuthorizationType, AuthorizerId } of routes) {
      expect(flat(AuthorizerId)).toBe(
        AuthorizationType === 'JWT' ? 'OfficersApiOfficers' : 'undefined',
      );
    }
  });

  test('hands requests on in the format 2.0', () => {
    for (const { IntegrationType, PayloadFormatVersion } of partsOf(
      'AWS::ApiGatewayV2::Integration',
      api,
    )) {
      expect([IntegrationType, PayloadFormatVersion]).toEqual(['AWS_PROXY', '2.0']);
    }
  });

  test('may invoke its three functions, and nobody else may', () => {
    const allowed = Object.values(resources(prod, 'AWS::Lambda::Permission'))
      .map(
        ({ Properties }) => `${flat(Properties.FunctionName)} from ${flat(Properties.SourceArn)}`,
      )
      .filter((line) => line.startsWith('OfficersApi'));

    const from = `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:${api}/*/*/*`;
    expect(allowed.sort()).toEqual(
      Object.values(FUNCTIONS)
        .map((name) => `${name} from ${from}`)
        .sort(),
    );
  });

  test('holds all requests to a rate, and those about clear numbers, and the public’s, to lower ones', () => {
    const [stage] = partsOf('AWS::ApiGatewayV2::Stage', api);
    const lower = { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 };
    const open = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 };

    expect(stage).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
      RouteSettings: {
        'POST /tasks/{taskId}/reveal': lower,
        'POST /cases': lower,
        'POST /cases/{caseId}/contacts': lower,
        'POST /clues': open,
        'GET /clues/{reference}': open,
        'POST /appeals': open,
        'GET /appeals/{reference}': open,
      },
    });
  });

  test('makes its stage after all of its routes, which the stage’s settings name', () => {
    const [stage] = Object.values(resources(prod, 'AWS::ApiGatewayV2::Stage')).filter(
      ({ Properties }) => Properties.StageName === '$default',
    );
    const routeIds = Object.entries(resources(prod, 'AWS::ApiGatewayV2::Route'))
      .filter(([, { Properties }]) => flat(Properties.ApiId) === api)
      .map(([id]) => id);

    expect(stage?.DependsOn).toEqual(expect.arrayContaining(routeIds));
  });

  test('logs who called what, and nothing that a person typed', () => {
    const [stage] = partsOf('AWS::ApiGatewayV2::Stage', api);
    const settings = stage?.AccessLogSettings as Record<string, string> | undefined;

    expect(flat(settings?.DestinationArn)).toBe('OfficersApiAccessLogs.Arn');
    expect(JSON.parse(settings?.Format ?? '')).toEqual({
      requestId: '$context.requestId',
      at: '$context.requestTimeEpoch',
      routeKey: '$context.routeKey',
      status: '$context.status',
      latencyMs: '$context.responseLatency',
      user: '$context.authorizer.claims.sub',
    });
  });

  test('answers pages of one origin where one is set, and of none otherwise', () => {
    expect(properties.CorsConfiguration).toBeUndefined();

    const consoleOrigin = 'https://officers.example.org';
    const [, withConsole] = apiOf(synthesized('prod', { officers: { consoleOrigin } }), 'HTTP');

    expect(withConsole.CorsConfiguration).toEqual({
      AllowOrigins: [consoleOrigin],
      AllowMethods: ['GET', 'POST'],
      AllowHeaders: ['authorization', 'content-type', 'idempotency-key'],
      MaxAge: 3600,
    });
  });
});

describe('Live updates', () => {
  const [api] = apiOf(prod, 'WEBSOCKET');

  test('let pages connect and go, and take no messages from them', () => {
    const routes = partsOf('AWS::ApiGatewayV2::Route', api);

    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual(['$connect', '$disconnect']);
    for (const route of routes) expect(servedBy(route)).toContain('LiveUpdatesConnectFunction.Arn');
  });

  test('hold pages that connect to a rate', () => {
    expect(partsOf('AWS::ApiGatewayV2::Stage', api)).toEqual([
      expect.objectContaining({
        StageName: 'live',
        AutoDeploy: true,
        DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
      }),
    ]);
  });
});

describe('Officers’ accounts', () => {
  test('are made by administrators only, and recovered by e-mail only', () => {
    prod.hasResourceProperties('AWS::Cognito::UserPool', {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      AccountRecoverySetting: {
        RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }],
      },
      UsernameConfiguration: { CaseSensitive: false },
      DeletionProtection: 'ACTIVE',
    });
    synthesized('dev').hasResourceProperties('AWS::Cognito::UserPool', {
      DeletionProtection: 'INACTIVE',
    });
  });

  test('have long passwords, and an authenticator app as second factor', () => {
    prod.hasResourceProperties('AWS::Cognito::UserPool', {
      Policies: {
        PasswordPolicy: {
          MinimumLength: 14,
          RequireLowercase: true,
          RequireUppercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
          PasswordHistorySize: 10,
          TemporaryPasswordValidityDays: 3,
        },
      },
      MfaConfiguration: 'OPTIONAL',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
    });
    synthesized('prod', { officers: { mfa: 'required' } }).hasResourceProperties(
      'AWS::Cognito::UserPool',
      { MfaConfiguration: 'ON' },
    );
  });

  test('are protected against leaked passwords, unless that is switched off', () => {
    prod.hasResourceProperties('AWS::Cognito::UserPool', {
      UserPoolTier: 'PLUS',
      UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' },
    });
    synthesized('prod', { officers: { threatProtection: 'off' } }).hasResourceProperties(
      'AWS::Cognito::UserPool',
      { UserPoolTier: 'ESSENTIALS', UserPoolAddOns: Match.absent() },
    );
  });

  test('are of the groups of the contract', () => {
    const groups = Object.values(resources(prod, 'AWS::Cognito::UserPoolGroup')).map(
      ({ Properties }) => Properties.GroupName,
    );
    expect(groups.sort()).toEqual([...OFFICER_GROUPS].sort());
  });

  test('carry a station and districts, which nobody changes for himself', () => {
    const { Schema } = onlyResource(prod, 'AWS::Cognito::UserPool') as { Schema: object[] };
    const client = onlyResource(prod, 'AWS::Cognito::UserPoolClient');

    expect(Schema).toEqual([
      expect.objectContaining({ Name: 'station', Mutable: true }),
      expect.objectContaining({ Name: 'districts', Mutable: true }),
    ]);
    expect(client.ReadAttributes).toEqual(['custom:districts', 'custom:station', 'locale']);
    expect(client.WriteAttributes).toEqual(['locale']);
  });

  test('sign in to a client without a secret, for as long as the settings say', () => {
    const officers = { idTokenMinutes: 30, refreshHours: 8 };
    const client = onlyResource(synthesized('prod', { officers }), 'AWS::Cognito::UserPoolClient');

    expect(client).toMatchObject({
      GenerateSecret: false,
      ExplicitAuthFlows: [
        'ALLOW_USER_PASSWORD_AUTH',
        'ALLOW_USER_SRP_AUTH',
        'ALLOW_REFRESH_TOKEN_AUTH',
      ],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
      IdTokenValidity: 30,
      AccessTokenValidity: 30,
      RefreshTokenValidity: 8 * 60,
      TokenValidityUnits: { IdToken: 'minutes', AccessToken: 'minutes', RefreshToken: 'minutes' },
    });
  });
});
