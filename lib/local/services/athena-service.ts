import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest } from '../gateway/aws-request.ts';
import { type AwsService, jsonResponse, type Permission } from '../gateway/aws-service.ts';
import { isJsonObject, type JsonObject } from '../json-value.ts';
import { type Catalog, type CatalogTable, placeOf } from '../warehouse/catalog.ts';
import type { MirroredObject, ObjectMirror } from '../warehouse/objects.ts';
import { engineType, type SqlEngine, sqlName, sqlText } from '../warehouse/sql-engine.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';

/** A workgroup: how much a question may read, and where its answer goes. */
export interface WorkGroup {
  name: string;
  outputLocation: string;
  /** Undefined for no limit. */
  bytesScannedCutoff: number | undefined;
}

export interface AthenaService extends AwsService {
  addWorkGroup(group: WorkGroup): void;
  close(): Promise<void>;
}

type QueryState = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

interface Answer {
  columns: string[];
  /** By column, as Athena names them. */
  types: string[];
  rows: (string | undefined)[][];
}

interface Query {
  id: string;
  text: string;
  database: string;
  group: WorkGroup;
  state: QueryState;
  reason?: string;
  submittedAt: number;
  completedAt?: number;
  bytesScanned: number;
  answer: Answer;
  connection?: DuckDBConnection;
  finished: Promise<void>;
}

const mostResults = 1_000;

/** What Athena calls the engine's types; the engine sums whole numbers in 128 bits. */
const typeNames: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'tinyint',
  SMALLINT: 'smallint',
  INTEGER: 'integer',
  BIGINT: 'bigint',
  HUGEINT: 'bigint',
  FLOAT: 'float',
  DOUBLE: 'double',
  DECIMAL: 'decimal',
};
const insertInto = /^\s*INSERT\s+INTO\s+(?:"?\w+"?\s*\.\s*)?"?(\w+)"?\s+(?=SELECT|WITH|--|\()/i;
const reading = /^(?:\s|--.*\n)*(?:SELECT|WITH|VALUES|\()/i;

function invalid(message: string): AwsError {
  return new AwsError('InvalidRequestException', message);
}

/** The value of a parameter, which is written as a literal: `'text'` or a number. */
function parameterOf(literal: unknown): string | number {
  const text = String(literal);
  const [, inner] = /^'((?:[^']|'')*)'$/.exec(text) ?? [];
  if (inner !== undefined) return inner.replaceAll("''", "'");
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  throw invalid(`The execution parameter ${text} is no literal`);
}

