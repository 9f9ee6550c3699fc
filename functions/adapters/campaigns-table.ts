import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { Campaign } from '../../lib/domain/campaign/campaign.ts';
import type { CampaignCounts, CampaignRun } from '../../lib/domain/campaign/campaign-run.ts';
import type { Exclusion } from '../../lib/domain/campaign/eligibility.ts';
import { COUNTED, type Counted, campaignKey, LIST_KEY, SKIPPED } from './campaign-keys.ts';
import { TableError } from './errors.ts';
import { transact } from './transact.ts';

/** A campaign that was started. */
export interface StoredCampaign {
  readonly campaign: Campaign;
  readonly run: CampaignRun;
  readonly counts: CampaignCounts;
}

export interface CampaignStore {
  read(id: string): Promise<StoredCampaign | undefined>;
  /** Ids, the latest first start first. */
  list(): AsyncIterable<string>;
  /** @returns false when there is such a campaign already */
  create(campaign: Campaign, run: CampaignRun): Promise<boolean>;
  /** @returns false when it changed since it was read */
  update(id: string, read: CampaignRun, run: CampaignRun): Promise<boolean>;
}

type Item = Record<string, AttributeValue>;

const FAILED = 'ConditionalCheckFailed';
/** Notices count on the same item: a change may have to wait for them. */
const MOST_TRIES = 50;

function countsOf(item: Item): CampaignCounts {
  const counted = Object.fromEntries(
    COUNTED.map((name) => [name, Number(item[name]?.N ?? 0)]),
  ) as Record<Counted, number>;
  const skipped = Object.entries(item)
    .filter(([name]) => name.startsWith(SKIPPED))
    .map(([name, value]): [Exclusion, number] => [
      name.slice(SKIPPED.length) as Exclusion,
      Number(value.N),
    ]);
  return { ...counted, skipped: Object.fromEntries(skipped) };
}

/** What conditions look at stands beside the documents. */
function runAttributes(run: CampaignRun): Item {
  return {
    run: { S: JSON.stringify(run) },
    state: { S: run.state },
    runNumber: { N: String(run.run) },
  };
}

export function createCampaignsTable(
  client: DynamoDBClient,
  table: string,
  delay: (ms: number) => Promise<unknown>,
): CampaignStore {
  async function write(item: Parameters<typeof transact>[1]): Promise<boolean> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const codes = await transact(client, item);
      if (codes.length === 0) return true;
      if (codes.includes(FAILED)) return false;
      await delay(20);
    }
    throw new TableError('a campaign stayed busy');
  }

  return {
    async read(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: campaignKey(id), ConsistentRead: true }),
      );
      if (Item?.document?.S === undefined || Item.run?.S === undefined) return undefined;
      return {
        campaign: JSON.parse(Item.document.S) as Campaign,
        run: JSON.parse(Item.run.S) as CampaignRun,
        counts: countsOf(Item),
      };
    },
    async *list() {
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          KeyConditionExpression: '#key = :list',
          ExpressionAttributeNames: { '#key': 'key' },
          ExpressionAttributeValues: { ':list': { S: LIST_KEY } },
          ScanIndexForward: false,
        },
      );
      for await (const { Items } of pages) for (const { id } of Items ?? []) yield id?.S ?? '';
    },
    create: (campaign, run) =>
      write([
        {
          Put: {
            TableName: table,
            Item: {
              ...campaignKey(campaign.id),
              document: { S: JSON.stringify(campaign) },
              ...runAttributes(run),
            },
            ConditionExpression: 'attribute_not_exists(#key)',
            ExpressionAttributeNames: { '#key': 'key' },
          },
        },
        {
          Put: {
            TableName: table,
            Item: {
              key: { S: LIST_KEY },
              item: { S: `${new Date(run.changedAt).toISOString()}#${campaign.id}` },
              id: { S: campaign.id },
            },
          },
        },
      ]),
    update: (id, read, run) => {
      const { run: document, runNumber, state } = runAttributes(run);
      return write([
        {
          Update: {
            TableName: table,
            Key: campaignKey(id),
            UpdateExpression: 'SET #run = :run, #state = :state, runNumber = :number',
            ConditionExpression: '#run = :read',
            ExpressionAttributeNames: { '#run': 'run', '#state': 'state' },
            ExpressionAttributeValues: {
              ':run': document as AttributeValue,
              ':state': state as AttributeValue,
              ':number': runNumber as AttributeValue,
              ':read': { S: JSON.stringify(read) },
            },
          },
        },
      ]);
    },
  };
}

/**
 * Changes where a campaign stands, anew on what another writer left if that came between.
 *
 * @param change undefined leaves it as it is
 * @returns the campaign as it stands after it; undefined where there is none
 */
export async function changeRun(
  store: Pick<CampaignStore, 'read' | 'update'>,
  id: string,
  change: (stored: StoredCampaign) => CampaignRun | undefined,
): Promise<StoredCampaign | undefined> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const stored = await store.read(id);
    const run = stored && change(stored);
    if (stored === undefined || run === undefined) return stored;
    if (run === stored.run || (await store.update(id, stored.run, run))) return { ...stored, run };
  }
  throw new TableError('a campaign kept changing under us');
}
