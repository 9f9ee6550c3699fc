import type { KinesisStreamEvent } from 'aws-lambda';
import { createDecider, type Decision } from '../../lib/domain/subject/decide.ts';
import { createDynamoDBClient } from '../adapters/aws-clients.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { pausingInOutage } from '../adapters/outage-pause.ts';
import { createRegistersTable } from '../adapters/registers-table.ts';
import { createSubjectsTable } from '../adapters/subjects-table.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { type Deciders, processExposures } from './process-exposures.ts';

const DAY_SECONDS = 86_400;

const client = createDynamoDBClient();
const subjects = createSubjectsTable(client, requiredSetting('SUBJECTS_TABLE_NAME'));
const registers = createRegistersTable(client, requiredSetting('REGISTERS_TABLE_NAME'));
const retentionSeconds = Number(requiredSetting('SUBJECT_RETENTION_DAYS')) * DAY_SECONDS;
const deciders = fromDeployedPolicies(
  (live, shadow): Deciders => ({
    live: createDecider(live),
    shadow: shadow === undefined ? undefined : createDecider(shadow),
  }),
);

function sum(decisions: readonly Decision[], of: (decision: Decision) => number): number {
  return decisions.reduce((total, decision) => total + of(decision), 0);
}

export const handler = lambdaHandler(
  pausingInOutage(async (event: KinesisStreamEvent) =>
    processExposures(event, await deciders(), retentionSeconds, {
      subjects,
      careGroupOf: (subject) => registers.careGroupOf(subject),
      count: ({ live, shadow, shadowExposuresIgnored }) =>
        countAll({
          ExposuresApplied: sum(live, (decision) => decision.applied),
          DuplicateExposures: sum(live, (decision) => decision.duplicates),
          WarningsDecided: sum(live, (decision) => decision.warnings.length),
          WarningsSuppressed: sum(live, (decision) => decision.suppressed.length),
          CasesDecided: sum(live, (decision) => decision.cases.length),
          TiersRaised: sum(live, (decision) => decision.raised.length),
          ShadowWarningsDecided: sum(shadow, (decision) => decision.warnings.length),
          ShadowCasesDecided: sum(shadow, (decision) => decision.cases.length),
          ShadowExposuresIgnored: shadowExposuresIgnored,
        }),
    }),
  ),
);
