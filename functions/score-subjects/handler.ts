import type { KinesisStreamEvent } from 'aws-lambda';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Decision } from '../../lib/domain/subject/decide.ts';
import { createDynamoDBClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { createSubjectsTable } from '../adapters/subjects-table.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { processExposures } from './process-exposures.ts';

const DAY_SECONDS = 86_400;

const subjects = createSubjectsTable(
  createDynamoDBClient(),
  requiredSetting('SUBJECTS_TABLE_NAME'),
);
const retentionSeconds = Number(requiredSetting('SUBJECT_RETENTION_DAYS')) * DAY_SECONDS;
const policy = loadDefaultPolicy();

function sum(decisions: readonly Decision[], of: (decision: Decision) => number): number {
  return decisions.reduce((total, decision) => total + of(decision), 0);
}

export const handler = lambdaHandler((event: KinesisStreamEvent) =>
  processExposures(event, policy, retentionSeconds, {
    subjects,
    count: (decisions) =>
      countAll({
        ExposuresApplied: sum(decisions, (decision) => decision.applied),
        DuplicateExposures: sum(decisions, (decision) => decision.duplicates),
        WarningsDecided: sum(decisions, (decision) => decision.warnings.length),
        WarningsSuppressed: sum(decisions, (decision) => decision.suppressed.length),
        CasesDecided: sum(decisions, (decision) => decision.cases.length),
        TiersRaised: sum(decisions, (decision) => decision.raised.length),
      }),
  }),
);
