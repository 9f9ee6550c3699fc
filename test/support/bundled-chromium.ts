import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PrintingBrowser } from '../../bin/study/print-pdf.ts';

/** A browser that came with `npm ci`, in a folder of its own. */
export interface BundledChromium extends PrintingBrowser {
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** Why the bundled browser cannot run here; undefined where it can. */
export function whyNoChromium(): string | undefined {
  return process.platform === 'linux' && process.arch === 'x64'
    ? undefined
    : `the bundled Chromium runs on linux-x64 only, and this is ${process.platform}-${process.arch}`;
}

/**
 * Unpacks the browser with the libraries (NSS) that machines without a desktop lack. The package unpacks into fixed names
 * of the temporary folder; in one of our own, tests beside each other do not meet.
 */
export async function unpackChromium(): Promise<BundledChromium> {
  const folder = await mkdtemp(join(tmpdir(), 'forewarn-chromium-'));
  const { inflate } = await import('@sparticuz/chromium');
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const archives = join(dirname(entry), '..', 'bin');
  const before = process.env.TMPDIR;
  // Read anew by the package at each call.
  process.env.TMPDIR = folder;
  try {
    const unpacking = ['chromium.br', 'fonts.tar.br', 'al2023.tar.br'].map((archive) =>
      inflate(join(archives, archive)),
    );
    await Promise.all(unpacking);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  // The package's own names folders of AWS Lambda.
  const fonts = join(folder, 'fonts.conf');
  await writeFile(
    fonts,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, 'font-cache')}</cachedir>
</fontconfig>
`,
  );
  return {
    executablePath: join(folder, 'chromium'),
    environment: {
      HOME: folder,
      TMPDIR: folder,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: fonts,
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
