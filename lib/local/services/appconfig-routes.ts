import type { AwsRequest } from '../gateway/aws-request.ts';

/** An operation of AppConfig with the parts of its path. */
export interface AppConfigRoute {
  readonly operation: string;
  readonly application?: string;
  readonly environment?: string;
  readonly profile?: string;
  readonly strategy?: string;
  /** Of a hosted version or a deployment. */
  readonly number?: number;
  /** The ARN's resource part that IAM judges. */
  readonly resource: string;
}

const routes: readonly (readonly [method: string, path: RegExp, operation: string])[] = [
  ['GET', /^\/applications$/, 'ListApplications'],
  ['GET', /^\/applications\/(?<application>[^/]+)$/, 'GetApplication'],
  ['GET', /^\/applications\/(?<application>[^/]+)\/environments$/, 'ListEnvironments'],
  [
    'GET',
    /^\/applications\/(?<application>[^/]+)\/environments\/(?<environment>[^/]+)$/,
    'GetEnvironment',
  ],
  [
    'GET',
    /^\/applications\/(?<application>[^/]+)\/configurationprofiles$/,
    'ListConfigurationProfiles',
  ],
  [
    'GET',
    /^\/applications\/(?<application>[^/]+)\/configurationprofiles\/(?<profile>[^/]+)$/,
    'GetConfigurationProfile',
  ],
  [
    'POST',
    /^\/applications\/(?<application>[^/]+)\/configurationprofiles\/(?<profile>[^/]+)\/validators$/,
    'ValidateConfiguration',
  ],
  [
    'POST',
    /^\/applications\/(?<application>[^/]+)\/configurationprofiles\/(?<profile>[^/]+)\/hostedconfigurationversions$/,
    'CreateHostedConfigurationVersion',
  ],
  [
    'GET',
    /^\/applications\/(?<application>[^/]+)\/configurationprofiles\/(?<profile>[^/]+)\/hostedconfigurationversions$/,
    'ListHostedConfigurationVersions',
  ],
  [
    'GET',
    /^\/applications\/(?<application>[^/]+)\/configurationprofiles\/(?<profile>[^/]+)\/hostedconfigurationversions\/(?<number>\d+)$/,
    'GetHostedConfigurationVersion',
  ],
  [
    'DELETE',
    /^\/applications\/(?<application>[^/]+)\/configurationprofiles\/(?<profile>[^/]+)\/hostedconfigurationversions\/(?<number>\d+)$/,
    'DeleteHostedConfigurationVersion',
  ],
  [
    'POST',
    /^\/applications\/(?<application>[^/]+)\/environments\/(?<environment>[^/]+)\/deployments$/,
    'StartDeployment',
  ],
  [
    'GET',
    /^\/applications\/(?<application>[^/]+)\/environments\/(?<environment>[^/]+)\/deployments$/,
    'ListDeployments',
  ],
  [
    'GET',
    /^\/applications\/(?<application>[^/]+)\/environments\/(?<environment>[^/]+)\/deployments\/(?<number>\d+)$/,
    'GetDeployment',
  ],
  [
    'DELETE',
    /^\/applications\/(?<application>[^/]+)\/environments\/(?<environment>[^/]+)\/deployments\/(?<number>\d+)$/,
    'StopDeployment',
  ],
  ['GET', /^\/deploymentstrategies$/, 'ListDeploymentStrategies'],
  ['GET', /^\/deploymentstrategies\/(?<strategy>[^/]+)$/, 'GetDeploymentStrategy'],
  ['POST', /^\/configurationsessions$/, 'StartConfigurationSession'],
  ['GET', /^\/configuration$/, 'GetLatestConfiguration'],
];

/** `applications/a/environments/e` in a path is `application/a/environment/e` in an ARN. */
function resourceOf(path: string): string {
  const parts = path.slice(1).split('/');
  const named = parts.length - (parts.length % 2);
  const singular = parts
    .slice(0, named)
    .map((part, i) => (i % 2 === 0 ? part.replace(/ies$/, 'y').replace(/s$/, '') : part));
  return singular.length === 0 ? '*' : singular.join('/');
}

/** Which operation a request asks for; undefined for one that is not emulated. */
export function appConfigRoute(
  request: Pick<AwsRequest, 'method' | 'url'>,
): AppConfigRoute | undefined {
  const { pathname } = new URL(request.url, 'http://localhost');
  for (const [method, path, operation] of routes) {
    const match = method === request.method ? path.exec(pathname) : null;
    if (match === null) continue;
    const { number, ...parts } = match.groups ?? {};
    return {
      operation,
      ...parts,
      ...(number === undefined ? {} : { number: Number(number) }),
      resource: resourceOf(pathname),
    };
  }
  return undefined;
}
