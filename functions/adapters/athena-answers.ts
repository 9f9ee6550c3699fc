import { type AthenaClient, type ColumnInfo, GetQueryResultsCommand } from '@aws-sdk/client-athena';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import type { AnswerRow } from '../../lib/archive/duckdb-archive.ts';
import { AnswerError } from './errors.ts';

/** Where Athena's answers are: as CSV, and what their columns are. */
export interface AnswerPlace {
  readonly athena: Pick<AthenaClient, 'send'>;
  readonly s3: Pick<S3Client, 'send'>;
  readonly bucket: string;
  /** Folder of the workgroup's answers, with a slash at its end. */
  readonly prefix: string;
}

const NUMBERS: ReadonlySet<string> = new Set([
  'bigint',
  'decimal',
  'double',
  'float',
  'integer',
  'smallint',
  'tinyint',
]);

type Cell = AnswerRow[string];

function cellOf(text: string, quoted: boolean, type: string): Cell {
  // Athena quotes every value; only a null is bare.
  if (text === '' && !quoted) return null;
  if (NUMBERS.has(type)) return Number(text);
  return type === 'boolean' ? text === 'true' : text;
}

/**
 * Reads the whole answer of a query that succeeded, from its file: pages of a thousand rows would take far longer.
 *
 * @throws AnswerError when there is no such answer
 */
export async function readAnswer(
  { athena, bucket, prefix, s3 }: AnswerPlace,
  executionId: string,
): Promise<readonly AnswerRow[]> {
  const { ResultSet } = await athena.send(
    new GetQueryResultsCommand({ QueryExecutionId: executionId, MaxResults: 1 }),
  );
  const columns: readonly ColumnInfo[] = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
  const types = new Map(columns.map(({ Name, Type }) => [Name ?? '', Type ?? '']));
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: bucket, Key: `${prefix}${executionId}.csv` }),
  );
  if (Body === undefined) throw new AnswerError(`the answer of ${executionId} is empty`);
  return parse<AnswerRow>(await Body.transformToByteArray(), {
    columns: true,
    cast: (text, { column, header, quoting }) =>
      header ? text : cellOf(text, quoting, types.get(String(column)) ?? ''),
  });
}
