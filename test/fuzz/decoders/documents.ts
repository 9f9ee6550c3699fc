import { readFileSync } from 'node:fs';
import { updateInWords } from '../../../bin/actions/watch-tasks.ts';
import { parseDescription } from '../../../bin/archive/archive-description.ts';
import { UsageError } from '../../../bin/exit-codes.ts';
import { readLiveUpdate } from '../../../bin/officers/live-updates.ts';
import { parseSession } from '../../../bin/officers/session-file.ts';
import { measuresOfStatistics, parseStatistics } from '../../../bin/study/read-statistics.ts';
import { CampaignError, readCampaign } from '../../../lib/domain/campaign/campaign.ts';
import defaultPolicy from '../../../lib/domain/default-policy.json' with { type: 'json' };
import { ListingError, readListing } from '../../../lib/domain/listing/listing.ts';
import { PolicyError, parsePolicy } from '../../../lib/domain/policy.ts';
import {
  BUNDLED_POLICY,
  NO_SHADOW_POLICY,
  readPublishedPolicy,
} from '../../../lib/domain/published-policy.ts';
import { MappingError, parseMapping } from '../../../lib/feeds/mapping.ts';
import { parseResumePoint, ResumeError } from '../../../lib/feeds/resume-point.ts';
import {
  compileCsvMapping,
  compileObjectMapping,
  MissingColumnError,
} from '../../../lib/feeds/row-mapping.ts';
import { CITY_SCENARIO } from '../../../lib/simulation/city-scenario.ts';
import { parseScenario, ScenarioError } from '../../../lib/simulation/scenario.ts';
import { parseTruthFile, TruthFileError } from '../../../lib/simulation/truth-file.ts';
import {
  BadReferenceError,
  loadDefaultReference,
  parseReference,
} from '../../../lib/study/measures/read-reference.ts';
import { BadStudyError, parseStudy } from '../../../lib/study/read-study.ts';
import { sampleStudy } from '../../study/sample-study.ts';
import { SAMPLE_STATISTICS } from '../../support/sample-statistics.ts';
import { type Decoder, type Outcome, orRefusal, refusalOf } from '../decoder.ts';
import { HOSTILE_TEXTS } from '../hostile-text.ts';
import { fromJson } from '../seeds.ts';

const SOURCE = 'file.json';
const utf8 = (input: Uint8Array) => Buffer.from(input).toString('utf8');
const example = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8'));

const MAPPINGS: readonly unknown[] = [
  example('examples/copenhagen-mapping.json'),
  {
    input: {
      format: 'csv',
      delimiter: ';',
      quote: '',
      skipLines: 1,
      encoding: 'gb18030',
      emptyCells: ['NULL'],
    },
    fields: {
      owner: { column: 'a', strip: ['0086', '+86'], padTo: 11, prefix: '+86' },
      counterpart: { column: 'b' },
      callType: { column: 'c', codes: { '1': 'made', '2': 'received', '3': 'skip' } },
      start: { date: 'd', time: 'e', format: 'yyyy-MM-dd HH:mm:ss', zone: 'Asia/Shanghai' },
      duration: {
        column: 'f',
        unit: 'hh:mm:ss',
        special: { '-1': { duration: 0, answered: false } },
      },
      ownerDistrict: { column: 'a', codes: { x: '510104' }, otherwise: '510105' },
    },
    constants: { network: 'mobile' },
  },
  {
    input: { format: 'jsonl' },
    fields: {
      caller: { column: 'from.number' },
      callee: { column: 'to' },
      start: { column: 'at', format: 'seconds', epoch: '2000-01-01T00:00:00Z' },
      answered: { column: 'ok', codes: { ja: true }, otherwise: false },
    },
  },
];

const HEADER = ['a', 'b', 'c', 'd', 'e', 'f', 'caller', 'callee', 'start', ...HOSTILE_TEXTS];
const ROWS = HEADER.map((_, i) =>
  HEADER.map((__, j) => HOSTILE_TEXTS[(i * 7 + j) % HOSTILE_TEXTS.length] ?? ''),
);
const OBJECTS = HOSTILE_TEXTS.slice(0, 8).map((text) =>
  JSON.parse(`{"from":{"number":${JSON.stringify(text)}},"to":{},"at":"1","__proto__":{"at":"1"}}`),
);

/** A mapping that is taken must also map rows, whatever stands in them. */
const mapping: Decoder = {
  name: 'mapping',
  reads: 'lib/feeds/mapping.ts, row-mapping.ts, time-format.ts',
  make: fromJson(MAPPINGS),
  decode: (input): Outcome => {
    try {
      const parsed = parseMapping(utf8(input), SOURCE);
      const mapped =
        parsed.input.format === 'csv'
          ? ROWS.slice(0, 8).map(
              compileCsvMapping(parsed, parsed.input.header === false ? undefined : HEADER),
            )
          : OBJECTS.map(compileObjectMapping(parsed));
      const details = mapped.flatMap((row) => ('problem' in row ? [row.problem.detail] : []));
      return { isAccepted: true, kept: mapped, keepsTexts: true, lines: details };
    } catch (error) {
      return refusalOf(error, MappingError, MissingColumnError);
    }
  },
  growth: 256,
};

const document = (
  name: string,
  reads: string,
  documents: readonly unknown[],
  read: (text: string) => unknown,
  ...errors: Parameters<typeof refusalOf>[1][]
): Decoder => ({
  name,
  reads,
  make: fromJson(documents),
  decode: (input) => orRefusal(() => read(utf8(input)), ...errors),
});

