import { AwsError } from '../gateway/aws-error.ts';
import type { JsonObject } from '../json-value.ts';

/** How a configuration spreads, and how long it is watched afterwards. */
export interface DeploymentStrategy {
  readonly id: string;
  readonly name: string;
  readonly deploymentMinutes: number;
  readonly bakeMinutes: number;
  readonly growthFactor: number;
  readonly growthType: 'LINEAR' | 'EXPONENTIAL';
}

export interface Environment {
  readonly id: string;
  readonly name: string;
  readonly deployments: ConfigurationDeployment[];
}

export interface HostedVersion {
  readonly number: number;
  readonly content: Buffer;
  readonly contentType: string;
  readonly description: string | undefined;
  readonly label: string | undefined;
}

export interface ConfigurationProfile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** ARNs of the functions that judge each document. */
  readonly validators: readonly string[];
  readonly versions: HostedVersion[];
  /** Numbers are never used again. */
  latestNumber: number;
}

export interface Application {
  readonly id: string;
  readonly name: string;
  readonly environments: Environment[];
  readonly profiles: ConfigurationProfile[];
}

export interface ConfigurationDeployment {
  readonly number: number;
  readonly profile: ConfigurationProfile;
  readonly version: HostedVersion;
  readonly strategy: DeploymentStrategy;
  readonly description: string | undefined;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Set when somebody stopped it: the state that it ended in. */
  stopped: { readonly state: 'ROLLED_BACK' | 'REVERTED'; readonly at: number } | undefined;
}

export type DeploymentState = 'DEPLOYING' | 'BAKING' | 'COMPLETE' | 'ROLLED_BACK' | 'REVERTED';

const MINUTE_MS = 60_000;
const WHOLE = 100;
/** AppConfig takes a completed deployment back for 72 hours. */
const REVERT_MS = 72 * 3_600_000;

/** Epoch ms at which a deployment that nobody stops is complete. */
export function completionOf({ startedAt, strategy }: ConfigurationDeployment): number {
  return startedAt + (strategy.deploymentMinutes + strategy.bakeMinutes) * MINUTE_MS;
}

export function stateOf(deployment: ConfigurationDeployment, now: number): DeploymentState {
  const { startedAt, stopped, strategy } = deployment;
  if (stopped !== undefined) return stopped.state;
  if (now < startedAt + strategy.deploymentMinutes * MINUTE_MS) return 'DEPLOYING';
  return now < completionOf(deployment) ? 'BAKING' : 'COMPLETE';
}

/** The share of the targets that a deployment has reached, in percent. */
export function percentageOf(
  { startedAt, stopped, strategy }: ConfigurationDeployment,
  now: number,
): number {
  if (stopped !== undefined) return 0;
  const duration = strategy.deploymentMinutes * MINUTE_MS;
  const done = duration === 0 ? 1 : (now - startedAt) / duration;
  if (done >= 1) return WHOLE;
  const { growthFactor, growthType } = strategy;
  if (growthType === 'LINEAR') {
    const steps = Math.ceil(WHOLE / growthFactor);
    return Math.min(WHOLE, growthFactor * (Math.floor(done * steps) + 1));
  }
  const steps = Math.ceil(Math.log2(WHOLE / growthFactor)) + 1;
  return Math.min(WHOLE, growthFactor * 2 ** Math.floor(done * steps));
}

/**
 * The version that a target has: that of the newest deployment that has reached it.
 *
 * @param lot from 0 to 100: the deployments reach the targets in the order of their lots
 */
export function deployedVersion(
  environment: Environment,
  profile: ConfigurationProfile,
  lot: number,
  now: number,
): HostedVersion | undefined {
  return environment.deployments.findLast(
    (deployment) =>
      deployment.profile === profile &&
      deployment.stopped === undefined &&
      percentageOf(deployment, now) > lot,
  )?.version;
}

/** @throws AwsError `ConflictException` where one is under way: an environment takes one at a time */
export function refuseSecondDeployment(environment: Environment, now: number): void {
  const running = environment.deployments.find((deployment) =>
    ['DEPLOYING', 'BAKING'].includes(stateOf(deployment, now)),
  );
  if (running === undefined) return;
  throw new AwsError(
    'ConflictException',
    `Deployment number ${running.number} already in progress`,
    409,
  );
}

/** Stops a deployment that is under way, or takes a completed one back. @throws AwsError */
export function stopDeployment(
  deployment: ConfigurationDeployment,
  allowRevert: boolean,
  now: number,
): void {
  const state = stateOf(deployment, now);
  if (state === 'DEPLOYING' || (state === 'BAKING' && allowRevert)) {
    deployment.stopped = { state: 'ROLLED_BACK', at: now };
    return;
  }
  if (state === 'COMPLETE' && allowRevert && now < completionOf(deployment) + REVERT_MS) {
    deployment.stopped = { state: 'REVERTED', at: now };
    return;
  }
  throw new AwsError(
    'BadRequestException',
    `Deployment number ${deployment.number} is ${state} and cannot be stopped`,
  );
}

/** @throws AwsError `ResourceNotFoundException` */
export function found<Resource>(resource: Resource | undefined, type: string): Resource {
  if (resource !== undefined) return resource;
  throw new AwsError('ResourceNotFoundException', `Could not find ${type}`, 404, {
    ResourceType: type,
  });
}

/** Finds something by its id or its name, as the data plane names things. */
export function byIdOrName<Resource extends { readonly id: string; readonly name: string }>(
  resources: readonly Resource[],
  idOrName: unknown,
): Resource | undefined {
  return resources.find(({ id, name }) => id === idOrName || name === idOrName);
}

/** A deployment as the control plane tells of it, without its history. */
export function describeDeployment(deployment: ConfigurationDeployment, now: number): JsonObject {
  const { number, profile, startedAt, stopped, strategy, version } = deployment;
  const state = stateOf(deployment, now);
  const completed = stopped?.at ?? (state === 'COMPLETE' ? completionOf(deployment) : undefined);
  return {
    DeploymentNumber: number,
    ConfigurationProfileId: profile.id,
    ConfigurationName: profile.name,
    ConfigurationVersion: String(version.number),
    ...(version.label === undefined ? {} : { VersionLabel: version.label }),
    DeploymentDurationInMinutes: strategy.deploymentMinutes,
    FinalBakeTimeInMinutes: strategy.bakeMinutes,
    GrowthFactor: strategy.growthFactor,
    GrowthType: strategy.growthType,
    State: state,
    PercentageComplete: percentageOf(deployment, now),
    StartedAt: new Date(startedAt).toISOString(),
    ...(completed === undefined ? {} : { CompletedAt: new Date(completed).toISOString() }),
  };
}
