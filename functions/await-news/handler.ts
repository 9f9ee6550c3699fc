import { createSFNClient } from '../adapters/aws-clients.ts';
import { casesTable } from '../adapters/case-stores.ts';
import { answerTask } from '../adapters/task-outcome.ts';
import { lambdaHandler } from '../adapters/telemetry.ts';

const cases = casesTable();
const stepFunctions = createSFNClient();

/** Keeps the token that news of a watched case is told with; a case that has been reopened by now is told at once. */
export const handler = lambdaHandler(
  async ({ caseId, taskToken }: { caseId: string; taskToken: string }) => {
    const stored = await cases.change(caseId, (before) =>
      before?.current.state === 'watching'
        ? { changed: before.current, events: [], newsToken: taskToken }
        : undefined,
    );
    if (stored?.current.state !== 'watching') {
      await answerTask(stepFunctions, taskToken, { outcome: 'news', by: 'workflow' });
    }
  },
);
