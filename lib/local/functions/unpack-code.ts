import { cp, mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LocalCloudError } from '../errors.ts';

/** Where a function's code comes from: a folder or file of the assembly, or text in the template. */
export type CodeSource = { path: string } | { inline: string };

/**
 * Copies a function's code to a folder of its own, beside a package.json that makes `.js` mean
 * CommonJS as on Lambda: where the assembly lies, a project's own package.json may say otherwise.
 *
 * @throws LocalCloudError `asset-missing` when the asset is not there.
 */
export async function unpackCode(source: CodeSource, targetDir: string): Promise<void> {
  await mkdir(targetDir, { recursive: true });
  await writeFile(join(targetDir, 'package.json'), '{"type":"commonjs"}\n');
  if ('inline' in source) {
    await writeFile(join(targetDir, 'index.js'), source.inline);
    return;
  }
  const found = await stat(source.path).catch((cause: unknown) => {
    throw new LocalCloudError('asset-missing', `The asset ${basename(source.path)} is missing`, {
      cause,
    });
  });
  if (!found.isDirectory()) {
    throw new LocalCloudError(
      'asset-missing',
      `The asset ${basename(source.path)} is not a folder: zipped code is not supported`,
    );
  }
  await cp(source.path, targetDir, { recursive: true });
}
