import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSealer, readSealingKeys, type Sealer } from '../../functions/adapters/sealing.ts';
import { caseOfItem, STATE_ITEM, warningOfItem } from '../../functions/adapters/subjects-table.ts';
import type { Case, Warning } from '../../lib/domain/subject/decide.ts';
import type { SubjectState } from '../../lib/domain/subject/subject-state.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';

/** What stands in the subjects table after a replay, with clear numbers: the local cloud's own key is at hand. */
export interface ReplayResults {
  readonly warnings: readonly {
    readonly warning: Warning;
    readonly status: string;
    readonly subject: string;
  }[];
  readonly cases: readonly Case[];
  /** Callers with at least one exposure. */
  readonly riskyCallers: ReadonlySet<string>;
}

/** Opens the seal of the local cloud's number tokens. */
export async function openSealer(cloud: LocalCloud): Promise<Sealer> {
  const { endpoint, region, credentials } = cloud;
  const client = new SecretsManagerClient({ endpoint, region, credentials });
  try {
    return createSealer(await readSealingKeys(client, cloud.outputs.SealingSecretArn ?? ''));
  } finally {
    client.destroy();
  }
}

/** Reads what the pipeline decided. */
export async function observeResults(cloud: LocalCloud): Promise<ReplayResults> {
  const { endpoint, region, credentials, outputs } = cloud;
  const sealer = await openSealer(cloud);
  const client = new DynamoDBClient({ endpoint, region, credentials });
  const warnings: { warning: Warning; status: string; subject: string }[] = [];
  const cases: Case[] = [];
  const riskyCallers = new Set<string>();
  try {
    for await (const page of paginateScan({ client }, { TableName: outputs.SubjectsTableName })) {
      for (const item of page.Items ?? []) {
        const warning = warningOfItem(item);
        const opened = caseOfItem(item);
        if (warning !== undefined) {
          const subject = sealer.unseal(warning.subject).number;
          warnings.push({ warning, status: item.status?.S ?? '', subject });
        } else if (opened !== undefined) {
          cases.push(opened);
        } else if (item.item?.S === STATE_ITEM && item.state?.S !== undefined) {
          const state = JSON.parse(item.state.S) as SubjectState;
          for (const { caller } of state.exposures) riskyCallers.add(sealer.unseal(caller).number);
        }
      }
    }
  } finally {
    client.destroy();
  }
  return { warnings, cases, riskyCallers };
}
