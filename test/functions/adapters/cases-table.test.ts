import { type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { createCasesTable } from '../../../functions/adapters/cases-table.ts';
import { TableError } from '../../../functions/adapters/errors.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { openCase } from '../../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../../lib/domain/ladder/case-news.ts';
import { SUBJECT } from '../../domain/factories.ts';

const NOW = 1_795_000_000_000;

const { changed, events } = openCase(
  {
    caseId: 'case-1',
    subject: SUBJECT,
    kind: 'loan',
    tier: 'medium',
    district: '',
    openedBy: 'policy',
    policyVersion: 1,
    ladder: loadDefaultPolicy().ladder,
    utcOffsetMinutes: 480,
    reasons: [],
    heard: nothingHeard('medium'),
  },
  NOW,
);

function cancelled(...codes: string[]): TransactionCanceledException {
  return new TransactionCanceledException({
    $metadata: {},
    message: 'cancelled',
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

/** A table whose transactions end so, one after the other, and well when none is left. */
function casesWith(...ends: TransactionCanceledException[]) {
  let writes = 0;
  const send = async () => {
    const end = ends[writes++];
    if (end !== undefined) throw end;
    return {};
  };
  const client = { send } as unknown as DynamoDBClient;
  const patience = { attempts: 3, random: () => 0, delay: async () => undefined };
  const cases = createCasesTable(client, 'cases', 86_400, () => NOW, patience);
  return { create: () => cases.create(changed, ...events), writes: () => writes };
}

const CONFLICT = cancelled('TransactionConflict', 'None');

describe('a case that is opened while another write of it is under way', () => {
  test('is not taken for one that is there', async () => {
    const cases = casesWith(CONFLICT, CONFLICT);
    expect(await cases.create()).toBe(true);
    expect(cases.writes()).toBe(3);
  });

  test('is there once the other write has come about', async () => {
    const cases = casesWith(CONFLICT, cancelled('ConditionalCheckFailed', 'None'));
    expect(await cases.create()).toBe(false);
  });

  test('is an error when that does not end', async () => {
    await expect(casesWith(CONFLICT, CONFLICT, CONFLICT).create()).rejects.toThrow(TableError);
  });
});
