import { casesTable } from '../adapters/ladder-stores.ts';
import { bankNotices } from '../adapters/payment-stop.ts';
import type { DissuasionInput } from '../adapters/start-case.ts';
import { lambdaHandler } from '../adapters/telemetry.ts';
import { planMove } from './plan-move.ts';

const ports = { cases: casesTable(), tellBanks: bankNotices() };

export const handler = lambdaHandler(({ caseId }: DissuasionInput) =>
  planMove(caseId, ports, Date.now()),
);
