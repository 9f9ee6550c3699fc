import {
  ExecutionAlreadyExists,
  type SFNClient,
  type StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { createSearchContacts } from '../../../functions/adapters/search-contacts.ts';
import { archiveBucket } from '../../../lib/archive/archived-call.ts';
import { tokenOf } from '../../domain/factories.ts';

const AT = Date.UTC(2026, 10, 27, 18) / 1000;
const ENTRY = { id: 'entry-1', number: tokenOf(7), version: 12 };

function searching(answer: () => Promise<unknown>) {
  const started: StartExecutionCommand['input'][] = [];
  const failures: Error[] = [];
  const client = {
    send: ({ input }: StartExecutionCommand) => {
      started.push(input);
      return answer();
    },
  } as unknown as Pick<SFNClient, 'send'>;
  const search = createSearchContacts(client, {
    stateMachineArn: 'arn:contacts',
    utcOffsetMinutes: 480,
    onFailure: (error) => failures.push(error),
  });
  return { search, started, failures };
}

describe('the search for the contacts of a case number', () => {
  test('is named by the entry and its version, and asks for local days', async () => {
    const { search, started } = searching(async () => ({}));
    expect(await search([ENTRY], AT, 30)).toBe('under-way');
    expect(started).toMatchObject([{ name: 'entry-1-12', stateMachineArn: 'arn:contacts' }]);
    // Two o'clock in the morning of the 28th, there.
    expect(JSON.parse(started[0]?.input ?? '')).toMatchObject({
      entries: [{ id: 'entry-1', version: 12 }],
      numbers: [tokenOf(7)],
      literals: { numbers: `'${tokenOf(7)}'`, buckets: String(archiveBucket(tokenOf(7))) },
      firstDay: '2026-10-29',
      recentDay: '2026-11-27',
      lastDay: '2026-11-29',
      since: AT - 30 * 86_400,
    });
  });

  test('of many is one, by one name in whatever order they come', async () => {
    const { search, started } = searching(async () => ({}));
    const entries = [3, 1, 2].map((i) => ({ id: `entry-${i}`, number: tokenOf(i), version: i }));
    await search(entries, AT, 30);
    await search(entries.toReversed(), AT, 30);
    await search(entries.slice(1), AT, 30);
    const names = started.map(({ name }) => name);
    expect(names[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(names[1]).toBe(names[0]);
    expect(names[2]).not.toBe(names[0]);
    expect(JSON.parse(started[0]?.input ?? '')).toMatchObject({
      numbers: [tokenOf(3), tokenOf(1), tokenOf(2)],
      literals: { numbers: `'${tokenOf(3)}', '${tokenOf(1)}', '${tokenOf(2)}'` },
    });
  });

  test('is under way when it was started before', async () => {
    const { failures, search } = searching(async () => {
      throw new ExecutionAlreadyExists({ message: 'there', $metadata: {} });
    });
    expect(await search([ENTRY], AT, 30)).toBe('under-way');
    expect(failures).toEqual([]);
  });

  test('that cannot be started is told of, with its cause, and fails nobody', async () => {
    const cause = new Error('throttled');
    const { failures, search } = searching(async () => {
      throw cause;
    });
    expect(await search([ENTRY], AT, 30)).toBe('not-started');
    expect(failures).toMatchObject([{ code: 'CONTACT_SEARCH_NOT_STARTED', cause }]);
  });
});
