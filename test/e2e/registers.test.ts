import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOCAL_STACK } from '../../bin/replay/local-stack.ts';
import { createCasesTable } from '../../functions/adapters/cases-table.ts';
import { startCase } from '../../functions/adapters/start-case.ts';
import { createTasksTable } from '../../functions/adapters/tasks-table.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import { type Finished, startForewarn } from '../support/run-forewarn.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

const STATIONS = 'docs/examples/stations.csv';
const PERSON = '+8613800138000';
const SON = '+8613900139000';

let pipeline: LocalPipeline;
let folder: string;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  folder = await mkdtemp(join(tmpdir(), 'forewarn-registers-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await pipeline?.close();
});

function register(...args: string[]): Promise<Finished> {
  return startForewarn(['register', ...args, '--stack', LOCAL_STACK], pipeline.env).finished;
}

async function csv(name: string, lines: readonly string[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `\uFEFF${lines.join('\r\n')}\r\n`);
  return file;
}

describe('the registers', () => {
  test('are loaded, shown without numbers, and lead the steps of a case', async () => {
    const stations = await register('import', 'stations', STATIONS);
    expect(stations).toMatchObject({ code: 0, stdout: expect.stringContaining('5 rows') });
    const contacts = await csv('contacts.csv', [
      'number,contact,relation,order',
      `${PERSON},${SON},son,1`,
      `${PERSON},not a number,aunt,2`,
    ]);
    const imported = await register('import', 'contacts', contacts);
    expect(imported.code).toBe(1);
    expect(imported.stdout).toContain('line 3: contact is no phone number of a person');
    const listed = await register('list', 'contacts');
    expect(listed.stdout).toMatch(/8000.*son.*9000/s);
    expect(listed.stdout).not.toContain('13800138000');

    const { credentials, endpoint, outputs, region } = pipeline.cloud;
    const client = { credentials, endpoint, region };
    const dynamo = new DynamoDBClient(client);
    const cases = createCasesTable(dynamo, outputs.CasesTableName ?? '', 86_400);
    const tasks = createTasksTable(dynamo, outputs.TasksTableName ?? '');
    const sealer = await pipeline.sealer();
    const party = (number: string) => ({ kind: 'subscriber' as const, number });
    const [sealed] = sealer.seal([{ caller: party(PERSON), callee: party(SON), imei: undefined }]);
    const policy = loadDefaultPolicy();
    const stepFunctions = new SFNClient(client);
    await startCase(
      {
        caseId: 'with-registers',
        subject: sealed?.caller ?? '',
        kind: 'loan',
        tier: 'urgent',
        district: '510106',
        openedBy: 'policy',
        policyVersion: policy.version,
        ladder: policy.ladder,
        utcOffsetMinutes: policy.subjects.utcOffsetMinutes,
        reasons: [],
        heard: nothingHeard('urgent'),
      },
      cases,
      stepFunctions,
      outputs.DissuasionStateMachineArn ?? '',
      Date.now(),
    );
    const offered = async () => {
      const found = await tasks.ofCase('with-registers');
      return Object.fromEntries(found.map((task) => [task.step, task]));
    };
    await expect
      .poll(async () => Object.keys(await offered()).sort(), { timeout: 20_000 })
      .toEqual(['call', 'relatives', 'visit']);
    expect(await offered()).toMatchObject({
      call: { queue: 'call-desk' },
      relatives: { queue: 'call-desk', contacts: [sealed?.callee] },
      visit: { queue: 'station-jinniu', backupQueue: 'station-qingyang' },
    });
    dynamo.destroy();
    stepFunctions.destroy();

    expect((await register('remove', 'contacts', PERSON)).code).toBe(0);
    expect((await register('remove', 'contacts', PERSON)).code).toBe(1);
    expect(pipeline.logs.filter((line) => line.includes('13800138000'))).toEqual([]);
  }, 60_000);

  test('say what is wrong with a file', async () => {
    const wrong = await csv('wrong.csv', ['id,name', 'x,y']);
    const refused = await register('import', 'stations', wrong);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('lacks the columns districts, opens, closes, dutyOfficer');
    const ragged = await csv('ragged.csv', ['number,group', '13800138000']);
    const unread = await register('import', 'care', ragged);
    expect(unread).toMatchObject({ code: 2 });
    expect(unread.stderr).toContain('is no CSV file');
    expect((await register('import', 'care', join(folder, 'none.csv'))).code).toBe(2);
  }, 60_000);
});
