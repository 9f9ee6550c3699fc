import { countAll, countBy, logger } from '../telemetry.ts';

/** Logs and counts a request that was refused, or that failed here. Never what it said. */
export function reportRequest(
  what: 'failed' | 'refused',
  details: Readonly<Record<string, unknown>>,
): void {
  if (what === 'failed') {
    logger.error('a request of the officers’ API failed', details);
    countAll({ ApiFailures: 1 });
    return;
  }
  logger.info('a request of the officers’ API was refused', details);
  countBy('ApiRefusals', 'problem', new Map([[String(details.problem), 1]]));
}
