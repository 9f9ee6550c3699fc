import { isStationQueue, queueOfStation } from '../domain/registers/station-hours.ts';
import type { Endpoint } from './endpoints.ts';
import { type Officer, seesAllDistricts } from './officer.ts';

/** Whether one of an officer's groups may call an endpoint at all. */
export function mayCall({ groups }: Officer, { who }: Pick<Endpoint, 'who'>): boolean {
  return who === 'anybody' || groups.some((group) => who.includes(group));
}

/** Where a task stands. Times are epoch ms. */
export interface TaskPlace {
  readonly queue: string;
  readonly backupQueue?: string;
  readonly backupFrom?: number;
}

/** The queue that an officer of a police station works; undefined for the centre's own people. */
export function stationQueueOf(officer: Officer): string | undefined {
  return seesAllDistricts(officer) || officer.station === undefined
    ? undefined
    : queueOfStation(officer.station);
}

/**
 * Whether an officer may see and work on a task: a station's officer what stands on the station's queue, or what a
 * neighbour did not take in time; a supervisor everything; the call desk what stands on no station's queue.
 *
 * @param now epoch ms
 */
export function mayWorkOn(officer: Officer, task: TaskPlace, now: number): boolean {
  if (officer.groups.includes('supervisor')) return true;
  if (officer.groups.includes('call-desk')) return !isStationQueue(task.queue);
  const own = stationQueueOf(officer);
  if (own === undefined) return false;
  const asBackup = task.backupQueue === own && (task.backupFrom ?? 0) <= now;
  return task.queue === own || asBackup;
}

/** Whether an officer may see a case: a station's officer those of its districts. */
export function maySeeCase(officer: Officer, { district }: { readonly district: string }): boolean {
  return seesAllDistricts(officer) || officer.districts.includes(district);
}