/** How Athena writes a value: as text, or nothing for null. */
function written(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

function csvOf({ columns, rows }: Answer): Buffer {
  const line = (cells: readonly (string | undefined)[]) =>
    cells.map((cell) => (cell === undefined ? '' : `"${cell.replaceAll('"', '""')}"`)).join(',');
  return Buffer.from(`${[columns, ...rows].map(line).join('\n')}\n`);
}

/** Reads the tables' files; of an absent one nothing. */
function viewOf(table: CatalogTable, files: readonly MirroredObject[]): string {
  const columns = [...table.columns, ...table.partitionKeys];
  const name = `${sqlName(table.database)}.${sqlName(table.name)}`;
  if (files.length === 0) {
    const empty = columns.map(
      (column) => `CAST(NULL AS ${engineType(column)}) AS ${sqlName(column.name)}`,
    );
    return `CREATE OR REPLACE VIEW ${name} AS SELECT ${empty.join(', ')} WHERE false`;
  }
  const list = files.map(({ path }) => sqlText(path)).join(', ');
  const types = table.partitionKeys
    .map((column) => `${sqlText(column.name)}: ${engineType(column)}`)
    .join(', ');
  return `CREATE OR REPLACE VIEW ${name} AS SELECT ${columns.map((column) => sqlName(column.name)).join(', ')}
    FROM read_parquet([${list}], hive_partitioning = true, hive_types = {${types}}, union_by_name = true)`;
}

/**
 * Athena over the tables of the catalog: one statement a query, SELECT or INSERT INTO, with the rights of whoever asks.
 * What a query counts as read are all files of the tables that it names.
 *
 * @param folder for files on their way, which the engine may read and write
 */
export function createAthenaService(options: {
  cloud: CloudIdentity;
  folder: string;
  catalog: Catalog;
  engine: SqlEngine;
  objects: ObjectMirror;
  /** S3 with the rights of an access key. */
  clientOf(accessKeyId: string): S3Client;
  now(): number;
}): AthenaService {
  const { catalog, cloud, engine, folder, now, objects } = options;
  const groups = new Map<string, WorkGroup>();
  const queries = new Map<string, Query>();

  const groupOf = (name: unknown): WorkGroup => {
    const group = groups.get(String(name));
    if (group !== undefined) return group;
    throw invalid(`WorkGroup is not found: ${String(name)}`);
  };
  const queryOf = (id: unknown): Query => {
    const query = queries.get(String(id));
    if (query !== undefined) return query;
    throw invalid(`QueryExecution ${String(id)} was not found`);
  };
  const tablesIn = (text: string, database: string): CatalogTable[] =>
    catalog.tablesOf(database).filter(({ name }) => new RegExp(`\\b${name}\\b`, 'i').test(text));

  const insert = async (
    connection: DuckDBConnection,
    client: S3Client,
    table: CatalogTable,
    select: string,
    values: (string | number)[],
  ): Promise<void> => {
    const columns = [...table.columns, ...table.partitionKeys];
    const names = columns.map(({ name }) => sqlName(name)).join(', ');
    const cast = columns.map(
      (column) =>
        `CAST(${sqlName(column.name)} AS ${engineType(column)}) AS ${sqlName(column.name)}`,
    );
    const target = join(folder, randomUUID());
    await mkdir(target, { recursive: true });
    try {
      await connection.run(
        `COPY (SELECT ${cast.join(', ')} FROM (${select}\n) AS inserted(${names})) TO ${sqlText(target)}
         (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (${table.partitionKeys.map(({ name }) => sqlName(name)).join(', ')}), OVERWRITE_OR_IGNORE)`,
        values,
      );
      for (const entry of await readdir(target, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const below = relative(target, entry.parentPath);
        const body = await readFile(join(entry.parentPath, entry.name));
        const key = `${table.prefix}${below}/${randomUUID()}.parquet`;
        await objects.put(client, table.bucket, key, body);
      }
    } finally {
      await rm(target, { recursive: true, force: true });
    }
  };

  const run = async (
    query: Query,
    client: S3Client,
    values: (string | number)[],
  ): Promise<void> => {
    const { database, group, text } = query;
    const [whole, into] = insertInto.exec(text) ?? [];
    const tables = tablesIn(text, database);
    await engine.use(async (connection) => {
      if (query.state !== 'RUNNING') return;
      query.connection = connection;
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${sqlName(database)}`);
      for (const table of tables) {
        const files = await objects.bring(client, table.bucket, table.prefix);
        query.bytesScanned += files.reduce((sum, { bytes }) => sum + bytes, 0);
        await connection.run(viewOf(table, files));
      }
      if (query.bytesScanned > (group.bytesScannedCutoff ?? Number.POSITIVE_INFINITY)) {
        throw invalid('Query cancelled! : Bytes scanned limit was exceeded');
      }
      await connection.run(`USE ${sqlName(database)}`);
      if (whole !== undefined) {
        const select = text.slice(whole.length);
        await insert(connection, client, catalog.table(database, into ?? ''), select, values);
      } else {
        const reader = await connection.runAndReadAll(text, values);
        query.answer = {
          columns: reader.deduplicatedColumnNames(),
          types: reader
            .columnTypes()
            .map((type) => typeNames[type.toString().replace(/\(.*/, '')] ?? 'varchar'),
          rows: reader.getRowsJS().map((row) => row.map(written)),
        };
      }
      const place = placeOf(group.outputLocation);
      if (place === undefined) throw invalid('The workgroup says not where answers go');
      await objects.put(
        client,
        place.bucket,
        `${place.prefix}${query.id}.csv`,
        csvOf(query.answer),
      );
    });
  };

  const describe = (query: Query): JsonObject => ({
    QueryExecutionId: query.id,
    Query: query.text,
    StatementType: 'DML',
    QueryExecutionContext: { Database: query.database },
    WorkGroup: query.group.name,
    ResultConfiguration: { OutputLocation: `${query.group.outputLocation}${query.id}.csv` },
    Status: {
      State: query.state,
      SubmissionDateTime: query.submittedAt / 1_000,
      ...(query.completedAt === undefined ? {} : { CompletionDateTime: query.completedAt / 1_000 }),
      ...(query.reason === undefined ? {} : { StateChangeReason: query.reason }),
    },
    Statistics: {
      DataScannedInBytes: query.bytesScanned,
      EngineExecutionTimeInMillis: (query.completedAt ?? now()) - query.submittedAt,
    },
  });

  const start = (parameters: JsonObject, accessKeyId: string): JsonObject => {
    const text = String(parameters.QueryString ?? '');
    if (!insertInto.test(text) && !reading.test(text)) {
      throw invalid('The local cloud answers SELECT and INSERT INTO … SELECT');
    }
    const context = parameters.QueryExecutionContext;
    const values = [parameters.ExecutionParameters ?? []].flat().map(parameterOf);
    const query: Query = {
      id: randomUUID(),
      text,
      database: isJsonObject(context) ? String(context.Database ?? 'default') : 'default',
      group: groupOf(parameters.WorkGroup),
      state: 'RUNNING',
      submittedAt: now(),
      bytesScanned: 0,
      answer: { columns: [], types: [], rows: [] },
      finished: Promise.resolve(),
    };
    const end = (state: QueryState, reason?: string): void => {
      delete query.connection;
      if (query.state !== 'RUNNING') return;
      query.state = state;
      query.completedAt = now();
      if (reason !== undefined) query.reason = reason;
    };
    const client = options.clientOf(accessKeyId);
    query.finished = run(query, client, values)
      .then(
        () => end('SUCCEEDED'),
        (error: unknown) => end('FAILED', error instanceof Error ? error.message : String(error)),
      )
      .finally(() => client.destroy());
    queries.set(query.id, query);
    return { QueryExecutionId: query.id };
  };

  const stop = (query: Query): void => {
    if (query.state !== 'RUNNING') return;
    query.state = 'CANCELLED';
    query.completedAt = now();
    query.connection?.interrupt();
  };

  const operations: Record<string, (parameters: JsonObject, key: string) => JsonObject> = {
    StartQueryExecution: start,
    GetQueryExecution: ({ QueryExecutionId }) => ({
      QueryExecution: describe(queryOf(QueryExecutionId)),
    }),
    GetQueryResults(parameters) {
      const query = queryOf(parameters.QueryExecutionId);
      if (query.state !== 'SUCCEEDED') {
        throw invalid(`Query did not finish successfully. Final query state: ${query.state}`);
      }
      const { columns, rows, types } = query.answer;
      // The first row of the first page are the names of the columns.
      const all = columns.length === 0 ? [] : [columns, ...rows];
      const from = Number(parameters.NextToken ?? 0);
      const until = from + Math.min(Number(parameters.MaxResults ?? mostResults), mostResults);
      return {
        ResultSet: {
          Rows: all.slice(from, until).map((row) => ({
            Data: row.map((cell) => (cell === undefined ? {} : { VarCharValue: cell })),
          })),
          ResultSetMetadata: {
            ColumnInfo: columns.map((Name, i) => ({ Name, Type: types[i] ?? 'varchar' })),
          },
        },
        ...(until < all.length ? { NextToken: String(until) } : {}),
      };
    },
    StopQueryExecution({ QueryExecutionId }) {
      stop(queryOf(QueryExecutionId));
      return {};
    },
  };

  /** What Athena looks up with the rights of whoever asks. */
  const catalogPermissions = ({ QueryExecutionContext, QueryString }: JsonObject): Permission[] => {
    const context = QueryExecutionContext;
    const database = isJsonObject(context) ? String(context.Database ?? 'default') : 'default';
    // Glue asks for whatever a thing lies in as well: a database lies in the catalog, a table in both.
    const above = ['catalog', `database/${database}`];
    const tables = tablesIn(String(QueryString ?? ''), database).map(
      ({ name }) => `table/${database}/${name}`,
    );
    const on = (action: string, resources: readonly string[]): Permission[] =>
      resources.map((resource) => ({ action, resource: arnOf(cloud, 'glue', resource) }));
    return [
      ...on('glue:GetDatabase', above),
      ...(tables.length === 0 ? [] : on('glue:GetTable', [...above, ...tables])),
    ];
  };

  return {
    permissions({ operation, parameters }: AwsRequest) {
      const group =
        parameters.WorkGroup ?? queries.get(String(parameters.QueryExecutionId))?.group.name;
      const own = {
        action: `athena:${operation}`,
        resource: group === undefined ? '*' : arnOf(cloud, 'athena', `workgroup/${String(group)}`),
      };
      return operation === 'StartQueryExecution' ? [own, ...catalogPermissions(parameters)] : [own];
    },
    async handle(request) {
      const operation = operations[request.operation];
      if (operation === undefined) {
        throw new AwsError(
          'UnknownOperationException',
          `Athena ${request.operation} is not emulated`,
        );
      }
      return jsonResponse(operation(request.parameters, request.accessKeyId));
    },
    addWorkGroup: (group) => void groups.set(group.name, group),
    async close() {
      for (const query of queries.values()) stop(query);
      await Promise.all([...queries.values()].map(({ finished }) => finished));
    },
  };
}
