import {
  type AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata';
import type { Track } from '../../lib/domain/exposure.ts';
import { type Policy, PolicyError } from '../../lib/domain/policy.ts';
import { type PublishedPolicy, readPublishedPolicy } from '../../lib/domain/published-policy.ts';

/** The policies in force: one acts; the other, if there is one, is only recorded. */
export interface Policies {
  readonly live: Policy;
  readonly shadow: Policy | undefined;
}

/** What may become of a look at AppConfig. */
export interface PolicyEvents {
  /** Another policy is in force from now on; undefined when the shadow was stopped. */
  changed(track: Track, policy: Policy | undefined): void;
  /** A document that cannot be used went live anyhow; what was in force stays. */
  refused(track: Track, error: unknown): void;
  /** AppConfig did not answer; what was in force stays. */
  unreachable(track: Track, error: unknown): void;
}

export interface PolicySourceOptions {
  readonly client: Pick<AppConfigDataClient, 'send'>;
  /** Ids or names, as AppConfig takes either. */
  readonly application: string;
  readonly environment: string;
  readonly profile: string;
  /** Absent for a function that has no use for the shadow. */
  readonly shadowProfile?: string | undefined;
  /** AppConfig is asked at most so often. */
  readonly pollSeconds: number;
  /** In force until something else is published, and where nothing could be read yet. */
  readonly bundled: Policy;
  readonly events: PolicyEvents;
  /** Epoch ms. */
  readonly now?: () => number;
}

export interface PolicySource {
  /** The policies in force now. Never fails: what was in force stays in force. */
  current(): Promise<Policies>;
}

/** A profile's document whenever it is another one than before. */
type ReadProfile = () => Promise<string | undefined>;

/**
 * Talks to AppConfig itself, and not through Powertools' provider, for what that does on bad days: it keeps a
 * token whose answer was lost, though a token works once, and so fails for the 23 hours that it trusts it.
 * Here a failed call costs the session, and the next look opens another.
 */
function createProfileReader(
  { client, application, environment }: PolicySourceOptions,
  profile: string,
): ReadProfile {
  let token: string | undefined;
  const start = async (): Promise<string | undefined> => {
    // No minimum interval is asked for: AppConfig would refuse a look that comes a moment too early.
    const { InitialConfigurationToken } = await client.send(
      new StartConfigurationSessionCommand({
        ApplicationIdentifier: application,
        EnvironmentIdentifier: environment,
        ConfigurationProfileIdentifier: profile,
      }),
    );
    return InitialConfigurationToken;
  };
  let hasRead = false;
  return async () => {
    const spent = token ?? (await start());
    token = undefined;
    const { Configuration, NextPollConfigurationToken } = await client.send(
      new GetLatestConfigurationCommand({ ConfigurationToken: spent }),
    );
    token = NextPollConfigurationToken;
    // An empty body, which the SDK may also give as null, means that nothing changed, and only at first that
    // nothing was published.
    const document = Buffer.from(Configuration ?? []).toString('utf8');
    if (document === '' && hasRead) return undefined;
    hasRead = true;
    return document;
  };
}

interface Watched {
  readonly inForce: () => Policy | undefined;
  readonly look: () => Promise<void>;
}

function policyOf(track: Track, published: PublishedPolicy, bundled: Policy): Policy | undefined {
  if (published === 'bundled') return bundled;
  if (published !== 'none') return published;
  if (track === 'shadow') return undefined;
  throw new PolicyError(['/: no policy: only the shadow may be none']);
}

function watchTrack(track: Track, profile: string, options: PolicySourceOptions): Watched {
  const { bundled, events } = options;
  const read = createProfileReader(options, profile);
  let inForce = track === 'live' ? bundled : undefined;
  let text: string | undefined;

  const take = (fresh: string): void => {
    text = fresh;
    try {
      const policy = policyOf(track, readPublishedPolicy(fresh), bundled);
      if (policy === inForce) return;
      inForce = policy;
      events.changed(track, policy);
    } catch (error) {
      events.refused(track, error);
    }
  };

  return {
    inForce: () => inForce,
    async look() {
      try {
        const fresh = await read();
        if (fresh !== undefined && fresh !== text) take(fresh);
      } catch (error) {
        events.unreachable(track, error);
      }
    },
  };
}

/**
 * The policies that are published, at most some seconds old. A look that fails, or finds a document that
 * cannot be used, changes nothing, and the next one comes when it is due.
 */
export function createPolicySource(options: PolicySourceOptions): PolicySource {
  const now = options.now ?? Date.now;
  const live = watchTrack('live', options.profile, options);
  const { shadowProfile } = options;
  const shadow =
    shadowProfile === undefined ? undefined : watchTrack('shadow', shadowProfile, options);
  let dueAt = Number.NEGATIVE_INFINITY;
  let policies: Policies = { live: options.bundled, shadow: undefined };
  let looking: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    await Promise.all([live.look(), shadow?.look()]);
    dueAt = now() + options.pollSeconds * 1000;
    looking = undefined;
    const found = { live: live.inForce() ?? options.bundled, shadow: shadow?.inForce() };
    // The same object as long as nothing changed, so that whoever compiled it need not look inside.
    if (found.live !== policies.live || found.shadow !== policies.shadow) policies = found;
  };

  return {
    async current() {
      if (now() >= dueAt) {
        looking ??= look();
        await looking;
      }
      return policies;
    },
  };
}

/** Makes something of two policies, or of the live one alone; undefined when nothing can be made of that. */
function attempt<Made>(
  make: (live: Policy, shadow: Policy | undefined) => Made,
  { live, shadow }: Policies,
  events: PolicyEvents,
): { readonly value: Made } | undefined {
  try {
    return { value: make(live, shadow) };
  } catch (error) {
    if (shadow === undefined) {
      events.refused('live', error);
      return undefined;
    }
    const alone = attempt(make, { live, shadow: undefined }, events);
    if (alone !== undefined) events.refused('shadow', error);
    return alone;
  }
}

/**
 * What a function makes of the policies, made again only when they change. Policies that nothing can be made
 * of are refused: what was made before stays, or is made of the policy that the function brings along.
 */
export function withPolicies<Made>(
  source: PolicySource,
  { bundled, events }: Pick<PolicySourceOptions, 'bundled' | 'events'>,
  make: (live: Policy, shadow: Policy | undefined) => Made,
): () => Promise<Made> {
  let madeOf: Policies | undefined;
  let made: { readonly value: Made } | undefined;
  return async () => {
    const policies = await source.current();
    if (made !== undefined && policies === madeOf) return made.value;
    madeOf = policies;
    made = attempt(make, policies, events) ?? made ?? { value: make(bundled, undefined) };
    return made.value;
  };
}
