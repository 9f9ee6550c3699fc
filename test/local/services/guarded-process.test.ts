import { expect, test } from 'vitest';
import { spawnGuarded } from '../../../lib/local/services/guarded-process.ts';

test('a process ends when told, and says with what status it ended', async () => {
  const child = spawnGuarded('sh', [
    '-c',
    'trap "exit 7" TERM; echo ready; while :; do sleep 0.1; done',
  ]);
  await child.printed('ready');
  await child.stop();
  expect(await child.exited).toBe(7);
});

test('a process that does not end when told is killed', async () => {
  const child = spawnGuarded('sh', ['-c', 'trap "" TERM; sleep 600 & echo ready; wait'], 1);
  await child.printed('ready');
  await child.stop();
  expect(await child.exited).toBe(-1);
});
