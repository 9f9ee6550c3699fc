import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMapping } from '../../lib/feeds/mapping.ts';
import type { Mapping } from '../../lib/feeds/mapping-schema.ts';
import { FeedError, type FeedItem, readFeed } from '../../lib/feeds/read-feed.ts';
import { MissingColumnError } from '../../lib/feeds/row-mapping.ts';

/** A stream that yields the bytes in pieces of the given size. */
function streamOf(data: string | Buffer, pieceSize = 1 << 16): Readable {
  const bytes = Buffer.from(data);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceSize)
    pieces.push(bytes.subarray(at, at + pieceSize));
  return Readable.from(pieces, { objectMode: false });
}

async function itemsOf(input: Readable, mapping?: Mapping): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  for await (const batch of readFeed(input, mapping)) items.push(...batch.items);
  return items;
}

function summary(items: FeedItem[]): unknown[] {
  return items.map((item) => {
    if ('record' in item) return [item.line, item.record];
    return [item.line, 'skipped' in item ? 'skipped' : item.problem.reason];
  });
}

function mappingOf(input: object): Mapping {
  const fields = {
    caller: { column: '主叫' },
    callee: { column: '被叫' },
    start: { column: '时间', format: 'yyyyMMddHHmmss', zone: 'Asia/Shanghai' },
  };
  return parseMapping(JSON.stringify({ input, fields }), 'test');
}

/** What stands for a character that cannot be decoded is refused wherever it stands. */
const anyText = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\ufffd'));

const RECORD = { caller: '13800138000', callee: '13900139000', start: 1000 };

describe('reading JSON Lines', () => {
  it('yields each line with its number, whatever the pieces and line ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ caller: anyText }), { minLength: 1 }),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        async (records, lineEnd, pieceSize, zip) => {
          const text = Buffer.from(records.map((one) => JSON.stringify(one)).join(lineEnd));
          const items = await itemsOf(streamOf(zip ? gzipSync(text) : text, pieceSize));
          expect(JSON.stringify(summary(items))).toBe(
            JSON.stringify(records.map((record, index) => [index + 1, record])),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('goes on after lines that are not JSON, too long, or not in the encoding', async () => {
    const line = JSON.stringify(RECORD);
    const data = Buffer.concat([
      Buffer.from(`\uFEFF${line}\n\n{"a\n"${'x'.repeat(20_000)}"\n`),
      Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]),
      Buffer.from(`${line}\n"${'y'.repeat(40_000)}`),
    ]);
    for (const pieceSize of [100, 7_000, 100_000]) {
      expect(summary(await itemsOf(streamOf(data, pieceSize)))).toEqual([
        [1, RECORD],
        [3, 'not-json'],
        [4, 'too-large'],
        [5, 'bad-encoding'],
        [6, RECORD],
        [7, 'too-large'],
      ]);
    }
  });

  it('maps objects', async () => {
    const mapping = mappingOf({ format: 'jsonl' });
    const text = '{"主叫":"110","被叫":"120","时间":"19700101080001"}';
    expect(summary(await itemsOf(streamOf(text), mapping))).toEqual([
      [1, { caller: '110', callee: '120', start: 1000 }],
    ]);
  });
});

describe('reading CSV', () => {
  it('needs no mapping when columns are named as the fields', async () => {
    const text =
      'callee,caller,start,duration,answered,colour\r\n13900139000,13800138000,1000,,,blue\r\n13900139000,13800138000,1000,7,1,"a, ""b"""\r\n';
    expect(summary(await itemsOf(streamOf(gzipSync(text), 7)))).toEqual([
      [2, RECORD],
      [3, { ...RECORD, duration: 7, answered: true }],
    ]);
  });

  it('decodes other encodings, delimiters and quotes, after lines that are no table', async () => {
    // "主叫;被叫;时间" in GB 18030.
    const header = Buffer.from('d6f7bdd03bb1bbbdd03bcab1bce40a', 'hex');
    const data = Buffer.concat([
      Buffer.from('export of today\n'),
      header,
      Buffer.from("'1;0';120;19700101080001\n"),
    ]);
    const mapping = mappingOf({
      format: 'csv',
      encoding: 'gb18030',
      delimiter: ';',
      quote: "'",
      skipLines: 1,
    });
    expect(summary(await itemsOf(streamOf(data, 1), mapping))).toEqual([
      [3, { caller: '1;0', callee: '120', start: 1000 }],
    ]);
  });

  it('tells that the header is in another encoding', async () => {
    const header = Buffer.from('d6f7bdd02cb1bbbdd02ccab1bce40a', 'hex');
    const reading = itemsOf(streamOf(header), mappingOf({ format: 'csv' }));
    await expect(reading).rejects.toThrow(/input\.encoding/);
  });

  it('goes on after a row with too many or too few cells, in the order of lines', async () => {
    const rows = ['1,2,1000', '1,2,1000,9', '1,2', '1,2,1000'];
    const items = await itemsOf(streamOf(`caller,callee,start\n${rows.join('\n')}\n`));
    const record = { caller: '1', callee: '2', start: 1000 };
    expect(summary(items)).toEqual([
      [2, record],
      [3, 'bad-csv'],
      [4, 'bad-csv'],
      [5, record],
    ]);
    expect(items[1]).toMatchObject({ raw: '1,2,1000,9' });
  });

  it('ends at a quote that is left open, and says so', async () => {
    const text = `caller,callee,start\n1,2,1000\n"1,2,1000\n${'1,2,1000\n'.repeat(10_000)}`;
    const items: FeedItem[] = [];
    const reading = (async () => {
      for await (const batch of readFeed(streamOf(text))) items.push(...batch.items);
    })();
    await expect(reading).rejects.toThrow(FeedError);
    await expect(reading).rejects.toThrow(/After line 2.*quote left open/);
    await expect(itemsOf(streamOf('caller,callee,start\n"1,2,3\n'))).rejects.toThrow(
      /After line 1.*left open until the end/,
    );
  });

  it('names the columns that are missing', async () => {
    await expect(itemsOf(streamOf('from,to\n1,2\n'))).rejects.toThrow(MissingColumnError);
  });
});

describe('reading any feed', () => {
  it('finds nothing in an empty one', async () => {
    expect(await itemsOf(streamOf(''))).toEqual([]);
    expect(await itemsOf(streamOf(gzipSync('')))).toEqual([]);
  });

  it('fails on damaged gzip', async () => {
    const cut = gzipSync(`${JSON.stringify(RECORD)}\n`.repeat(1000)).subarray(0, 60);
    await expect(itemsOf(streamOf(cut))).rejects.toThrow(FeedError);
  });

  it('tells how many bytes it has read', async () => {
    const text = `${JSON.stringify(RECORD)}\n`.repeat(1000);
    const read: number[] = [];
    for await (const { bytesRead } of readFeed(streamOf(text, 10_000))) read.push(bytesRead);
    expect(read.at(-1)).toBe(text.length);
    expect(read[0]).toBeLessThan(text.length);
  });

  it('closes its input when nobody reads on', async () => {
    const input = streamOf(`${JSON.stringify(RECORD)}\n`.repeat(10_000), 1000);
    for await (const _batch of readFeed(input)) break;
    expect(input.destroyed).toBe(true);
  });
});
