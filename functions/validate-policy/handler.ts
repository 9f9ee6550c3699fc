import { readPublishedPolicy } from '../../lib/domain/published-policy.ts';
import { lambdaHandler, logger } from '../adapters/telemetry.ts';

/** What AppConfig hands to a validator. */
export interface ValidatorEvent {
  readonly applicationId: string;
  readonly configurationProfileId: string;
  readonly configurationVersion: string;
  /** The document, in base64. */
  readonly content: string;
  readonly uri: string;
}

/** Refuses by throwing, as AppConfig wants it; the message names every problem of the document. */
export const handler = lambdaHandler(async (event: ValidatorEvent) => {
  const published = readPublishedPolicy(Buffer.from(event.content, 'base64').toString('utf8'));
  logger.info('a policy document is valid', {
    configurationVersion: event.configurationVersion,
    policyVersion: typeof published === 'string' ? published : published.version,
  });
});
