import { DeleteObjectsCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { clearCallsOfDay } from '../../../functions/adapters/archive-bucket.ts';

/** A bucket that lists two objects a page. */
function bucketOf(keys: string[], undeletable?: string): S3Client {
  const send = async (command: { input: object }) => {
    if (command instanceof DeleteObjectsCommand) {
      const asked = (command.input.Delete?.Objects ?? []).map(({ Key }) => Key ?? '');
      const failed = asked.filter((key) => key === undeletable);
      for (const key of asked) if (!failed.includes(key)) keys.splice(keys.indexOf(key), 1);
      return { Errors: failed.map((Key) => ({ Key, Code: 'AccessDenied' })) };
    }
    const { ContinuationToken = '', Prefix = '' } = command.input as Record<string, string>;
    const below = keys.filter((key) => key.startsWith(Prefix) && key > ContinuationToken).sort();
    const page = below.slice(0, 2);
    return {
      Contents: page.map((Key) => ({ Key })),
      IsTruncated: below.length > 2,
      NextContinuationToken: below.length > 2 ? page.at(-1) : undefined,
    };
  };
  return Object.assign(new S3Client({ region: 'us-east-1' }), { send });
}

const DAY = ['a', 'b', 'c', 'd', 'e'].map((name) => `calls/day=2026-11-23/bucket=1/${name}`);
const OTHERS = ['calls/day=2026-11-24/bucket=1/a', 'call_records/day=2026-11-23/bucket=1/a'];

describe('the calls of a day', () => {
  test('are removed, page by page, and nothing else', async () => {
    const keys = [...DAY, ...OTHERS];
    expect(await clearCallsOfDay(bucketOf(keys), 'archive', '2026-11-23')).toBe(5);
    expect(keys).toEqual(OTHERS);
    expect(await clearCallsOfDay(bucketOf(keys), 'archive', '2026-11-23')).toBe(0);
  });

  test('that are not all removed are an error', async () => {
    const clearing = clearCallsOfDay(bucketOf([...DAY], DAY[3]), 'archive', '2026-11-23');
    await expect(clearing).rejects.toMatchObject({ code: 'ARCHIVE_BUCKET_FAILED' });
  });

  test.each(['', '2026', '2026-11-23/', '../call_records', '*'])(
    'are of a day, and not of %j',
    async (day) => {
      const keys = [...DAY, ...OTHERS];
      await expect(clearCallsOfDay(bucketOf(keys), 'archive', day)).rejects.toThrow('no day');
      expect(keys).toHaveLength(7);
    },
  );
});
