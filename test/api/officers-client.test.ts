import { describe, expect, test, vi } from 'vitest';
import { createOfficersClient } from '../../lib/api/officers-client.ts';

function clientAnswered(status: number, body: string) {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response(body, { status }));
  const client = createOfficersClient({
    url: 'https://api.example.org',
    idToken: async () => 'token',
    newKey: () => 'key-of-this-write',
    fetch,
  });
  return { client, fetch };
}

describe('the client of the officers’ API', () => {
  test('writes the path, the query, the token and the key', async () => {
    const { client, fetch } = clientAnswered(200, '{"tasks":[]}');
    await client('listTasks', { query: { queue: 'station-a', limit: '5' } });
    expect(fetch).toHaveBeenLastCalledWith(
      'https://api.example.org/tasks?queue=station-a&limit=5',
      { method: 'GET', headers: { authorization: 'Bearer token' } },
    );
    await client('addNote', { parameters: { caseId: 'a/b' }, body: { notes: 'x' } });
    expect(fetch).toHaveBeenLastCalledWith('https://api.example.org/cases/a%2Fb/notes', {
      method: 'POST',
      headers: {
        authorization: 'Bearer token',
        'idempotency-key': 'key-of-this-write',
        'content-type': 'application/json',
      },
      body: '{"notes":"x"}',
    });
  });

  test.each([
    [
      'a problem',
      409,
      '{"type":"urn:forewarn:problem:task-taken","detail":"li"}',
      { detail: 'li' },
    ],
    [
      'what the gateway refuses',
      403,
      '{"message":"Forbidden"}',
      { title: 'Forbidden', status: 403 },
    ],
    ['a page of something else', 503, '<html>', { title: 'The API answered 503', status: 503 }],
    ['an answer that breaks off', 200, '{"tasks":[', { status: 502 }],
  ])('throws for %s', async (_what, status, body, problem) => {
    const { client } = clientAnswered(status, body);
    await expect(client('listTasks')).rejects.toMatchObject({ name: 'RefusedError', problem });
  });
});
