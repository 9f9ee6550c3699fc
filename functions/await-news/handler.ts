import { createSFNClient } from '../adapters/aws-clients.ts';
import { casesTable } from '../adapters/ladder-stores.ts';
import { answerTask } from '../adapters/report-outcome.ts';
import { lambdaHandler } from '../adapters/telemetry.ts';
import { type AwaitNewsPorts, awaitNews } from './await-news.ts';

const stepFunctions = createSFNClient();
const ports: AwaitNewsPorts = {
  cases: casesTable(),
  answer: (taskToken, result) => answerTask(stepFunctions, taskToken, result),
};

export const handler = lambdaHandler((wait: { caseId: string; taskToken: string }) =>
  awaitNews(wait, ports, Date.now()),
);
