import type { DynamoDBStreamEvent } from 'aws-lambda';
import { createDynamoDBClient, createSFNClient } from '../adapters/aws-clients.ts';
import { textOfCase } from '../adapters/deliveries-table.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { casesTable, tasksTable } from '../adapters/ladder-stores.ts';
import { pausingInOutage } from '../adapters/outage-pause.ts';
import { createProfilesTable } from '../adapters/profiles-table.ts';
import { createRegistersTable } from '../adapters/registers-table.ts';
import { answerTask, callOffTask, NEWS } from '../adapters/report-outcome.ts';
import { startCase } from '../adapters/start-case.ts';
import { closeCase } from '../adapters/subjects-table.ts';
import { countAll, lambdaHandler, logger } from '../adapters/telemetry.ts';
import { districtOfPerson } from './district-of-person.ts';
import { type CasesPorts, processCases } from './process-cases.ts';

const stateMachineArn = requiredSetting('DISSUASION_STATE_MACHINE_ARN');
const subjects = requiredSetting('SUBJECTS_TABLE_NAME');
const stepFunctions = createSFNClient();
const client = createDynamoDBClient();
const profiles = createProfilesTable(client, requiredSetting('PROFILES_TABLE_NAME'));
const registers = createRegistersTable(client, requiredSetting('REGISTERS_TABLE_NAME'));
const cases = casesTable();
const tasks = tasksTable();

const ports: CasesPorts = {
  cases,
  start: (opening, now) => startCase(opening, cases, stepFunctions, stateMachineArn, now),
  closeAsDuplicate: ({ id, subject }, now) =>
    closeCase(client, subjects, subject, id, 'duplicate', now),
  districtOf: (subject) => districtOfPerson(subject, profiles, registers),
  textOf: ({ id, subject }) => textOfCase(client, subjects, subject, id),
  callOff: (taskId) => callOffTask(tasks, stepFunctions, taskId, Date.now()),
  tellNews: (newsToken) => answerTask(stepFunctions, newsToken, NEWS),
  count: (opened) => countAll({ CasesOpened: opened }),
  onFailure: (message, cause) => logger.error(message, cause as Error),
  now: Date.now,
};

export const handler = lambdaHandler(
  pausingInOutage((event: DynamoDBStreamEvent) => processCases(event, ports)),
);
