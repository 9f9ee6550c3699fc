import { DeleteObjectsCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { ArchiveBucketError } from './errors.ts';

const DAY = /^\d{4}-\d\d-\d\d$/;

/**
 * Removes all objects below a prefix.
 *
 * @returns how many there were
 * @throws ArchiveBucketError when S3 does not delete them all
 */
export async function clearObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
): Promise<number> {
  let cleared = 0;
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client },
    { Bucket: bucket, Prefix: prefix },
  )) {
    if (Contents.length === 0) continue;
    // A page lists as many objects as one request deletes: 1,000.
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true },
      }),
    );
    if (Errors.length > 0) {
      throw new ArchiveBucketError(`${Errors.length} objects were not deleted: ${Errors[0]?.Code}`);
    }
    cleared += Contents.length;
  }
  return cleared;
}

/**
 * Removes the compacted calls of a day, so that they can be written anew.
 *
 * @param day `YYYY-MM-DD`
 * @returns how many objects there were
 * @throws ArchiveBucketError when S3 does not delete them all, or it is no day
 */
export async function clearCallsOfDay(
  client: S3Client,
  bucket: string,
  day: string,
): Promise<number> {
  // Anything else would name other objects, up to all of them.
  if (!DAY.test(day)) throw new ArchiveBucketError('that is no day');
  return clearObjects(client, bucket, `calls/day=${day}/`);
}
