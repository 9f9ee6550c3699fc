import { createSFNClient } from '../adapters/aws-clients.ts';
import { changeCase } from '../adapters/cases-table.ts';
import { casesTable } from '../adapters/ladder-stores.ts';
import { answerTask, NEWS } from '../adapters/report-outcome.ts';
import { lambdaHandler } from '../adapters/telemetry.ts';

const cases = casesTable();
const stepFunctions = createSFNClient();

/** Keeps the token that news of a watched case is told with; a case that was reopened meanwhile is told at once. */
export const handler = lambdaHandler(
  async ({ caseId, taskToken }: { caseId: string; taskToken: string }) => {
    const head = await changeCase(cases, caseId, (before) =>
      before.state === 'watching'
        ? { changed: { ...before, newsToken: taskToken }, events: [] }
        : undefined,
    );
    if (head?.state !== 'watching') await answerTask(stepFunctions, taskToken, NEWS);
  },
);
