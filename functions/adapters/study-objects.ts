import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { clearObjects } from './archive-bucket.ts';

/** What the study reads and writes beside its questions. */
export interface StudyObjects {
  /** Days that have calls, in order. */
  days(): Promise<readonly string[]>;
  /** Changes whenever the calls of a day do. */
  stateOfCalls(day: string): Promise<string>;
  /** The state of the calls that a day's summaries were made of; undefined when there are none. */
  readMark(day: string): Promise<string | undefined>;
  writeMark(day: string, state: string): Promise<void>;
  /** The centre's own reference of features, as text; undefined when it keeps none. */
  readReference(): Promise<string | undefined>;
  /** Removes a partition: Athena adds to what is there, and leaves behind what it wrote of a failed statement. */
  clear(table: string, partition: string): Promise<void>;
}

const CALLS = 'calls/';
const MARKS = 'studies/summaries/';
/** Where the centre puts its own reference of features. */
export const REFERENCE_KEY = 'references/features.json';

/** What the daily study reads and writes in the archive's bucket, beside its questions. */
export function createStudyObjects(client: S3Client, bucket: string): StudyObjects {
  const markOf = (day: string) => ({ Bucket: bucket, Key: `${MARKS}day=${day}` });
  const textOf = async (object: { Bucket: string; Key: string }): Promise<string | undefined> => {
    try {
      const { Body } = await client.send(new GetObjectCommand(object));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  };
  return {
    async days() {
      const days: string[] = [];
      const pages = paginateListObjectsV2(
        { client },
        { Bucket: bucket, Prefix: CALLS, Delimiter: '/' },
      );
      for await (const { CommonPrefixes = [] } of pages) {
        for (const { Prefix = '' } of CommonPrefixes) {
          const [, day] = /\/day=(\d{4}-\d\d-\d\d)\/$/.exec(Prefix) ?? [];
          if (day !== undefined) days.push(day);
        }
      }
      return days.toSorted();
    },

    async stateOfCalls(day) {
      const hash = createHash('sha256');
      const pages = paginateListObjectsV2(
        { client },
        { Bucket: bucket, Prefix: `${CALLS}day=${day}/` },
      );
      for await (const { Contents = [] } of pages) {
        for (const { ETag, Key } of Contents) hash.update(`${Key} ${ETag}\n`);
      }
      return hash.digest('hex');
    },

    readMark: (day) => textOf(markOf(day)),

    readReference: () => textOf({ Bucket: bucket, Key: REFERENCE_KEY }),

    async writeMark(day, state) {
      await client.send(new PutObjectCommand({ ...markOf(day), Body: state }));
    },

    async clear(table, partition) {
      await clearObjects(client, bucket, `${table}/${partition}/`);
    },
  };
}

/** A file of a study, by its name: `study.json`, or a report. */
export async function putStudyFile(
  client: S3Client,
  bucket: string,
  day: string,
  file: { readonly name: string; readonly type: string; readonly body: string },
): Promise<void> {
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: `studies/day=${day}/${file.name}`,
      ContentType: file.type,
      Body: file.body,
    }),
  );
}
