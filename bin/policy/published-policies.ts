import {
  type AppConfigClient,
  BadRequestException,
  ConflictException,
  CreateHostedConfigurationVersionCommand,
  GetDeploymentCommand,
  type GetDeploymentCommandOutput,
  GetHostedConfigurationVersionCommand,
  PayloadTooLargeException,
  paginateListDeployments,
  paginateListHostedConfigurationVersions,
  ServiceQuotaExceededException,
  StartDeploymentCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Track } from '../../lib/domain/exposure.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { readPublishedPolicy } from '../../lib/domain/published-policy.ts';
import { stackOutputs } from '../aws-connection.ts';
import type { ConnectionOptions } from '../connection-options.ts';

/** AppConfig refused a document, or what was to be done with it; the message says what to do. */
export class PublishingError extends Error {
  readonly code = 'publishing-refused';
  override readonly name = 'PublishingError';
}

/** Where the policies of a stack are. */
interface PolicyPlace {
  readonly application: string;
  readonly environment: string;
  readonly profiles: Readonly<Record<Track, string>>;
  /** Strategies: one that is watched for a while, and one that is done at once. */
  readonly watched: string;
  readonly immediate: string;
}

/** One time at which a document was put in force. */
export interface PolicyDeployment {
  readonly number: number;
  readonly track: Track;
  /** The hosted version, which counts documents and is not the policy's own version. */
  readonly hosted: number;
  readonly state: string;
  readonly startedAt: Date | undefined;
  readonly completedAt: Date | undefined;
}

/** What a hosted version says, as the functions read it. */
export interface PublishedDocument {
  readonly hosted: number;
  /** The policy it stands for; undefined for no shadow, and where {@link problem} says why. */
  readonly policy: Policy | undefined;
  /** The policy is the one that the functions bring along. */
  readonly bundled: boolean;
  readonly problem: string | undefined;
}

/** The policies that a stack has, had, and is to have. */
export interface PublishedPolicies {
  /** Of both tracks, the newest first. */
  deployments(): Promise<readonly PolicyDeployment[]>;
  read(track: Track, hosted: number): Promise<PublishedDocument>;
  /** The policies' versions that were ever stored for a track, by hosted version. */
  storedVersions(track: Track): Promise<ReadonlyMap<number, number>>;
  /** Stores a document; answers its hosted version. @throws {PublishingError} when it is refused */
  store(track: Track, text: string, version: number | undefined): Promise<number>;
  /** Puts a stored document in force; answers the deployment. @throws {PublishingError} */
  deploy(track: Track, hosted: number, how: 'watched' | 'immediate', why: string): Promise<number>;
  progress(deployment: number): Promise<GetDeploymentCommandOutput>;
  /** Takes back what is under way. */
  stop(deployment: number): Promise<void>;
}

/** States of a deployment whose document is not in force (any more). */
const NOT_IN_FORCE: ReadonlySet<string> = new Set(['REVERTED', 'ROLLED_BACK', 'ROLLING_BACK']);
const UNDER_WAY: ReadonlySet<string> = new Set([
  'BAKING',
  'DEPLOYING',
  'ROLLING_BACK',
  'VALIDATING',
]);

/** What the profiles are called in AppConfig. */
const PROFILE_NAMES: Readonly<Record<Track, string>> = { live: 'policy', shadow: 'shadow-policy' };
/** How a hosted version is described, for its list to tell the policy's version without being opened. */
const DESCRIBED = /^policy (\d+)$/;
const LONGEST_DESCRIPTION = 1024;

export const isUnderWay = ({ state }: PolicyDeployment): boolean => UNDER_WAY.has(state);

/** The deployment whose document the functions go by now. */
export function inForce(
  deployments: readonly PolicyDeployment[],
  track: Track,
): PolicyDeployment | undefined {
  return deployments.find((one) => one.track === track && !NOT_IN_FORCE.has(one.state));
}

/** Finds the policies of a stack. @throws {StackOutputError} */
export async function findPolicyPlace(options: ConnectionOptions): Promise<PolicyPlace> {
  const [application, environment, live, shadow, watched, immediate] = await stackOutputs(
    options,
    'PolicyApplicationId',
    'PolicyEnvironmentId',
    'PolicyProfileId',
    'ShadowPolicyProfileId',
    'PolicyStrategyId',
    'PolicyImmediateStrategyId',
  );
  return { application, environment, profiles: { live, shadow }, watched, immediate };
}

