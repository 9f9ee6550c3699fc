import { Readable } from 'node:stream';
import { clueBatchesOf, cluesOf } from '../../../bin/actions/clue.ts';
import { csvRowsOf } from '../../../bin/csv-rows.ts';
import { UsageError } from '../../../bin/exit-codes.ts';
import { IMPORT_BYTES } from '../../../lib/api/endpoints.ts';
import { NumberRegistry } from '../../../lib/backtest/number-registry.ts';
import { historyContext, readerOfEach, readHistory } from '../../../lib/backtest/read-history.ts';
import { FEATURES } from '../../../lib/domain/features.ts';
import { createNumberNormaliser, normaliseNumber } from '../../../lib/domain/phone-number.ts';
import { beginsAsFormula } from '../../../lib/domain/plain-text.ts';
import {
  REGISTER_COLUMNS,
  readAudience,
  readCare,
  readContact,
  readStation,
} from '../../../lib/domain/registers/register-rows.ts';
import { parseMapping } from '../../../lib/feeds/mapping.ts';
import { FeedError, readFeed } from '../../../lib/feeds/read-feed.ts';
import { MissingColumnError } from '../../../lib/feeds/row-mapping.ts';
import { readTables, TableError } from '../../../lib/fitting/read-table.ts';
import {
  PROFILE_COLUMNS,
  ProfileTableError,
  parseProfileTable,
} from '../../../lib/simulation/profile-table.ts';
import { type Decoder, type Outcome, orRefusal, refusalOf } from '../decoder.ts';
import { pick } from '../recipe.ts';
import { fromJsonLines, fromTables } from '../seeds.ts';
import { RECORDS } from './wire.ts';

const SOURCE = 'file.csv';
/** In two pieces: what is torn apart within a character or a line end must come together again. */
const streamOf = (input: Uint8Array) => {
  const middle = input.length >> 1;
  return Readable.from([
    Buffer.from(input.subarray(0, middle)),
    Buffer.from(input.subarray(middle)),
  ]);
};

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const CALLS = [
  ['caller', 'callee', 'start', 'duration', 'answered', 'network'],
  ['13800138000', '13900139000', '2026-11-24T09:59:00+08:00', '61', 'true', 'a "b", c'],
  ['+86 138 0013 8001', '028 8555 1234', '1795396443120', '0', 'no', ''],
];
const MAPPINGS = [
  undefined,
  parseMapping(
    JSON.stringify({
      input: { format: 'csv', emptyCells: ['NULL'] },
      fields: {
        caller: { column: 'caller', strip: ['+86'], padTo: 11, prefix: '+86' },
        callee: { column: 2 },
        start: { column: 'start', format: 'iso', zone: 'Asia/Shanghai' },
        duration: { column: 'duration', unit: 'hh:mm:ss' },
      },
    }),
    SOURCE,
  ),
  parseMapping(
    JSON.stringify({
      input: { format: 'jsonl', encoding: 'gb18030' },
      fields: {
        caller: { column: 'caller' },
        callee: { column: 'callee' },
        start: { column: 'start', format: 'record' },
      },
    }),
    SOURCE,
  ),
];
const callsAsCsv = fromTables([CALLS]);
const callsAsLines = fromJsonLines(RECORDS);

const feed: Decoder = {
  name: 'feed',
  reads: 'lib/feeds/read-feed.ts',
  make: (recipe) => {
    const make = recipe.shape % 2 === 0 ? callsAsCsv : callsAsLines;
    return make({ ...recipe, shape: recipe.shape >> 1 });
  },
  decode: async (input): Promise<Outcome> => {
    // Which mapping: any that stays the same for the same input.
    const mapping = pick(MAPPINGS, input.length);
    try {
      const items = (await all(readFeed(streamOf(input), mapping))).flatMap((batch) => batch.items);
      const problems = items.flatMap((item) => ('problem' in item ? [item.problem.detail] : []));
      return { isAccepted: problems.length === 0, lines: problems, kept: items, keepsTexts: true };
    } catch (error) {
      return refusalOf(error, FeedError, MissingColumnError);
    }
  },
  growth: 128,
};

const HISTORY = historyContext('CN');
const registry = () =>
  new NumberRegistry({ country: 'CN', normaliseNumber: createNumberNormaliser('CN') });
let numbers = registry();
let histories = 0;

const history: Decoder = {
  name: 'history',
  reads: 'lib/backtest/read-history.ts, quick-line.ts',
  make: feed.make,
  decode: async (input): Promise<Outcome> => {
    // It remembers every number that it sees.
    if (++histories % 1_000 === 0) numbers = registry();
    let calls = 0;
    let rejected = 0;
    const reader = {
      ...readerOfEach(() => void calls++),
      reject: () => void rejected++,
    };
    try {
      await readHistory(streamOf(input), reader, { numbers, context: HISTORY });
      return { isAccepted: rejected === 0, kept: [calls, rejected] };
    } catch (error) {
      return refusalOf(error, FeedError, MissingColumnError);
    }
  },
};

