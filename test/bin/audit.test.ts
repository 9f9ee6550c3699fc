import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AuditEntry, GENESIS, sealEntry } from '../../lib/domain/audit/audit-chain.ts';
import { type OfficersApiServer, startOfficersApi } from '../support/officers-api-server.ts';
import { startForewarn } from '../support/run-forewarn.ts';

let api: OfficersApiServer;
let entries: AuditEntry[];

const PAGE = 2;

beforeAll(async () => {
  api = await startOfficersApi({
    readAudit: ({ query }) => {
      const from = Number(query.next ?? 0);
      const to = from + PAGE;
      return {
        entries: entries.slice(from, to),
        ...(to < entries.length && { next: String(to) }),
      };
    },
  });
});

afterAll(() => api.close());

beforeEach(() => {
  entries = [];
  for (const purpose of ['call', 'relatives', 'visit', 'call again', 'appeal']) {
    entries.push(
      sealEntry({
        sequence: entries.length + 1,
        at: Date.parse('2026-11-24T10:11:05Z'),
        by: 'chen',
        act: 'reveal',
        caseId: 'case-1',
        taskId: 'case-1-1',
        whose: 'subject',
        purpose,
        previous: entries.at(-1)?.hash ?? GENESIS,
      }),
    );
  }
});

afterEach(() => {
  expect(api.breaches.splice(0)).toEqual([]);
});

function audit(...args: string[]) {
  return startForewarn(['audit', ...args], { ...api.environment, TZ: 'UTC' }).finished;
}

describe('forewarn audit', () => {
  it('lists all entries, the oldest first', async () => {
    const { stdout } = await audit('list');
    expect(stdout).toMatch(/1 │ 2026-11-24 10:11:05 │ chen │ reveal │ subject │ call\s/);
    expect(stdout).toMatch(/5 │ .*│ appeal\s+│ case-1-1/);
    const json = await audit('list', '--json');
    expect(JSON.parse(json.stdout).entries).toEqual(entries);
    entries = [];
    expect((await audit('list')).stdout).toBe('Nobody has looked at a number.\n');
  });

  it('finds a whole audit whole, and says what to note down', async () => {
    const { code, stdout } = await audit('verify');
    expect(code).toBe(0);
    const noted = /--noted (5:[0-9a-f]{64})/.exec(stdout)?.[1] ?? '';
    expect(stdout).toContain('The audit is whole: entries 1 to 5.');
    entries = entries.slice(2);
    const later = await audit('verify', '--noted', noted);
    expect(later.stdout).toContain('entries 3 to 5. Entries 1 to 2 have expired.');
    entries = [];
    expect((await audit('verify')).stdout).toBe('There are no entries.\n');
  });

  it('finds what was changed, missing, or cut off since it was noted down', async () => {
    const noted = `5:${entries[4]?.hash}`;
    const whole = entries;
    entries = whole.with(2, { ...(whole[2] as AuditEntry), by: 'nobody' });
    expect(await audit('verify')).toMatchObject({
      code: 1,
      stdout: 'The audit is NOT whole: entry 3 was changed after it was written.\n',
    });
    entries = whole.toSpliced(1, 1);
    expect((await audit('verify')).stdout).toContain('after entry 1 comes entry 3');
    entries = whole.slice(0, 4);
    expect((await audit('verify')).code).toBe(0);
    const cut = await audit('verify', '--noted', noted, '--json');
    expect(cut.code).toBe(1);
    expect(JSON.parse(cut.stdout)).toEqual({
      ok: false,
      entries: 4,
      from: 1,
      to: 4,
      problem: 'entry 5 was there before and is missing now',
    });
    expect((await audit('verify', '--noted', '5')).code).toBe(2);
  });
});
