import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { InMemoryPipeline } from './in-memory-pipeline.ts';

/** What calls have made of the tables: to be the same whatever happened on the way. */
export interface FinalState {
  /** Base64, by number token. */
  readonly profiles: ReadonlyMap<string, string>;
  /** By number token. */
  readonly subjects: ReadonlyMap<string, unknown>;
  readonly warnings: readonly string[];
  readonly cases: readonly string[];
}

export type TableItem = Record<string, { S?: string; N?: string; B?: Uint8Array }>;

/** What the calls of an undisturbed run in memory come to. */
export function expectedState({ profiles, subjects }: InMemoryPipeline): FinalState {
  return {
    profiles: new Map(
      [...profiles.items].map(([number, { profile }]) => [
        number,
        Buffer.from(profile ?? []).toString('base64'),
      ]),
    ),
    subjects: new Map(
      [...subjects.items].map(([subject, { state }]) => [
        subject,
        JSON.parse(JSON.stringify(state)) as unknown,
      ]),
    ),
    warnings: [...subjects.warnings.keys()].sort(),
    cases: [...subjects.cases.keys()].sort(),
  };
}

/** Every item of a table. */
export async function scanTable(client: DynamoDBClient, table: string): Promise<TableItem[]> {
  const items: TableItem[] = [];
  for await (const page of paginateScan({ client }, { TableName: table })) {
    items.push(...((page.Items ?? []) as TableItem[]));
  }
  return items;
}

/** What stands in the tables of profiles and subjects. */
export function foundState(
  profiles: readonly TableItem[],
  subjects: readonly TableItem[],
): FinalState {
  const idsOf = (prefix: string) =>
    subjects
      .flatMap(({ item }) => (item?.S?.startsWith(prefix) ? [item.S.slice(prefix.length)] : []))
      .sort();
  return {
    profiles: new Map(
      profiles.map((item) => [
        item.number?.S ?? '',
        Buffer.from(item.profile?.B ?? []).toString('base64'),
      ]),
    ),
    subjects: new Map(
      subjects.flatMap((item): [string, unknown][] =>
        item.state?.S === undefined ? [] : [[item.subject?.S ?? '', JSON.parse(item.state.S)]],
      ),
    ),
    warnings: idsOf('WARNING#'),
    cases: idsOf('CASE#'),
  };
}
