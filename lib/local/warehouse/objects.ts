import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { AwsError } from '../gateway/aws-error.ts';

/** A file that holds an object of S3. */
export interface MirroredObject {
  path: string;
  bytes: number;
}

/** Objects of S3 as files, laid out as there: the engine reads files. */
export interface ObjectMirror {
  /** Brings the files below a prefix up to what the bucket holds, with the rights of whoever owns the client. */
  bring(client: S3Client, bucket: string, prefix: string): Promise<MirroredObject[]>;
  put(client: S3Client, bucket: string, key: string, body: Buffer): Promise<void>;
}

/** A key as a path that cannot lead anywhere else. @throws AwsError */
function pathOf(folder: string, bucket: string, key: string): string {
  const parts = key.split('/');
  if (parts.some((part) => part === '.' || part === '..')) {
    throw new AwsError('InvalidRequest', 'The local cloud keeps no objects named by dots');
  }
  // As Hive writes what is no part of a file's name.
  const safe = parts.map((part) => encodeURIComponent(part).replaceAll('%3D', '='));
  return join(folder, bucket, ...safe);
}

/** @param folder where the files are, a folder for each bucket */
export function createObjectMirror(folder: string): ObjectMirror {
  /** What this run brought, by path: an object of another version is another one. */
  const brought = new Map<string, string>();

  const write = async (path: string, body: Uint8Array): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, body);
    await rename(`${path}.part`, path);
  };

  return {
    async bring(client, bucket, prefix) {
      const found = new Map<string, MirroredObject>();
      for await (const page of paginateListObjectsV2(
        { client },
        { Bucket: bucket, Prefix: prefix },
      )) {
        for (const { Key = '', ETag = '', Size = 0 } of page.Contents ?? []) {
          const path = pathOf(folder, bucket, Key);
          found.set(path, { path, bytes: Size });
          if (brought.get(path) === ETag && (await isThere(path))) continue;
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
          await write(path, (await Body?.transformToByteArray()) ?? new Uint8Array());
          brought.set(path, ETag);
        }
      }
      const below = `${join(folder, bucket, prefix)}`;
      for (const path of brought.keys()) {
        if (!path.startsWith(below) || found.has(path)) continue;
        brought.delete(path);
        await rm(path, { force: true });
      }
      return [...found.values()];
    },
    async put(client, bucket, key, body) {
      const path = pathOf(folder, bucket, key);
      const { ETag = '' } = await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }),
      );
      await write(path, body);
      brought.set(path, ETag);
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    // Somebody removed it, or it never came.
    return false;
  }
}
