import type { FunctionResult } from '../functions/function-definition.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest, AwsResponse } from '../gateway/aws-request.ts';
import { type AwsService, jsonResponse } from '../gateway/aws-service.ts';
import { isJsonObject, type JsonObject } from '../json-value.ts';
import type { KeptConfigurations } from '../kept/configurations.ts';
import { type AppConfigRoute, appConfigRoute } from './appconfig-routes.ts';
import { createConfigurationSessions, type SessionTarget } from './appconfig-sessions.ts';
import {
  type Application,
  byIdOrName,
  type ConfigurationDeployment,
  type ConfigurationProfile,
  type DeploymentStrategy,
  describeDeployment,
  type Environment,
  found,
  type HostedVersion,
  refuseSecondDeployment,
  stopDeployment,
} from './appconfig-store.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';

export interface AppConfigService extends AwsService {
  addApplication(application: { id: string; name: string }): void;
  addEnvironment(applicationId: string, environment: { id: string; name: string }): void;
  addProfile(
    applicationId: string,
    profile: { id: string; name: string; type: string; validators: readonly string[] },
  ): void;
  addStrategy(strategy: DeploymentStrategy): void;
  /**
   * Makes a version of the template, unless an earlier run did. Answers its number.
   *
   * @throws AwsError when a validator refuses the document
   */
  createVersion(
    applicationId: string,
    profileId: string,
    document: Omit<HostedVersion, 'number'>,
  ): Promise<number>;
  /**
   * Makes a deployment of the template, unless an earlier run did. Answers its number.
   *
   * @throws AwsError when a validator refuses the document
   */
  deploy(applicationId: string, environmentId: string, wanted: DeploymentRequest): Promise<number>;
  /** Puts in force what earlier runs deployed. To be called once the template's profiles are there. */
  resume(): void;
}

export interface DeploymentRequest {
  readonly profileId: unknown;
  /** A version's number or label. */
  readonly version: unknown;
  readonly strategyId: unknown;
  readonly description?: string | undefined;
}

/** Of one document in the hosted store (AWS's default quota is 2 MB). */
const MOST_BYTES = 2 * 1024 * 1024;

