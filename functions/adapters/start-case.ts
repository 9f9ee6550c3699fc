import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type CaseOpening, openCase } from '../../lib/domain/ladder/case-head.ts';
import type { CaseStore } from './cases-table.ts';

/** What the workflow is started with: all else stands in the case. */
export interface DissuasionInput {
  readonly caseId: string;
}

/**
 * Opens a case and starts its workflow, which bears the case's name: a second start is no start.
 *
 * @param now epoch ms
 * @returns whether it was new
 */
export async function startCase(
  opening: CaseOpening,
  cases: CaseStore,
  client: Pick<SFNClient, 'send'>,
  stateMachineArn: string,
  now: number,
): Promise<boolean> {
  const { changed, events } = openCase(opening, now);
  const isNew = await cases.create(changed, ...events);
  const input: DissuasionInput = { caseId: opening.caseId };
  try {
    await client.send(
      new StartExecutionCommand({
        stateMachineArn,
        name: opening.caseId,
        input: JSON.stringify(input),
      }),
    );
  } catch (error) {
    // Of a case whose workflow has ended, too: names stay taken for 90 days.
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
  return isNew;
}