/** What AppConfig says of a refusal, in words and with the way out. */
function explained(error: unknown): unknown {
  if (error instanceof BadRequestException) {
    const details = error.Details?.InvalidConfiguration ?? [];
    const reasons = details.map(({ Reason }) => Reason ?? '').filter((reason) => reason !== '');
    const said = [error.message, ...reasons].join('\n  ');
    return new PublishingError(
      `AppConfig refused the document, and nothing changed. It says:\n  ${said}\n` +
        'forewarn policy validate FILE checks it here; the log of validate-policy has every problem.',
      { cause: error },
    );
  }
  if (error instanceof ConflictException) {
    return new PublishingError(
      `Another publication is under way (${error.message}): wait until forewarn policy status shows ` +
        'it complete, or take it back with forewarn policy rollback.',
      { cause: error },
    );
  }
  if (error instanceof ServiceQuotaExceededException || error instanceof PayloadTooLargeException) {
    return new PublishingError(
      `AppConfig has no room for the document (${error.message}): see "Limits" in docs/policy-delivery.md.`,
      { cause: error },
    );
  }
  return error;
}

function readDocument(track: Track, hosted: number, text: string): PublishedDocument {
  const nothing = { hosted, policy: undefined, bundled: false, problem: undefined };
  try {
    const published = readPublishedPolicy(text);
    if (published === 'bundled') return { ...nothing, policy: loadDefaultPolicy(), bundled: true };
    if (published !== 'none') return { ...nothing, policy: published };
    return track === 'shadow' ? nothing : { ...nothing, problem: 'there is no policy in it' };
  } catch (error) {
    return { ...nothing, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The policies of a stack, through AppConfig. */
export function createPublishedPolicies(
  client: AppConfigClient,
  { application, environment, profiles, watched, immediate }: PolicyPlace,
): PublishedPolicies {
  const inApplication = { ApplicationId: application };
  const inEnvironment = { ...inApplication, EnvironmentId: environment };
  const ofProfile = (track: Track) => ({
    ...inApplication,
    ConfigurationProfileId: profiles[track],
  });

  return {
    async deployments() {
      const found: PolicyDeployment[] = [];
      for await (const { Items = [] } of paginateListDeployments({ client }, inEnvironment)) {
        for (const item of Items) {
          found.push({
            number: item.DeploymentNumber ?? 0,
            track: item.ConfigurationName === PROFILE_NAMES.shadow ? 'shadow' : 'live',
            hosted: Number(item.ConfigurationVersion),
            state: item.State ?? '',
            startedAt: item.StartedAt,
            completedAt: item.CompletedAt,
          });
        }
      }
      return found.sort((a, b) => b.number - a.number);
    },
    async read(track, hosted) {
      const { Content } = await client.send(
        new GetHostedConfigurationVersionCommand({ ...ofProfile(track), VersionNumber: hosted }),
      );
      return readDocument(track, hosted, Buffer.from(Content ?? []).toString('utf8'));
    },
    async storedVersions(track) {
      const versions = new Map<number, number>();
      const pages = paginateListHostedConfigurationVersions({ client }, ofProfile(track));
      for await (const { Items = [] } of pages) {
        for (const { Description = '', VersionNumber = 0 } of Items) {
          const version = DESCRIBED.exec(Description)?.[1];
          if (version !== undefined) versions.set(VersionNumber, Number(version));
        }
      }
      return versions;
    },
    async store(track, text, version) {
      try {
        const { VersionNumber } = await client.send(
          new CreateHostedConfigurationVersionCommand({
            ...ofProfile(track),
            Content: Buffer.from(text),
            ContentType: 'application/json',
            // A header, which takes no more than ASCII; author and reason are in the document.
            Description: version === undefined ? 'no policy' : `policy ${version}`,
          }),
        );
        return VersionNumber ?? 0;
      } catch (error) {
        throw explained(error);
      }
    },
    async deploy(track, hosted, how, why) {
      try {
        const { DeploymentNumber } = await client.send(
          new StartDeploymentCommand({
            ...inEnvironment,
            ConfigurationProfileId: profiles[track],
            ConfigurationVersion: String(hosted),
            DeploymentStrategyId: how === 'watched' ? watched : immediate,
            Description: why.slice(0, LONGEST_DESCRIPTION),
          }),
        );
        return DeploymentNumber ?? 0;
      } catch (error) {
        throw explained(error);
      }
    },
    progress: (deployment) =>
      client.send(new GetDeploymentCommand({ ...inEnvironment, DeploymentNumber: deployment })),
    async stop(deployment) {
      await client.send(
        new StopDeploymentCommand({
          ...inEnvironment,
          DeploymentNumber: deployment,
          // While it is being watched, only this takes it back.
          AllowRevert: true,
        }),
      );
    },
  };
}
