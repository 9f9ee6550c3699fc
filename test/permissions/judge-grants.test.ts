import { describe, expect, test } from 'vitest';
import type { Grant } from '../infrastructure/role-permissions.ts';
import { judgeGrants, missingKeyUse } from './judge-grants.ts';
import { entriesIn, entriesOf, permissionTable } from './permission-table.ts';

const grant = (change: Partial<Grant>): Grant => ({
  role: 'ReaderRole',
  policy: 'ReaderPolicy',
  statement: 0,
  effect: 'Allow',
  action: 'kinesis:GetRecords',
  resource: 0,
  on: 'LegsStream.Arn',
  condition: undefined,
  ...change,
});
const READING = grant({});
const DECRYPTING = grant({
  action: 'kms:Decrypt',
  statement: 1,
  on: 'Key.Arn',
  condition: 'through kinesis',
});
const WRITING = grant({ action: 'kinesis:PutRecords' });
const READ = { policy: 'ReaderPolicy', statement: 0, action: 'kinesis:GetRecords', resource: 0 };

const kinds = (...judged: ReturnType<typeof judgeGrants>) =>
  judged.map(({ evidence }) => evidence?.kind ?? 'unused');

describe('A grant', () => {
  test('is used when a call was allowed by it, and the key when that call needs it', () => {
    const judged = judgeGrants([READING, DECRYPTING], [READ], []);

    expect(kinds(...judged)).toEqual(['called', 'key']);
    expect(missingKeyUse(judged)).toEqual([]);
  });

  test('is unused when no call was, neither on its resource nor by its role', () => {
    const other = grant({ role: 'OtherRole', policy: 'OtherPolicy' });
    const elsewhere = grant({ resource: 1, on: 'CallsStream.Arn' });

    expect(kinds(...judgeGrants([READING, WRITING, other, elsewhere], [READ], []))).toEqual([
      'called',
      'unused',
      'unused',
      'unused',
    ]);
    expect(kinds(...judgeGrants([DECRYPTING], [], []))).toEqual(['unused']);
  });

  test('is used when another one that says the same was', () => {
    const again = grant({ statement: 7 });

    expect(kinds(...judgeGrants([READING, again], [READ], []))).toEqual(['called']);
  });

  test('may stay unseen for a reason, and forbids where it denies', () => {
    const unseen = [{ reason: 'nobody looks', matches: () => true }];
    const denying = grant({ effect: 'Deny', on: 'topics' });

    expect(kinds(...judgeGrants([WRITING, denying], [], unseen))).toEqual(['unseen', 'forbids']);
  });

  test('that is used as things happen to fall is not counted on', () => {
    const seldom = { reason: 'a race', matches: () => true };

    expect(kinds(...judgeGrants([READING], [READ], [seldom]))).toEqual(['called']);
    const byChance = [{ ...seldom, isByChance: true }];
    expect(kinds(...judgeGrants([READING], [READ], byChance))).toEqual(['unseen']);
  });
});

test('A call that needs the key of a role that may not use it is missed', () => {
  expect(missingKeyUse(judgeGrants([READING], [READ], []))).toEqual([
    'ReaderRole kms:Decrypt through kinesis, for kinesis:GetRecords on LegsStream.Arn',
  ]);
});

test('The table holds what it was made of', () => {
  const judged = judgeGrants([READING, WRITING, DECRYPTING], [READ], []);
  const nameOf = (role: string) => `the ${role}`;
  const table = permissionTable(judged, [], nameOf);

  expect(entriesIn(table)).toEqual(entriesOf(judged, nameOf));
  expect(entriesIn(table)).toHaveLength(3);
  expect(table).toContain('| `LegsStream` | kinesis:PutRecords | unused |');
});
