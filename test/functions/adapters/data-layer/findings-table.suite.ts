import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { readDecisions } from '../../../../functions/adapters/decisions-index.ts';
import {
  putFindings,
  readClueFindings,
  readFindings,
} from '../../../../functions/adapters/findings-table.ts';
import {
  createSubjectsTable,
  createWarningsTable,
  type SubjectStore,
} from '../../../../functions/adapters/subjects-table.ts';
import type { Judgement } from '../../../../lib/domain/profile/fold-legs.ts';
import { CALLER, findingOf, MORNING, SUBJECT, tokenOf } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';
import { caseOf, decisionOf, warningOf } from './subject-decisions.ts';

const EXPIRES = 1_900_000_000;
const NOW = 1_795_000_000_000;

function judgementOf(at: number, changes: Partial<Judgement> = {}): Judgement {
  return {
    track: 'live',
    caller: CALLER,
    finding: findingOf({ at }),
    points: 3.499_999_999_999_999_6,
    base: 1.25,
    terms: [{ id: 'calls-strangers', points: 2.249_999_999_999_999_6 }],
    features: { handsets: 1, 'two-way-share': null },
    calls: [
      {
        subject: SUBJECT,
        call: 1,
        start: MORNING,
        duration: 60,
        answered: true,
        international: false,
      },
    ],
    ...changes,
  };
}

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeFindingsTable(client: () => DynamoDBClient): void {
  describe('findings and decisions about a number', () => {
    let table: string;
    let subjects: SubjectStore;

    beforeEach(async () => {
      table = await createTable(client(), 'subjects');
      subjects = createSubjectsTable(client(), table);
    });

    const put = (...judgements: Judgement[]) =>
      putFindings(
        client(),
        table,
        judgements.map((judgement) => ({ judgement, expiresAt: EXPIRES })),
      );
    const read = (caller = CALLER) => readFindings(client(), table, caller);

    test('those that only clues led to are listed apart, the newest first, and are read with the others', async () => {
      const byClues = (at: number) =>
        judgementOf(at, {
          caller: tokenOf(at),
          finding: findingOf({ at, reasons: [{ id: 'clues', points: 1 }] }),
        });
      const all = [1, 2, 3].map((i) => byClues(MORNING + i));
      await put(
        judgementOf(MORNING),
        ...all,
        { ...byClues(MORNING + 4), track: 'shadow' },
        judgementOf(MORNING + 5, {
          finding: findingOf({
            at: MORNING + 5,
            reasons: [
              { id: 'calls-strangers', points: 2 },
              { id: 'clues', points: 1 },
            ],
          }),
        }),
      );

      const first = await readClueFindings(client(), table, { limit: 2 });
      const rest = await readClueFindings(client(), table, { limit: 2, next: first.next ?? '' });

      expect([...first.findings, ...rest.findings]).toEqual(all.toReversed());
      expect(rest.next).toBeUndefined();
      expect(await read(tokenOf(MORNING + 1))).toEqual(all.slice(0, 1));
    });

    /** The caller's whole partition. */
    async function items() {
      const pages = paginateQuery(
        { client: client() },
        {
          TableName: table,
          KeyConditionExpression: 'subject = :subject',
          ExpressionAttributeValues: { ':subject': { S: CALLER } },
          ConsistentRead: true,
        },
      );
      const found = [];
      for await (const page of pages) found.push(...(page.Items ?? []));
      return found;
    }

    test('a caller who was never found risky has none', async () => {
      await put(judgementOf(MORNING, { caller: SUBJECT }));
      expect(await read()).toEqual([]);
    });

    test('a finding is read as it was made, to the last bit, and is forgotten in time', async () => {
      await put(judgementOf(MORNING));
      expect(await read()).toEqual([judgementOf(MORNING)]);
      expect(await items()).toMatchObject([
        { item: { S: `FINDING#live#${MORNING}` }, expiresAt: { N: String(EXPIRES) } },
      ]);
    });

    test('the same finding twice is one item', async () => {
      await put(judgementOf(MORNING));
      await put(judgementOf(MORNING), judgementOf(MORNING));
      expect(await items()).toHaveLength(1);
      expect(await read()).toEqual([judgementOf(MORNING)]);
    });

    test('findings are read oldest first within each track, whenever they were kept', async () => {
      const times = [MORNING + 60, MORNING, MORNING + 7_200, MORNING - 86_400];
      const rising = times.toSorted((a, b) => a - b);
      await put(...times.map((at) => judgementOf(at, { track: 'shadow' })));
      await put(...times.map((at) => judgementOf(at)));
      expect((await read()).map(({ track, finding }) => [track, finding.at])).toEqual([
        ...rising.map((at) => ['live', at]),
        ...rising.map((at) => ['shadow', at]),
      ]);
    });

    test('more findings are read than fit a page', async () => {
      // Long ones: a page holds a megabyte.
      const terms = [{ id: 'x'.repeat(40_000), points: 1 }];
      const many = Array.from({ length: 40 }, (_, i) => judgementOf(MORNING + i, { terms }));
      await put(...many);
      expect((await read()).map(({ finding }) => finding.at)).toEqual(
        many.map(({ finding }) => finding.at),
      );
    });

    test('a person’s decisions are read apart from state and findings, of both tracks', async () => {
      await put(judgementOf(MORNING, { caller: SUBJECT }));
      const warning = warningOf({ decidedAt: MORNING + 60 });
      const opened = caseOf();
      const tried = warningOf({ id: 'tried' });
      const risen = { warnings: [warning], cases: [opened], raised: [] };
      await subjects.write(SUBJECT, 'live', undefined, '10', decisionOf(1, risen), EXPIRES);
      await subjects.write(
        SUBJECT,
        'shadow',
        undefined,
        '11',
        decisionOf(1, { warnings: [tried] }),
        EXPIRES,
      );
      await subjects.write(
        tokenOf(3),
        'live',
        undefined,
        '12',
        decisionOf(1, { warnings: [warningOf({ id: 'elsewhere', subject: tokenOf(3) })] }),
        EXPIRES,
      );

      expect(await readDecisions(client(), table, SUBJECT)).toEqual([
        { what: 'case', track: 'live', status: 'open', case: opened, tier: opened.tier },
        { what: 'warning', track: 'shadow', status: 'pending', warning: tried },
        { what: 'warning', track: 'live', status: 'pending', warning },
      ]);
      expect(await readDecisions(client(), table, CALLER)).toEqual([]);
    });

    test('a decision is read as it stands now: its status, and the tier that it rose to', async () => {
      const decision = decisionOf(1, { warnings: [warningOf()], cases: [caseOf()] });
      await subjects.write(SUBJECT, 'live', undefined, '10', decision, EXPIRES);
      const raised = decisionOf(2, { raised: [{ caseId: 'case-1', tier: 'urgent' }] });
      await subjects.write(SUBJECT, 'live', '10', '11', raised, EXPIRES);
      const warnings = createWarningsTable(client(), table);
      await warnings.claim(SUBJECT, 'warning-1', NOW, NOW + 90_000);
      await warnings.settle(SUBJECT, 'warning-1', 'sent', { at: NOW });

      expect(await readDecisions(client(), table, SUBJECT)).toMatchObject([
        { what: 'case', tier: 'urgent', status: 'open' },
        { what: 'warning', status: 'sent' },
      ]);
    });
  });
}
