import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import type { AccessRecord } from '../../lib/local/iam/access-record.ts';
import { grants, lineOf } from '../infrastructure/role-permissions.ts';
import { flat, resources, synthesized } from '../infrastructure/synthesized-stack.ts';
import { isTest } from '../support/named-test.ts';
import { judgeGrants, missingKeyUse } from './judge-grants.ts';
import { entriesIn, entriesOf, permissionTable } from './permission-table.ts';
import { UNSEEN } from './unseen-grants.ts';

const END_TO_END = new URL('../e2e/', import.meta.url);
const DOCS = new URL('../../docs/permissions.md', import.meta.url);

/** The end-to-end tests that run the whole pipeline and leave a record of what its roles did. */
const recording = readdirSync(END_TO_END).filter(
  (name) =>
    name.endsWith('.test.ts') &&
    readFileSync(new URL(name, END_TO_END), 'utf8').includes('startLocalPipeline('),
);
const folder = inject('accessRecordsDir');
const left = existsSync(folder) ? readdirSync(folder) : [];
const isWhole = recording.every((name) => left.includes(`${name}.json`));
const records = left.map(
  (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as AccessRecord,
);

// What the end-to-end tests run; the other stages' roles may do the same, which is tested too.
const local = synthesized('local');
const judged = judgeGrants(
  grants(local),
  records.flatMap(({ used }) => used),
  UNSEEN,
);

/** Where only some of the tests ran, nothing can be said of grants that nobody used. */
const ofAllTests = test.skipIf(!isWhole);

/** A role by the function that works under it, or by its own name. */
const functionOf = new Map(
  Object.values(resources(local, 'AWS::Lambda::Function')).map(({ Properties }) => [
    flat(Properties.Role).replace(/\.Arn$/, ''),
    flat(
      (Properties.Environment as { Variables: Record<string, unknown> }).Variables
        .POWERTOOLS_SERVICE_NAME,
    ),
  ]),
);
const OTHERS: Readonly<Record<string, string>> = {
  ArchiveDeliveryRole: 'Firehose, for the archive',
  CampaignsRole: 'the workflow of campaigns',
  CompactionNightRole: 'the workflow of the compaction',
  CompactionNightScheduleRole: 'the schedule of the compaction',
  ContactsSearchRole: 'the workflow of the search for contacts',
  DeliveryLogRole: 'SNS, for its log of texts',
  DissuasionRole: 'the workflow of dissuasion',
  PolicyMonitorRole: 'AppConfig, for its watch over policies',
  StudyNightRole: 'the workflow of the study',
  StudyNightScheduleRole: 'the schedule of the study',
};
const nameOf = (role: string): string =>
  functionOf.has(role) ? `\`${functionOf.get(role)}\`` : (OTHERS[role] ?? role);

describe('What roles may do', () => {
  test.each(['dev', 'prod'])('in %s is what they may do in the tests', (stage) => {
    const linesOf = (name: string) =>
      grants(synthesized(name))
        .map((grant) => `${grant.role}: ${lineOf(grant)}`)
        .map((line) => line.replaceAll(name, 'STAGE'))
        .sort();

    expect(linesOf(stage)).toEqual(linesOf('local'));
  });

  ofAllTests('is all used: a call was made by it, or a reason is written down', () => {
    const unused = judged
      .filter(({ evidence }) => evidence === undefined)
      .map(({ grant }) => `${grant.role}: ${lineOf(grant)}`);

    expect(unused).toEqual([]);
  });

  ofAllTests('is all that they tried to do', () => {
    expect(records.flatMap(({ refused }) => refused)).toEqual([]);
  });

  ofAllTests('includes the use of the key that their calls need', () => {
    expect(missingKeyUse(judged)).toEqual([]);
  });

  ofAllTests('and cannot be seen, is on a list without an entry too many', () => {
    const used = new Set(
      judged.flatMap(({ evidence }) => (evidence?.kind === 'unseen' ? [evidence.unseen] : [])),
    );

    expect(UNSEEN.filter((one) => !used.has(one)).map(({ reason }) => reason)).toEqual([]);
  });
});

test('The tests that show what the end-to-end tests do not are there', () => {
  const named = UNSEEN.flatMap(({ shownBy }) => (shownBy === undefined ? [] : [shownBy]));

  expect(named.filter((one) => !isTest(one))).toEqual([]);
});

describe('docs/permissions.md', () => {
  const table = /(<!-- permissions -->\n)[\s\S]*(\n<!-- end of permissions -->)/;
  const reasons = UNSEEN.map(({ reason, shownBy }, i) => {
    const test = shownBy === undefined ? '' : ` (\`${shownBy.file}\` “${shownBy.name}”)`;
    return `${i + 1}. ${reason}${test}.`;
  }).join('\n');

  ofAllTests('is the table of what was seen', () => {
    const text = readFileSync(DOCS, 'utf8');
    const made = `${permissionTable(judged, UNSEEN, nameOf)}\n\n## Not seen end to end\n\n${reasons}\n`;
    const wanted = text.replace(
      table,
      (_, before: string, after: string) => `${before}\n${made}${after}`,
    );
    // UPDATE_DOCS=1 writes it anew.
    if (process.env.UPDATE_DOCS === '1') writeFileSync(DOCS, wanted);
    expect(readFileSync(DOCS, 'utf8')).toBe(wanted);
  });

  test('names every grant that there is, and none as unused', () => {
    const text = readFileSync(DOCS, 'utf8');

    expect(entriesIn(text)).toEqual(entriesOf(judged, nameOf));
    expect(text).not.toContain('| unused |');
  });
});
