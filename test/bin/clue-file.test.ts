import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { clueBatchesOf, cluesOf } from '../../bin/actions/clue.ts';
import { FeedError } from '../../lib/feeds/read-feed.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function cluesIn(content: string | Buffer, file = 'clues.jsonl') {
  return all(cluesOf(Readable.from([Buffer.from(content)]), file));
}

describe('a file of reports', () => {
  test('is read line by line, gzipped or not', async () => {
    const lines = '{"number":"13800138005"}\n\n{"number":"13900139005"}\n';
    const expected = [
      { line: 1, fields: { number: '13800138005' } },
      { line: 3, fields: { number: '13900139005' } },
    ];
    expect(await cluesIn(lines)).toEqual(expected);
    expect(await cluesIn(gzipSync(lines), 'clues.jsonl.gz')).toEqual(expected);
    expect(await cluesIn('reference,number,kind,when\na,13800138005,,\n', 'clues.csv')).toEqual([
      { line: 2, fields: { reference: 'a', number: '13800138005' } },
    ]);
  });

  test('that is damaged gzip ends with an error that says so, and not the program', async () => {
    const damaged = gzipSync('{"number":"13800138005"}\n').subarray(0, 20);
    await expect(cluesIn(damaged, 'clues.jsonl.gz')).rejects.toThrow(FeedError);
  });

  test('may hold a line of any length, or nesting of any depth: neither is kept', async () => {
    const long = `{"text":"${'x'.repeat(1_000_000)}"}`;
    const deep = `{"text":${'['.repeat(8_000)}${']'.repeat(8_000)}}`;
    const read = cluesOf(Readable.from([Buffer.from(`${long}\n${deep}\n[1]\n`)]), 'clues.jsonl');
    const batches = await all(clueBatchesOf(read));
    expect(batches.flatMap(({ rows }) => rows)).toEqual([]);
    expect(batches.flatMap(({ problems }) => problems.map(({ line }) => line))).toEqual([1, 2, 3]);
  });
});
