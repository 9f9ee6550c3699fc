import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { UsageError } from './exit-codes.ts';

/** A function of campaigns failed. */
export class CampaignFunctionError extends Error {
  readonly code = 'campaign-failed';
  override readonly name = 'CampaignFunctionError';
}

/** Errors whose message tells whoever asked what to mend. */
const USERS_OWN: ReadonlySet<unknown> = new Set([
  'CampaignError',
  'CampaignRequestError',
  'CampaignStateError',
  'CampaignTooLargeError',
  'NoCampaignError',
]);

/**
 * Asks a function of campaigns.
 *
 * @throws {UsageError} when what was asked for cannot be done, with what can
 * @throws {CampaignFunctionError}
 */
export async function askCampaigns<Answer>(
  client: LambdaClient,
  functionName: string,
  request: object,
): Promise<Answer> {
  const answer = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
  );
  const text = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (answer.FunctionError === undefined) return JSON.parse(text) as Answer;
  const { errorMessage, errorType } = JSON.parse(text) as Record<string, unknown>;
  if (USERS_OWN.has(errorType)) throw new UsageError(String(errorMessage));
  throw new CampaignFunctionError(text);
}
