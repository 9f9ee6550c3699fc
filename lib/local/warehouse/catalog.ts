import { AwsError } from '../gateway/aws-error.ts';
import { isJsonObject, type JsonValue } from '../json-value.ts';

/** A column of a table, by Glue's name of its type. */
export interface CatalogColumn {
  name: string;
  type: string;
}

/** A table of the Glue data catalog, Parquet in S3. */
export interface CatalogTable {
  database: string;
  name: string;
  columns: CatalogColumn[];
  partitionKeys: CatalogColumn[];
  bucket: string;
  /** Ends in a slash. */
  prefix: string;
}

/** The Glue data catalog, as far as the template fills it. */
export interface Catalog {
  addTable(table: CatalogTable): void;
  /** @throws AwsError `EntityNotFoundException` */
  table(database: string, name: string): CatalogTable;
  tablesOf(database: string): CatalogTable[];
}

export function createCatalog(): Catalog {
  const tables = new Map<string, CatalogTable>();
  return {
    addTable: (table) => void tables.set(`${table.database}.${table.name}`, table),
    table(database, name) {
      const table = tables.get(`${database}.${name}`);
      if (table !== undefined) return table;
      throw new AwsError('EntityNotFoundException', `Table ${name} is not in ${database}`);
    },
    tablesOf: (database) => [...tables.values()].filter((table) => table.database === database),
  };
}

/** Columns as a template lists them. */
export function columnsOf(list: JsonValue | undefined): CatalogColumn[] {
  return [list ?? []]
    .flat()
    .filter(isJsonObject)
    .map(({ Name, Type }) => ({ name: String(Name), type: String(Type ?? 'string') }));
}

/** `s3://bucket/prefix/` taken apart; undefined for anything else. */
export function placeOf(
  location: JsonValue | undefined,
): { bucket: string; prefix: string } | undefined {
  const [, bucket, path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(String(location)) ?? [];
  if (bucket === undefined) return undefined;
  return { bucket, prefix: path === '' || path.endsWith('/') ? path : `${path}/` };
}