/** Of each of its lists only the beginning: one entry breaks like another. */
function smallStudy(): unknown {
  return JSON.parse(JSON.stringify(sampleStudy({ farm: 2 })), (_, value) =>
    Array.isArray(value) && typeof value[0] === 'object' ? value.slice(0, 1) : value,
  );
}

/** Of the scorecards only the beginning: their terms are most of the document, and break like one another. */
function shortPolicy(): unknown {
  const { burst: _, ...scoring } = defaultPolicy.scoring;
  const scorecard = { ...scoring.scorecard, terms: scoring.scorecard.terms.slice(0, 2) };
  const policy = { ...defaultPolicy, scoring: { ...scoring, scorecard } };
  parsePolicy(policy);
  return policy;
}

const EMPTY_TRUTH = { schema: 'forewarn-truth/1', people: 10, from: 0, to: 1, calls: 2 };

const policy = document(
  'policy',
  'lib/domain/published-policy.ts, policy.ts',
  [shortPolicy(), JSON.parse(BUNDLED_POLICY), JSON.parse(NO_SHADOW_POLICY)],
  readPublishedPolicy,
  PolicyError,
);

const NOON = Date.parse('2026-11-24T12:00:00+08:00');

/** What the live updates say, as `forewarn task watch` prints it. */
const liveUpdate: Decoder = {
  name: 'live-update',
  reads: 'bin/officers/live-updates.ts, bin/actions/watch-tasks.ts',
  make: fromJson([
    {
      what: 'task',
      taskId: 'case-1-1',
      caseId: 'case-1',
      queue: 'call-desk',
      step: 'call',
      tier: 'high',
      dueAt: NOON + 60_000,
      change: 'offered',
    },
  ]),
  decode: (input): Outcome => {
    const update = readLiveUpdate(utf8(input));
    if (update === undefined) return { isAccepted: false };
    return {
      isAccepted: true,
      kept: update,
      keepsTexts: true,
      lines: [updateInWords(update, NOON)],
    };
  },
};

export const DOCUMENT_DECODERS: readonly Decoder[] = [
  mapping,
  policy,
  document(
    'campaign',
    'lib/domain/campaign/campaign.ts',
    [example('examples/campaign.json')],
    readCampaign,
    CampaignError,
  ),
  document(
    'scenario',
    'lib/simulation/scenario.ts',
    [
      { people: 1_000, days: 1 },
      {
        people: 1_000,
        only: ['fraud'],
        fraud: [
          { name: 'loans', count: 2 },
          { name: 'new', like: 'loans' },
        ],
      },
      { trades: [{ role: 'courier', count: 3 }], faults: CITY_SCENARIO.faults },
      example('scenarios/farms.json'),
    ],
    (text) => parseScenario(text, SOURCE),
    ScenarioError,
  ),
  document(
    'truth-file',
    'lib/simulation/truth-file.ts',
    [
      { ...EMPTY_TRUTH, fraudCallers: [], deceived: [], hardNegatives: [] },
      {
        ...EMPTY_TRUTH,
        fraudCallers: [
          { number: '+8613800138000', kind: 'loan', habit: 'loans', start: 1, callsMade: 2 },
        ],
        deceived: [
          {
            number: '+8613900139000',
            caller: '+8613800138000',
            kind: 'loan',
            calls: [{ start: 1, seconds: 2, madeByVictim: false, caller: '+8613800138000' }],
          },
        ],
        hardNegatives: [{ number: '+8613700137000', role: 'courier' }],
      },
    ],
    (text) => parseTruthFile(text, SOURCE),
    TruthFileError,
  ),
  document(
    'reference',
    'lib/study/measures/read-reference.ts',
    [loadDefaultReference()],
    (text) => parseReference(text, SOURCE),
    BadReferenceError,
  ),
  document(
    'study',
    'lib/study/read-study.ts',
    [smallStudy()],
    (text) => parseStudy(text, SOURCE),
    BadStudyError,
  ),
  document(
    'resume-point',
    'lib/feeds/resume-point.ts',
    [{ version: 1, done: ['a.csv'], file: 'b.csv', identity: 'abc', line: 12 }],
    (text) => parseResumePoint(text, SOURCE),
    ResumeError,
  ),
  document(
    'listing',
    'lib/domain/listing/listing.ts',
    [
      [
        ['caseNumber', { kind: 'loan', at: 1, until: 2, reference: 'file' }],
        ['clues', { weight: 1, at: 1, until: 2 }],
        ['allowed', { until: 2 }],
      ],
    ],
    readListing,
    ListingError,
  ),
  document(
    'session',
    'bin/officers/session-file.ts',
    [
      {
        version: 1,
        place: { apiUrl: 'http://127.0.0.1:1', clientId: 'c', region: 'eu-west-1', named: true },
        user: 'ada',
        tokens: { id: 'a.b.c', refresh: 'r', expiresAt: NOON },
      },
    ],
    (text) => parseSession(text, SOURCE),
    UsageError,
  ),
  document(
    'archive-description',
    'bin/archive/archive-description.ts',
    [{ schema: 'forewarn-archive/1', utcOffsetMinutes: 480, sealedNothing: 'A'.repeat(23) }],
    (text) => parseDescription(text, SOURCE),
    UsageError,
  ),
  document(
    'statistics',
    'bin/study/read-statistics.ts',
    [SAMPLE_STATISTICS],
    (text) => measuresOfStatistics(parseStatistics(text, SOURCE)),
    UsageError,
  ),
  liveUpdate,
];
