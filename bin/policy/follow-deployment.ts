import { setTimeout as delay } from 'node:timers/promises';
import type { GetDeploymentCommandOutput } from '@aws-sdk/client-appconfig';
import { remark } from '../terminal/print.ts';
import { type PublishedPolicies, PublishingError } from './published-policies.ts';

/** Longest that AppConfig may need beyond what the strategy says. */
const GRACE_MS = 5 * 60_000;
const BETWEEN_LOOKS_MS = 2_000;
const MINUTE_MS = 60_000;

const DEAD_ENDS: ReadonlySet<string> = new Set(['REVERTED', 'ROLLED_BACK']);

function strategyMs(deployment: GetDeploymentCommandOutput): number {
  const { DeploymentDurationInMinutes = 0, FinalBakeTimeInMinutes = 0 } = deployment;
  return (DeploymentDurationInMinutes + FinalBakeTimeInMinutes) * MINUTE_MS;
}

/** What waiting needs of its surroundings. */
export interface Waiting {
  /** Epoch ms. */
  now(): number;
  pause(): Promise<unknown>;
  /** Gets a line whenever something changes. */
  tell(line: string): void;
}

/** Waits in real time, telling on standard error. */
export function waiting(quiet: boolean): Waiting {
  return {
    now: Date.now,
    pause: () => delay(BETWEEN_LOOKS_MS),
    tell: (line) => void (quiet || remark(line)),
  };
}

/** Where a deployment stands, for whoever waits. */
function standing(deployment: GetDeploymentCommandOutput, now: number): string {
  const { PercentageComplete = 0, StartedAt, State } = deployment;
  switch (State) {
    case 'BAKING': {
      const left = (StartedAt?.getTime() ?? now) + strategyMs(deployment) - now;
      return `in force; AppConfig watches it for another ${Math.max(1, Math.ceil(left / MINUTE_MS))} min`;
    }
    case 'COMPLETE':
      return 'complete';
    case 'ROLLING_BACK':
      return 'taken back';
    case 'VALIDATING':
      return 'being validated';
    default:
      return `on its way, ${Math.round(PercentageComplete)} %`;
  }
}

/**
 * Waits until a deployment is complete, telling where it stands whenever that changes.
 *
 * @throws {PublishingError} when it is taken back, or takes far longer than its strategy
 */
export async function followDeployment(
  policies: PublishedPolicies,
  number: number,
  { now, pause, tell }: Waiting,
): Promise<void> {
  let told = '';
  const startedAt = now();
  for (;;) {
    const deployment = await policies.progress(number);
    const { EventLog = [], State = '' } = deployment;
    const standingNow = standing(deployment, now());
    if (standingNow !== told) tell(standingNow);
    told = standingNow;
    if (State === 'COMPLETE') return;
    if (DEAD_ENDS.has(State)) {
      const why = EventLog.find(({ EventType = '' }) => EventType.startsWith('ROLLBACK'));
      throw new PublishingError(
        `AppConfig has taken it back (${why?.Description ?? State}); what was in force before is in ` +
          'force again. The alarm policy-refused and the logs of the functions say more.',
      );
    }
    if (now() - startedAt > strategyMs(deployment) + GRACE_MS) {
      throw new PublishingError(
        `It is still not complete (${State}): look again with forewarn policy status.`,
      );
    }
    await pause();
  }
}
