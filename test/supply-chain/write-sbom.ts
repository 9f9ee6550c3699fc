import { writeFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { EXIT } from '../../bin/exit-codes.ts';
import product from '../../package.json' with { type: 'json' };
import { readLock } from './package-lock.ts';
import { bomOf } from './sbom.ts';

const HELP = `
Lists every package that ships, with its version, licence, hash and what it needs, from package-lock.json alone:
the same lock gives the same file.

Examples:
  $ npm run sbom
  $ npm run sbom -- --out -
`;

const program = new Command('npm run sbom --')
  .description('Write what ships as a bill of materials (CycloneDX 1.5)')
  .option('--out <file>', 'where to; - is standard output', 'sbom.cdx.json')
  .addHelpText('after', HELP)
  .exitOverride();
try {
  await program.parseAsync();
  const { out } = program.opts<{ out: string }>();
  const bom = bomOf(readLock(), product);
  const text = `${JSON.stringify(bom, undefined, 2)}\n`;
  if (out === '-') process.stdout.write(text);
  else {
    writeFileSync(out, text);
    console.log(`${bom.components.length} packages in ${out}`);
  }
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
