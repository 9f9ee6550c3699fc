import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UsageError } from '../exit-codes.ts';

/** Usual names of Chromium and its relatives. */
const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'chrome-headless-shell',
  'microsoft-edge',
];

/** Where they are on machines that do not put them on the PATH. */
const PLACES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
};

/**
 * Finds a browser that prints: what `CHROME_PATH` names, else the usual names on the `PATH`.
 *
 * @throws {UsageError} saying what to do where there is none
 */
export function findBrowser(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  const named = environment.CHROME_PATH;
  if (named !== undefined && named !== '') {
    if (canRun(named)) return named;
    throw new UsageError(`CHROME_PATH names ${named}, which is no program that can be run.`);
  }
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...(PLACES[platform] ?? []),
  ];
  const found = candidates.find(canRun);
  if (found !== undefined) return found;
  throw new UsageError(
    'A PDF is printed by a browser, and none was found: install Chromium or Chrome, or set CHROME_PATH to one. ' +
      'Without --pdf the report is written as HTML, which any browser prints.',
  );
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
