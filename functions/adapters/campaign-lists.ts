import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { NumberToken } from '../../lib/domain/leg.ts';

/** The lists of a campaign's people: those of each stage, and those held out. */
export type CampaignList = 'first' | 'all' | 'held-out';

/** Lists of tokens in S3, one JSON object a line, as the workflow's map reads them. No clear number is in any. */
export interface CampaignLists {
  keyOf(id: string, list: CampaignList): string;
  /** Writes a list, in the place of an earlier one. */
  put(id: string, list: CampaignList, people: readonly NumberToken[]): Promise<void>;
  read(id: string, list: CampaignList): Promise<NumberToken[]>;
}

const PREFIX = 'campaigns/';

/** A line of a list, and an item of the workflow's map. */
export interface ListedPerson {
  readonly person: NumberToken;
}

export function createCampaignLists(client: S3Client, bucket: string): CampaignLists {
  const keyOf = (id: string, list: CampaignList) => `${PREFIX}${id}/${list}.jsonl`;
  return {
    keyOf,
    async put(id, list, people) {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: keyOf(id, list),
          Body: people
            .map((person) => `${JSON.stringify({ person } satisfies ListedPerson)}\n`)
            .join(''),
          ContentType: 'application/jsonl',
        }),
      );
    },
    async read(id, list) {
      const { Body } = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: keyOf(id, list) }),
      );
      const text = (await Body?.transformToString('utf-8')) ?? '';
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as ListedPerson).person);
    },
  };
}
