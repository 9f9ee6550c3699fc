import { mkdir } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { LocalCloudError } from '../errors.ts';
import type { CatalogColumn } from './catalog.ts';

const memoryLimit = '512MiB';
const threads = '2';

/** Glue's types, and what the engine calls them. */
const engineTypes: Record<string, string> = {
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  double: 'DOUBLE',
  float: 'FLOAT',
  int: 'INTEGER',
  smallint: 'SMALLINT',
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP',
  tinyint: 'TINYINT',
};

/** @throws LocalCloudError `resource-invalid` for a type that is not emulated */
export function engineType({ name, type }: CatalogColumn): string {
  const known = engineTypes[type];
  if (known !== undefined) return known;
  throw new LocalCloudError('resource-invalid', `Column ${name}: the type ${type} is not emulated`);
}

/** A text as a literal of SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as SQL takes any. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An embedded SQL engine for what converts and asks Parquet files. */
export interface SqlEngine {
  /** Runs something with the engine alone: one after the other. */
  use<Result>(work: (connection: DuckDBConnection) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/**
 * Loaded and opened at first use: most runs never ask for it, and those that do should be up as soon.
 *
 * @param folder all that the engine may read and write
 */
export function createSqlEngine(folder: string): SqlEngine {
  let opening: Promise<DuckDBInstance> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const open = async (): Promise<DuckDBInstance> => {
    await mkdir(folder, { recursive: true });
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: memoryLimit,
      threads,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    await connection.run(`SET temp_directory = ${sqlText(`${folder}/spill`)}`);
    // Whole numbers divide to whole numbers in Athena's SQL.
    await connection.run('SET integer_division = true');
    await connection.run(`SET allowed_directories = [${sqlText(folder)}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    connection.closeSync();
    return instance;
  };

  return {
    use(work) {
      const turn = last.then(async () => {
        opening ??= open();
        const connection = await (await opening).connect();
        try {
          return await work(connection);
        } finally {
          connection.closeSync();
        }
      });
      last = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      await last;
      if (opening !== undefined) (await opening).closeSync();
    },
  };
}
