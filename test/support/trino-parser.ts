import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TrinoSQL } from 'dt-sql-parser/dist/parser/trino/index.js';
import { build } from 'esbuild';

/**
 * A parser of Trino's SQL, which Athena speaks. Its package is written for bundlers, with imports that Node does not
 * resolve, and its one entry loads eight languages.
 */
export async function loadTrinoParser(): Promise<TrinoSQL> {
  const folder = await mkdtemp(join(tmpdir(), 'forewarn-trino-'));
  try {
    const outfile = join(folder, 'trino.mjs');
    const entry = createRequire(import.meta.url).resolve(
      'dt-sql-parser/dist/parser/trino/index.js',
    );
    await build({
      entryPoints: [entry],
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
    });
    const loaded = (await import(pathToFileURL(outfile).href)) as { TrinoSQL: typeof TrinoSQL };
    return new loaded.TrinoSQL();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