const normalise = (text: string) => normaliseNumber(text, 'CN');
const REGISTER_FILES = [
  [
    ['id', 'name', 'districts', 'opens', 'closes', 'dutyOfficer', 'backup'],
    ['jinjiang', '锦江派出所', '510104;510105', '08:00', '20:00', 'Jin', 'wuhou'],
  ],
  [
    ['number', 'contact', 'relation', 'order'],
    ['13800138000', '13900139000', 'daughter', '1'],
  ],
  [
    ['number', 'group'],
    ['13800138000', 'dementia'],
  ],
  [
    ['number', 'district', 'groups', 'consent', 'source', 'language', 'optedOut'],
    ['13800138000', '510104', 'students; parents', '2026-11-01', 'form 7', 'en', ''],
  ],
];
const READERS = [
  [REGISTER_COLUMNS.stations, readStation],
  [REGISTER_COLUMNS.contacts, readContact],
  [REGISTER_COLUMNS.care, readCare],
  [REGISTER_COLUMNS.audience, readAudience],
] as const;

/** Texts that people typed into a row. */
function namesIn(row: object): string[] {
  return Object.entries(row).flatMap(([key, value]) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return namesIn(value);
    return ['name', 'dutyOfficer', 'relation', 'source'].includes(key) ? [String(value)] : [];
  });
}

const registerFile: Decoder = {
  name: 'register-file',
  reads: 'bin/csv-rows.ts, lib/domain/registers/register-rows.ts',
  make: fromTables(REGISTER_FILES),
  decode: async (input): Promise<Outcome> => {
    const [columns, read] = pick(
      READERS,
      Buffer.from(input).includes('districts') ? 0 : input.length,
    );
    try {
      const rows = await all(csvRowsOf(streamOf(input), columns, SOURCE));
      const outcomes = rows.map(({ row }) => read(row, normalise));
      const taken = outcomes.flatMap((outcome) => ('row' in outcome ? [outcome.row] : []));
      const names = taken.flatMap(namesIn);
      return {
        isAccepted: taken.length === rows.length,
        lines: [
          ...outcomes.flatMap((one) => ('problem' in one ? [one.problem.detail] : [])),
          ...names,
        ],
        kept: taken,
        keepsTexts: true,
        ...(names.some(beginsAsFormula) && { broken: 'a name begins as a formula' }),
      };
    } catch (error) {
      return refusalOf(error, UsageError);
    }
  },
};

const CLUES = [
  ['reference', 'number', 'kind', 'when', 'text', 'reporter'],
  [
    'h-1',
    '13800138005',
    'loan',
    '2026-11-23T09:00:00+08:00',
    'asked for a fee, twice',
    '13712340008',
  ],
  ['h-2', '13800138006', 'other', '2026-11-23T09:00:00+08:00', '', ''],
];
const cluesAsCsv = fromTables([CLUES]);
const cluesAsLines = fromJsonLines([
  {
    reference: 'h-1',
    number: '13800138005',
    kind: 'loan',
    when: '2026-11-23T09:00:00+08:00',
    text: 'a fee',
  },
  { reference: 'h-2', number: '13800138006', kind: 'other', when: '2026-11-23T09:00:00+08:00' },
]);

const clueFile: Decoder = {
  name: 'clue-file',
  reads: 'bin/actions/clue.ts',
  make: (recipe) => {
    const make = recipe.shape % 2 === 0 ? cluesAsCsv : cluesAsLines;
    return make({ ...recipe, shape: recipe.shape >> 1 });
  },
  decode: async (input): Promise<Outcome> => {
    const file = input[0] === 0x7b || input[0] === 0x1f ? 'clues.jsonl' : 'clues.csv';
    try {
      const batches = await all(clueBatchesOf(cluesOf(streamOf(input), file)));
      const isTooLarge = batches.some(
        ({ rows }) => JSON.stringify({ clues: rows.map(({ row }) => row) }).length > IMPORT_BYTES,
      );
      return {
        isAccepted: true,
        kept: batches,
        keepsTexts: true,
        ...(isTooLarge && { broken: 'a batch is larger than a request may be' }),
      };
    } catch (error) {
      return refusalOf(error, UsageError, FeedError);
    }
  },
};

const numbersOf = (columns: readonly string[]) => columns.map((_, i) => String((i * 7) % 5));
const utf8 = (input: Uint8Array) => Buffer.from(input).toString('utf8');

const profileTable: Decoder = {
  name: 'profile-table',
  reads: 'lib/simulation/profile-table.ts',
  make: fromTables([
    [
      ['subscriber', 'label', ...PROFILE_COLUMNS],
      ['s-1', '1', ...numbersOf(PROFILE_COLUMNS)],
      ['s-2', '0', ...numbersOf(PROFILE_COLUMNS)],
    ],
  ]),
  decode: (input) => orRefusal(() => parseProfileTable(utf8(input), SOURCE), ProfileTableError),
  growth: 512,
};

const labelledTable: Decoder = {
  name: 'labelled-table',
  reads: 'lib/fitting/read-table.ts',
  make: fromTables([
    [
      ['label', 'weight', 'group', ...FEATURES],
      ['1', '1', 'a', ...numbersOf(FEATURES)],
      ['0', '2', 'b', ...numbersOf(FEATURES)],
    ],
  ]),
  decode: (input) =>
    orRefusal(() => readTables([{ name: SOURCE, text: utf8(input) }]).ids, TableError),
};

export const TABLE_DECODERS: readonly Decoder[] = [
  feed,
  history,
  registerFile,
  clueFile,
  profileTable,
  labelledTable,
];
