import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type Call, parseCallRecord } from '../../lib/domain/call-record.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import { parseMapping } from '../../lib/feeds/mapping.ts';
import { emptyTally, pushFeed } from '../../lib/feeds/push-feed.ts';

const DATA = fileURLToPath(new URL('../../../shared/data/copenhagen/calls.csv', import.meta.url));
const MAPPING = fileURLToPath(
  new URL('../../docs/examples/copenhagen-mapping.json', import.meta.url),
);

it('maps every real call of the Copenhagen study to a valid record', async (context) => {
  if (!existsSync(DATA)) context.skip('shared/data/copenhagen/calls.csv is not beside this folder');
  const mapping = parseMapping(await readFile(MAPPING, 'utf8'), MAPPING);
  const calls: Call[] = [];
  const normaliseNumber = createNumberNormaliser('CN');
  const at = {
    nowMs: Date.parse('2025-10-01T00:00:00Z'),
    retentionMs: 40 * 86_400_000,
    maxFutureMs: 0,
  };
  const tally = emptyTally();
  await pushFeed(createReadStream(DATA), {
    mapping,
    tally,
    check: (record) => {
      const parsed = parseCallRecord(record, { ...at, normaliseNumber });
      if (parsed.ok) calls.push(parsed.call);
      return parsed;
    },
  });
  expect(tally).toMatchObject({ read: 3600, accepted: 3600, skipped: 0 });
  expect(calls[0]).toMatchObject({
    phase: 'complete',
    caller: { kind: 'subscriber', number: '+8613800000300' },
    callee: { kind: 'subscriber', number: '+8613800000301' },
    startMs: Date.parse('2025-09-01T00:03:04+08:00'),
    durationSeconds: 121,
    answered: true,
  });
  expect(calls[3]).toMatchObject({ durationSeconds: 0, answered: false });
});
