import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeAuditTable } from './data-layer/audit-table.suite.ts';
import { describeCampaignsTable } from './data-layer/campaigns-table.suite.ts';
import { describeCasesTable } from './data-layer/cases-table.suite.ts';
import { describeCluesTable } from './data-layer/clues-table.suite.ts';
import { databaseEngines, type RunningDatabase } from './data-layer/database-engine.ts';
import { describeDeliveriesTable } from './data-layer/deliveries-table.suite.ts';
import { describeFindingsTable } from './data-layer/findings-table.suite.ts';
import { describeListsTable } from './data-layer/lists-table.suite.ts';
import { describeLiveConnections } from './data-layer/live-connections.suite.ts';
import { describeOpenByHand } from './data-layer/open-by-hand.suite.ts';
import { describeProfilesTable } from './data-layer/profiles-table.suite.ts';
import { describeRegistersTable } from './data-layer/registers-table.suite.ts';
import { describeRequestLedger } from './data-layer/request-ledger.suite.ts';
import { describeStudyFindingsTable } from './data-layer/study-findings-table.suite.ts';
import { describeSubjectsTable } from './data-layer/subjects-table.suite.ts';
import { describeTakeBack } from './data-layer/take-back.suite.ts';
import { describeTasksTable } from './data-layer/tasks-table.suite.ts';

for (const engine of databaseEngines) {
  const title = `the data layer on ${engine.name}`;
  if (engine.missing !== undefined) {
    test(`${title} (${engine.missing})`, (context) => {
      // A build machine has all of them: what is not compared there is compared nowhere.
      expect(process.env.CI).toBeUndefined();
      context.skip(engine.missing);
    });
    continue;
  }
  describe(title, () => {
    let database: RunningDatabase;

    beforeAll(async () => {
      database = await engine.start();
    });

    afterAll(async () => {
      await database.stop();
    });

    const client = () => database.client;
    describeProfilesTable(client);
    describeSubjectsTable(client);
    describeCasesTable(client);
    describeRegistersTable(client);
    describeTasksTable(client);
    describeFindingsTable(client);
    describeAuditTable(client);
    describeRequestLedger(client);
    describeOpenByHand(client);
    describeLiveConnections(client);
    describeListsTable(client);
    describeCluesTable(client);
    describeStudyFindingsTable(client);
    describeTakeBack(client);
    describeDeliveriesTable(client);
    describeCampaignsTable(client);
  });
}
