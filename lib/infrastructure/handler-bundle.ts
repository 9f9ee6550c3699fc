import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { type FunctionName, functionNames } from './stage-config.ts';

const functionsFolder = fileURLToPath(new URL('../../functions/', import.meta.url));

/** A function folder has no handler to bundle. */
class HandlerMissingError extends Error {
  readonly code = 'HANDLER_MISSING';

  constructor(name: FunctionName) {
    super(`functions/${name}/handler.ts does not exist: every function needs its handler`);
    this.name = 'HandlerMissingError';
  }
}

/**
 * A function's handler with all that it imports, the AWS SDK too, as one CommonJS file. Bundled here
 * by esbuild, without Docker, straight into the cloud assembly; the asset's hash is that of the
 * bundle, so a function is deployed again only when its code differs.
 *
 * @param files folders that it reads as they are, by their names beside it
 * @throws {HandlerMissingError} when there is no handler
 */
export function handlerBundle(
  name: FunctionName,
  files: Readonly<Record<string, string>> = {},
): Code {
  return Code.fromAsset(join(functionsFolder, name), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: CDK wants an image named even where the bundling is local.
      image: DockerImage.fromRegistry('scratch'),
      local: {
        tryBundle(outputFolder) {
          writeFileSync(join(outputFolder, 'index.js'), bundleOf(name));
          for (const [beside, folder] of Object.entries(files)) {
            cpSync(folder, join(outputFolder, beside), { recursive: true });
          }
          return true;
        },
      },
    },
  });
}

let bundles: ReadonlyMap<FunctionName, Uint8Array> | undefined;

/** All handlers are bundled at once, at the first demand: they share most of what they import. */
function bundleOf(name: FunctionName): Uint8Array {
  bundles ??= bundleAll();
  const bundle = bundles.get(name);
  if (bundle === undefined) throw new HandlerMissingError(name);
  return bundle;
}

function bundleAll(): ReadonlyMap<FunctionName, Uint8Array> {
  const { outputFiles } = buildSync({
    entryPoints: functionNames.map((name) => ({ in: handlerPath(name), out: name })),
    outdir: functionsFolder,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Names stay as written: stack traces are read by people, and errors are known by name.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'error',
  });
  return new Map(
    outputFiles.map(({ path, contents }) => [basename(path, '.js') as FunctionName, contents]),
  );
}

function handlerPath(name: FunctionName): string {
  const path = join(functionsFolder, name, 'handler.ts');
  if (!existsSync(path)) throw new HandlerMissingError(name);
  return path;
}
