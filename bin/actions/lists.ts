import { Compile } from 'typebox/compile';
import type { BodyOf } from '../../lib/api/endpoints.ts';
import { bodies, type CaseNumberAdded, MOST_CASE_NUMBERS } from '../../lib/api/schemas.ts';
import type {
  AddAllowedOptions,
  AddCaseNumberOptions,
  ListOptions,
  RemoveOptions,
} from '../commands/casenumber.ts';
import { readCsvRows } from '../csv-rows.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import {
  type Batch,
  batchesOf,
  type FileRow,
  type ImportOptions,
  importRows,
  type LineProblem,
  printImport,
  sendBatch,
} from '../officers/import-rows.ts';
import {
  entriesAsCsv,
  entriesInWords,
  takenBackInWords,
  versionsInWords,
} from '../officers/list-words.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { readPages } from '../officers/read-pages.ts';
import { plainValue } from '../terminal/plain-text.ts';
import { print, printAnswer } from '../terminal/print.ts';
import { localTime } from '../terminal/spoken-time.ts';

type CaseNumberBatch = Batch<BodyOf<'importCaseNumbers'>['numbers'][number]>;

/** The two lists by their commands. */
const LISTS = {
  casenumber: { entries: 'listCaseNumbers', versions: 'listCaseNumberVersions' },
  allow: { entries: 'listAllowedNumbers', versions: 'listAllowedNumberVersions' },
} as const;

const SEARCH_WORDS: Readonly<Record<CaseNumberAdded['archiveSearch'], string>> = {
  'under-way': 'The archive is being searched for those who were in touch with it earlier.',
  'not-started':
    'The archive could not be searched for those who were in touch with it earlier: add it again.',
};
const NOT_SEARCHED =
  'From this line on, the archive could not be searched for those who were in touch with the numbers earlier: import the file again.';

/** Puts a number on the list of case numbers. Returns the exit code. */
export async function addCaseNumber(
  number: string,
  options: AddCaseNumberOptions,
): Promise<number> {
  const { kind, reason, reference, until } = options;
  const call = await openOfficersApi(options);
  const added = await call('addCaseNumber', {
    body: { number, kind, reason, reference, ...(until !== undefined && { until }) },
  });
  return printAnswer(options, added, ({ archiveSearch, id, people, until: end, version }) =>
    [
      `Entry ${id} is on the list (version ${version}) until ${localTime(end)}.`,
      `${people} people were in touch with it lately and are exposed now.`,
      SEARCH_WORDS[archiveSearch],
    ].join('\n'),
  );
}

const CASE_NUMBER_COLUMNS = ['number', 'kind', 'reference', 'reason', '[until]'];

const caseNumberSchema = Compile(bodies.importCaseNumbers.properties.numbers.items);

async function* caseNumberRows(file: string): AsyncGenerator<FileRow> {
  for await (const { line, row } of readCsvRows(file, CASE_NUMBER_COLUMNS)) {
    const { kind, number, reason, reference, until } = row;
    yield { line, fields: { number, kind, reference, reason, ...(until && { until }) } };
  }
}

/** Puts the numbers of a file on the list of case numbers. Returns the exit code. */
export async function importCaseNumbers(file: string, options: ImportOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const unsearched: LineProblem[] = [];
  const batches = batchesOf(caseNumberRows(file), caseNumberSchema, MOST_CASE_NUMBERS);
  const send = (batch: CaseNumberBatch) =>
    sendBatch(batch, async (numbers) => {
      const imported = await call('importCaseNumbers', { body: { numbers } });
      if (imported.archiveSearch === 'not-started') {
        const line = batch.rows[0]?.line ?? 0;
        unsearched.push({ line, detail: NOT_SEARCHED });
      }
      return imported;
    });
  // One request after the other: each number makes a version of the list.
  const result = await importRows(batches, send, 1);
  return printImport(options, { ...result, problems: [...result.problems, ...unsearched] });
}

/** Takes a number off the list of case numbers. Returns the exit code. */
export async function removeCaseNumber(entryId: string, options: RemoveOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const { reason } = options;
  const removed = await call('removeCaseNumber', { parameters: { entryId }, body: { reason } });
  return printAnswer(
    options,
    removed,
    (plain) => `Off the list (version ${plain.version}). ${takenBackInWords(plain)}`,
  );
}

/** Puts a number on the allow-list. Returns the exit code. */
export async function addAllowedNumber(
  number: string,
  options: AddAllowedOptions,
): Promise<number> {
  const { reason, reference, until } = options;
  const call = await openOfficersApi(options);
  const added = await call('addAllowedNumber', { body: { number, reason, reference, until } });
  return printAnswer(options, added, (plain) =>
    [
      `Entry ${plain.id} is on the allow-list (version ${plain.version}).`,
      takenBackInWords(plain),
    ].join('\n'),
  );
}

/** Takes a number off the allow-list. Returns the exit code. */
export async function removeAllowedNumber(
  entryId: string,
  options: RemoveOptions,
): Promise<number> {
  const call = await openOfficersApi(options);
  const { reason } = options;
  const removed = await call('removeAllowedNumber', { parameters: { entryId }, body: { reason } });
  return printAnswer(
    options,
    removed,
    ({ version }) => `Off the allow-list (version ${version}); it is judged again from now on.`,
  );
}

/** Shows a list, or every change of it. Returns the exit code. */
export async function showList(list: keyof typeof LISTS, options: ListOptions): Promise<number> {
  if (options.csv && options.json) throw new UsageError('Give --csv or --json, not both.');
  const call = await openOfficersApi(options);
  const names = LISTS[list];
  if (options.versions) {
    if (options.csv) throw new UsageError('--csv is for the list as it stands; use --json.');
    const pages = await readPages((next) => call(names.versions, { query: next }));
    const versions = pages.flatMap((page) => page.versions);
    return printAnswer(options, { versions }, (plain) =>
      plain.versions.length === 0 ? 'Nothing was ever on it.' : versionsInWords(plain.versions),
    );
  }
  const pages = await readPages((next) => call(names.entries, { query: next }));
  const entries = pages.flatMap((page) => page.entries);
  const version = pages.at(-1)?.version ?? 0;
  if (options.csv) {
    print(entriesAsCsv(plainValue(entries)));
    return EXIT.ok;
  }
  return printAnswer(options, { version, entries }, (plain) =>
    plain.entries.length === 0
      ? `Nothing is on it (version ${plain.version}).`
      : `${entriesInWords(plain.entries)}\nVersion ${plain.version}.`,
  );
}
