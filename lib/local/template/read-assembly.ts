import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalCloudError } from '../errors.ts';
import type { Template } from './template.ts';

/** A synthesized stack: its template, and where the file assets that it names lie. */
export interface Assembly {
  stackName: string;
  template: Template;
  /** The folder (or file) behind the S3 object key that a `Code` or `ContentUri` property names. */
  assetPath(objectKey: string): string;
}

interface AssetManifest {
  files?: Record<
    string,
    { source?: { path?: string }; destinations?: Record<string, { objectKey?: string }> }
  >;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new LocalCloudError('assembly-unreadable', `Cannot read ${path}`, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Reads one stack of a CDK cloud assembly (`cdk.out`).
 *
 * @throws LocalCloudError `assembly-unreadable` when the template is missing or not JSON;
 * `asset-missing` from `assetPath` when nothing was synthesized under that key.
 */
export async function readAssembly(assemblyDir: string, stackName: string): Promise<Assembly> {
  const template = (await readJson(join(assemblyDir, `${stackName}.template.json`))) as Template;
  const manifestPath = join(assemblyDir, `${stackName}.assets.json`);
  const manifest = (await exists(manifestPath))
    ? ((await readJson(manifestPath)) as AssetManifest)
    : {};
  const paths = new Map<string, string>();
  for (const file of Object.values(manifest.files ?? {})) {
    for (const destination of Object.values(file.destinations ?? {})) {
      if (destination.objectKey !== undefined && file.source?.path !== undefined) {
        paths.set(destination.objectKey, join(assemblyDir, file.source.path));
      }
    }
  }
  return {
    stackName,
    template,
    assetPath(objectKey) {
      const path = paths.get(objectKey);
      if (path === undefined) {
        throw new LocalCloudError('asset-missing', `No asset was synthesized as ${objectKey}`);
      }
      return path;
    },
  };
}
