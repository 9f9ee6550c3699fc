import { casesTable } from '../adapters/case-stores.ts';
import { lambdaHandler } from '../adapters/telemetry.ts';
import { type CaseOpening, planMove } from './plan-move.ts';

const cases = casesTable();

export const handler = lambdaHandler((opening: CaseOpening) =>
  planMove(opening, cases, Date.now()),
);