function header(request: AwsRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function jsonBody(request: AwsRequest): JsonObject {
  if (request.body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(request.body.toString('utf8'));
    return isJsonObject(parsed) ? parsed : {};
  } catch {
    throw new AwsError('BadRequestException', 'The body is not JSON');
  }
}

function tokenOf(request: AwsRequest): string {
  return new URL(request.url, 'http://localhost').searchParams.get('configuration_token') ?? '';
}

/** A document travels as the body itself, with what belongs to it in headers. */
function versionResponse(
  application: Application,
  profile: ConfigurationProfile,
  version: HostedVersion,
  status: number,
): AwsResponse {
  return {
    status,
    headers: {
      'content-type': version.contentType,
      'application-id': application.id,
      'configuration-profile-id': profile.id,
      'version-number': String(version.number),
      ...(version.description === undefined ? {} : { description: version.description }),
      ...(version.label === undefined ? {} : { versionlabel: version.label }),
    },
    body: version.content,
  };
}

/** Refused by a validator, as AppConfig words it. */
function invalidConfiguration(functionArn: string, payload: unknown): AwsError {
  const { errorMessage } = isJsonObject(payload) ? payload : {};
  return new AwsError('BadRequestException', 'Error invoking Lambda validator', 400, {
    Reason: 'InvalidConfiguration',
    Details: {
      InvalidConfiguration: [
        {
          Type: 'LAMBDA',
          Value: functionArn,
          Reason: String(errorMessage ?? 'The validator failed'),
        },
      ],
    },
  });
}

/** The page after the items; lists here are short enough for one. */
const listed = (items: readonly JsonObject[]): AwsResponse => jsonResponse({ Items: [...items] });

/**
 * AppConfig: hosted configurations, their deployments, and the sessions that read them. Alarms do not exist
 * here, so nothing is rolled back by itself.
 */
export function createAppConfigService(
  cloud: CloudIdentity,
  invoke: (functionArn: string, payload: string) => Promise<FunctionResult>,
  kept: KeptConfigurations,
  now: () => number,
): AppConfigService {
  const applications: Application[] = [];
  const strategies: DeploymentStrategy[] = [];
  const sessions = createConfigurationSessions(now);

  const applicationOf = ({ application }: AppConfigRoute): Application =>
    found(
      applications.find(({ id }) => id === application),
      'Application',
    );
  const environmentOf = (route: AppConfigRoute): Environment =>
    found(
      applicationOf(route).environments.find(({ id }) => id === route.environment),
      'Environment',
    );
  const profileOf = (route: AppConfigRoute): ConfigurationProfile =>
    found(
      applicationOf(route).profiles.find(({ id }) => id === route.profile),
      'ConfigurationProfile',
    );
  const versionOf = (route: AppConfigRoute): HostedVersion =>
    found(
      profileOf(route).versions.find(({ number }) => number === route.number),
      'HostedConfigurationVersion',
    );
  const deploymentOf = (route: AppConfigRoute) =>
    found(
      environmentOf(route).deployments.find(({ number }) => number === route.number),
      'Deployment',
    );

  const validate = async (
    applicationId: string,
    profile: ConfigurationProfile,
    version: HostedVersion,
  ): Promise<void> => {
    for (const functionArn of profile.validators) {
      const event = {
        applicationId,
        configurationProfileId: profile.id,
        configurationVersion: String(version.number),
        content: version.content.toString('base64'),
        uri: 'hosted',
      };
      const result = await invoke(functionArn, JSON.stringify(event));
      if (result.functionError === undefined) continue;
      throw invalidConfiguration(functionArn, result.payload);
    }
  };

  const keep = (environmentId: string, { profile, ...deployment }: ConfigurationDeployment): void =>
    kept.keepDeployment(environmentId, { ...deployment, profileId: profile.id });

  const createVersion: AppConfigService['createVersion'] = async (
    applicationId,
    profileId,
    document,
  ) => {
    const profile = profileOf({
      operation: '',
      resource: '',
      application: applicationId,
      profile: profileId,
    });
    if (document.content.length > MOST_BYTES) {
      throw new AwsError('PayloadTooLargeException', 'The configuration is too large', 413);
    }
    if (profile.versions.some(({ label }) => label !== undefined && label === document.label)) {
      throw new AwsError('ConflictException', `The label ${document.label} is taken`, 409);
    }
    const version = { ...document, number: profile.latestNumber + 1 };
    await validate(applicationId, profile, version);
    kept.addVersion(profileId, version);
    profile.latestNumber = version.number;
    profile.versions.push(version);
    return version.number;
  };

  const deploy: AppConfigService['deploy'] = async (applicationId, environmentId, wanted) => {
    const route = {
      operation: '',
      resource: '',
      application: applicationId,
      environment: environmentId,
      profile: String(wanted.profileId),
    };
    const environment = environmentOf(route);
    const profile = profileOf(route);
    const strategy = found(
      strategies.find(({ id }) => id === wanted.strategyId),
      'DeploymentStrategy',
    );
    const version = found(
      profile.versions.find(
        ({ label, number }) => String(number) === wanted.version || label === wanted.version,
      ),
      'HostedConfigurationVersion',
    );
    refuseSecondDeployment(environment, now());
    await validate(applicationId, profile, version);
    // Another may have been first while the validator ran.
    refuseSecondDeployment(environment, now());
    // Those of earlier runs count, even while they wait for their profiles.
    const number = kept.deployments(environmentId).length + 1;
    const deployment: ConfigurationDeployment = {
      number,
      profile,
      version,
      strategy,
      description: wanted.description,
      startedAt: now(),
      stopped: undefined,
    };
    keep(environmentId, deployment);
    environment.deployments.push(deployment);
    return number;
  };

  const describe = (route: AppConfigRoute, status = 200): AwsResponse => {
    const { application = '', environment = '' } = route;
    const deployment = deploymentOf(route);
    return jsonResponse(
      {
        ApplicationId: application,
        EnvironmentId: environment,
        DeploymentStrategyId: deployment.strategy.id,
        ConfigurationLocationUri: 'hosted',
        ...(deployment.description === undefined ? {} : { Description: deployment.description }),
        ...describeDeployment(deployment, now()),
      },
      status,
    );
  };
  const named = ({ id, name }: { id: string; name: string }): JsonObject => ({
    Id: id,
    Name: name,
  });
  const describeProfile = (applicationId: string, profile: ConfigurationProfile): JsonObject => ({
    ApplicationId: applicationId,
    ...named(profile),
    LocationUri: 'hosted',
    Type: profile.type,
  });
  const describeStrategy = (strategy: DeploymentStrategy): JsonObject => ({
    ...named(strategy),
    DeploymentDurationInMinutes: strategy.deploymentMinutes,
    FinalBakeTimeInMinutes: strategy.bakeMinutes,
    GrowthFactor: strategy.growthFactor,
    GrowthType: strategy.growthType,
    ReplicateTo: 'NONE',
  });

  const targetOf = (body: JsonObject): SessionTarget => {
    const application = found(byIdOrName(applications, body.ApplicationIdentifier), 'Application');
    return {
      application,
      environment: found(
        byIdOrName(application.environments, body.EnvironmentIdentifier),
        'Environment',
      ),
      profile: found(
        byIdOrName(application.profiles, body.ConfigurationProfileIdentifier),
        'ConfigurationProfile',
      ),
    };
  };

  const operations: Record<
    string,
    (route: AppConfigRoute, request: AwsRequest) => AwsResponse | Promise<AwsResponse>
  > = {
    ListApplications: () => listed(applications.map(named)),
    GetApplication: (route) => jsonResponse(named(applicationOf(route))),
    ListEnvironments: (route) => {
      const application = applicationOf(route);
      return listed(
        application.environments.map((one) => ({ ApplicationId: application.id, ...named(one) })),
      );
    },
    GetEnvironment: (route) =>
      jsonResponse({
        ApplicationId: route.application,
        ...named(environmentOf(route)),
        State: 'READY_FOR_DEPLOYMENT',
      }),
    ListConfigurationProfiles: (route) => {
      const application = applicationOf(route);
      return listed(application.profiles.map((one) => describeProfile(application.id, one)));
    },
    GetConfigurationProfile: (route) =>
      jsonResponse(describeProfile(route.application ?? '', profileOf(route))),
    async ValidateConfiguration(route, request) {
      const number = new URL(request.url, 'http://localhost').searchParams.get(
        'configuration_version',
      );
      const version = versionOf({ ...route, number: Number(number) });
      await validate(route.application ?? '', profileOf(route), version);
      return { status: 204, headers: {}, body: '' };
    },
    async CreateHostedConfigurationVersion(route, request) {
      const application = applicationOf(route);
      const profile = profileOf(route);
      const latest = header(request, 'latest-version-number');
      if (latest !== undefined && Number(latest) !== profile.latestNumber) {
        throw new AwsError(
          'ConflictException',
          `The latest version is ${profile.latestNumber}, not ${latest}`,
          409,
        );
      }
      const number = await createVersion(application.id, profile.id, {
        content: request.body,
        contentType: header(request, 'content-type') ?? 'application/octet-stream',
        description: header(request, 'description'),
        label: header(request, 'versionlabel'),
      });
      return versionResponse(application, profile, versionOf({ ...route, number }), 201);
    },
    ListHostedConfigurationVersions: (route) => {
      const profile = profileOf(route);
      return listed(
        // The newest comes first.
        profile.versions.toReversed().map(({ contentType, description, label, number }) => ({
          ApplicationId: route.application,
          ConfigurationProfileId: profile.id,
          VersionNumber: number,
          ContentType: contentType,
          ...(description === undefined ? {} : { Description: description }),
          ...(label === undefined ? {} : { VersionLabel: label }),
        })),
      );
    },
    GetHostedConfigurationVersion: (route) =>
      versionResponse(applicationOf(route), profileOf(route), versionOf(route), 200),
    DeleteHostedConfigurationVersion(route) {
      const { id, versions } = profileOf(route);
      const version = versionOf(route);
      kept.removeVersion(id, version.number);
      versions.splice(versions.indexOf(version), 1);
      return { status: 204, headers: {}, body: '' };
    },
    async StartDeployment(route, request) {
      const body = jsonBody(request);
      const number = await deploy(route.application ?? '', route.environment ?? '', {
        profileId: body.ConfigurationProfileId,
        version: body.ConfigurationVersion,
        strategyId: body.DeploymentStrategyId,
        description: typeof body.Description === 'string' ? body.Description : undefined,
      });
      return describe({ ...route, number }, 201);
    },
    ListDeployments: (route) =>
      listed(
        environmentOf(route)
          .deployments.toReversed()
          .map((deployment) => describeDeployment(deployment, now())),
      ),
    GetDeployment: (route) => describe(route),
    StopDeployment(route, request) {
      const deployment = deploymentOf(route);
      stopDeployment(deployment, header(request, 'allow-revert') === 'true', now());
      keep(route.environment ?? '', deployment);
      return describe(route, 202);
    },
    ListDeploymentStrategies: () => listed(strategies.map(describeStrategy)),
    GetDeploymentStrategy: ({ strategy }) =>
      jsonResponse(
        describeStrategy(
          found(
            strategies.find(({ id }) => id === strategy),
            'DeploymentStrategy',
          ),
        ),
      ),
    StartConfigurationSession(_route, request) {
      const body = jsonBody(request);
      const token = sessions.open(targetOf(body), body.RequiredMinimumPollIntervalInSeconds);
      return jsonResponse({ InitialConfigurationToken: token }, 201);
    },
    GetLatestConfiguration(_route, request) {
      const { content, contentType, label, nextToken, pollSeconds } = sessions.look(
        tokenOf(request),
      );
      return {
        status: 200,
        headers: {
          'content-type': contentType,
          'next-poll-configuration-token': nextToken,
          'next-poll-interval-in-seconds': String(pollSeconds),
          ...(label === undefined ? {} : { 'version-label': label }),
        },
        body: content,
      };
    },
  };

  /** What a reader reads; undefined where the request names nothing that is here. */
  const readTarget = (request: AwsRequest, operation: string): SessionTarget | undefined => {
    if (operation === 'GetLatestConfiguration') return sessions.target(tokenOf(request));
    try {
      return targetOf(jsonBody(request));
    } catch (error) {
      if (error instanceof AwsError) return undefined;
      throw error;
    }
  };
  const dataPlane: ReadonlySet<string> = new Set([
    'GetLatestConfiguration',
    'StartConfigurationSession',
  ]);

  return {
    addApplication: ({ id, name }) =>
      void applications.push({ id, name, environments: [], profiles: [] }),
    addEnvironment: (application, { id, name }) =>
      void applicationOf({ operation: '', resource: '', application }).environments.push({
        id,
        name,
        deployments: [],
      }),
    addProfile(applicationId, { id, name, type, validators }) {
      const application = applicationOf({
        operation: '',
        resource: '',
        application: applicationId,
      });
      const profile: ConfigurationProfile = {
        id,
        name,
        type,
        validators,
        versions: kept.versions(id),
        latestNumber: kept.latestNumber(id),
      };
      application.profiles.push(profile);
    },
    addStrategy: (strategy) => void strategies.push(strategy),
    async createVersion(applicationId, profileId, document) {
      const earlier = kept
        .versions(profileId)
        .find(
          ({ content, contentType, description, label }) =>
            content.equals(document.content) &&
            contentType === document.contentType &&
            description === document.description &&
            label === document.label,
        );
      return earlier?.number ?? createVersion(applicationId, profileId, document);
    },
    async deploy(applicationId, environmentId, wanted) {
      const earlier = kept
        .deployments(environmentId)
        .find(
          ({ profileId, version }) =>
            profileId === wanted.profileId &&
            (String(version.number) === wanted.version || version.label === wanted.version),
        );
      return earlier?.number ?? deploy(applicationId, environmentId, wanted);
    },
    resume() {
      for (const { environments, profiles } of applications) {
        for (const environment of environments) {
          const restored = kept
            .deployments(environment.id)
            .flatMap(({ profileId, ...deployment }) => {
              const profile = profiles.find(({ id }) => id === profileId);
              return profile === undefined ? [] : [{ ...deployment, profile }];
            });
          environment.deployments.splice(0, Number.POSITIVE_INFINITY, ...restored);
        }
      }
    },
    permissions(request) {
      const route = appConfigRoute(request);
      if (route === undefined) return [];
      const action = `appconfig:${route.operation}`;
      if (!dataPlane.has(route.operation)) {
        const { resource } = route;
        return [{ action, resource: resource === '*' ? '*' : arnOf(cloud, 'appconfig', resource) }];
      }
      const target = readTarget(request, route.operation);
      if (target === undefined) return [{ action, resource: '*' }];
      const { application, environment, profile } = target;
      const resource = `application/${application.id}/environment/${environment.id}/configuration/${profile.id}`;
      return [{ action, resource: arnOf(cloud, 'appconfig', resource) }];
    },
    async handle(request) {
      const route = appConfigRoute(request);
      const operation = route === undefined ? undefined : operations[route.operation];
      if (route === undefined || operation === undefined) {
        throw new AwsError(
          'UnknownOperationException',
          `AppConfig ${request.method} ${request.url.split('?')[0]} is not emulated`,
          404,
        );
      }
      return operation(route, request);
    },
  };
}
