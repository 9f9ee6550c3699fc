import { randomBytes } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import type { JsonValue } from '../json-value.ts';
import {
  type Application,
  type ConfigurationProfile,
  deployedVersion,
  type Environment,
  found,
} from './appconfig-store.ts';

/** What a session reads. */
export interface SessionTarget {
  readonly application: Application;
  readonly environment: Environment;
  readonly profile: ConfigurationProfile;
}

interface Session extends SessionTarget {
  /** Decides how early a gradual deployment reaches it. */
  readonly lot: number;
  /** Seconds that must pass between two looks; undefined where the session asked for none. */
  readonly minimumSeconds: number | undefined;
  /** Number of the version that it was given last. */
  hasVersion: number | undefined;
  /** Epoch ms. */
  lookedAt: number;
}

export interface Look {
  readonly nextToken: string;
  readonly pollSeconds: number;
  readonly contentType: string;
  readonly label: string | undefined;
  /** Empty when the session has it already. */
  readonly content: Buffer;
}

export interface ConfigurationSessions {
  /** Opens a session; answers its first token. @throws AwsError for an interval out of range */
  open(target: SessionTarget, minimumSeconds: JsonValue | undefined): string;
  /** What the holder of a token reads; undefined for a token that was never given out or is used up. */
  target(token: string): SessionTarget | undefined;
  /** Spends a token. @throws AwsError for one that cannot be spent (any more, or yet) */
  look(token: string): Look;
}

const DEFAULT_POLL_SECONDS = 60;
const SHORTEST_POLL_SECONDS = 15;
const LONGEST_POLL_SECONDS = 86_400;
const TOKEN_MS = 24 * 3_600_000;

/** As AppConfig names what is wrong with a token. */
function badToken(problem: 'Corrupted' | 'Expired' | 'PollIntervalNotSatisfied'): AwsError {
  return new AwsError('BadRequestException', `Request token was ${problem}`, 400, {
    Reason: 'InvalidParameters',
    Details: { InvalidParameters: { ConfigurationToken: { Problem: problem } } },
  });
}

/** The sessions of AppConfig's data plane: each look spends its token and gets the next one. */
export function createConfigurationSessions(now: () => number): ConfigurationSessions {
  const open = new Map<string, { readonly session: Session; readonly givenAt: number }>();

  const give = (session: Session): string => {
    const token = randomBytes(48).toString('base64url');
    open.set(token, { session, givenAt: now() });
    return token;
  };

  return {
    open(target, minimumSeconds) {
      const seconds = minimumSeconds === undefined ? undefined : Number(minimumSeconds);
      if (
        seconds !== undefined &&
        !(seconds >= SHORTEST_POLL_SECONDS && seconds <= LONGEST_POLL_SECONDS)
      ) {
        throw new AwsError(
          'BadRequestException',
          `RequiredMinimumPollIntervalInSeconds must be from ${SHORTEST_POLL_SECONDS} to ${LONGEST_POLL_SECONDS}`,
        );
      }
      return give({
        ...target,
        lot: Math.random() * 100,
        minimumSeconds: seconds,
        hasVersion: undefined,
        lookedAt: Number.NEGATIVE_INFINITY,
      });
    },
    target: (token) => open.get(token)?.session,
    look(token) {
      const given = open.get(token);
      if (given === undefined) throw badToken('Corrupted');
      const { givenAt, session } = given;
      if (now() - givenAt > TOKEN_MS) throw badToken('Expired');
      const { minimumSeconds } = session;
      if (minimumSeconds !== undefined && now() - session.lookedAt < minimumSeconds * 1000) {
        throw badToken('PollIntervalNotSatisfied');
      }
      const { environment, lot, profile } = session;
      const version = found(deployedVersion(environment, profile, lot, now()), 'Deployment');
      const isNew = session.hasVersion !== version.number;
      open.delete(token);
      session.hasVersion = version.number;
      session.lookedAt = now();
      return {
        nextToken: give(session),
        pollSeconds: minimumSeconds ?? DEFAULT_POLL_SECONDS,
        contentType: version.contentType,
        label: isNew ? version.label : undefined,
        content: isNew ? version.content : Buffer.alloc(0),
      };
    },
  };
}
