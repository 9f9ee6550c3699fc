import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Backtest, runBacktest } from '../../lib/backtest/backtest.ts';
import { RECORDS_TOGETHER } from '../../lib/backtest/leg-block.ts';
import { measureBacktest } from '../../lib/backtest/measures.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { PartyNumber } from '../../lib/domain/phone-number.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import type { Case, Warning } from '../../lib/domain/subject/decide.ts';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import { truthFileOf } from '../../lib/simulation/truth-file.ts';
import { NERVOUS_POLICY } from '../domain/risky-policy.ts';
import { InMemoryPipeline, TEST_SEALER } from '../support/in-memory-pipeline.ts';

const POLICY = loadDefaultPolicy();

const CITY = simulateMorning({ seed: 11, calls: 4000 });
/** Broken lines stay out: the test pipeline takes records of another age. */
const RECORDS = [...CITY.records()].filter((record) => typeof record !== 'string');
const LINES = RECORDS.map((record) => JSON.stringify(record));

function sealed(party: PartyNumber): string {
  return TEST_SEALER.seal([{ caller: party, callee: party, imei: undefined }])[0]?.caller ?? '';
}

function numberOf(token: string): string {
  return TEST_SEALER.unseal(token).number;
}

async function backtestOf(
  lines: readonly string[],
  policy: Policy,
  against?: Policy,
): Promise<Backtest> {
  const input = Readable.from([gzipSync(`${lines.join('\n')}\n`)]);
  return runBacktest(input, { policy, against, country: 'CN', tokenOf: sealed });
}

async function pipelineOf(lines: readonly string[], policy: Policy): Promise<InMemoryPipeline> {
  const pipeline = new InMemoryPipeline(policy);
  await pipeline.run(lines, 1);
  return pipeline;
}

function warningText({ subject, caller, tier, kind, decidedAt, probability }: Warning): string {
  return [numberOf(subject), numberOf(caller), tier, kind, decidedAt, probability].join(' ');
}

/** What a backtest decided, in clear and in any order. */
function decided({ numbers, tracks }: Backtest, track = 0) {
  const clear = (place: number) => numbers.partyAt(place).number;
  return {
    warnings: (tracks[track]?.warnings ?? [])
      .map(({ subject, caller, tier, kind, decidedAt, probability }) =>
        [clear(subject), clear(caller), tier, kind, decidedAt, probability].join(' '),
      )
      .sort(),
    cases: (tracks[track]?.cases ?? [])
      .map(({ subject, tier }) => `${clear(subject)} ${tier}`)
      .sort(),
    findings: tracks[track]?.findings,
  };
}

function decidedBy({ subjects, legCounts }: InMemoryPipeline) {
  return {
    warnings: [...subjects.warnings.values()].map(warningText).sort(),
    cases: [...subjects.cases.values()]
      .map(({ subject, tier }: Case) => `${numberOf(subject)} ${tier}`)
      .sort(),
    findings: legCounts.findings,
  };
}

describe('a backtest', () => {
  test.each([
    ['the shipped policy', POLICY],
    ['a policy that finds and withdraws within a few calls', NERVOUS_POLICY],
  ])('decides what the pipeline decides: %s', async (_, policy) => {
    const expected = decidedBy(await pipelineOf(LINES, policy));
    expect(expected.warnings.length).toBeGreaterThan(0);
    expect(decided(await backtestOf(LINES, policy))).toEqual(expected);
  });

  test('finds the same callers with tokens of its own, save for a hair of the sketches', async () => {
    const run = async () => {
      const input = Readable.from([Buffer.from(`${LINES.join('\n')}\n`)]);
      return runBacktest(input, { policy: POLICY, country: 'CN' });
    };
    const found = ({ numbers, tracks }: Backtest) =>
      new Set([...(tracks[0]?.found.keys() ?? [])].map((place) => numbers.partyAt(place).number));
    const own = await run();
    const pipelines = found(await backtestOf(LINES, POLICY));
    const missed = [...pipelines].filter((number) => !found(own).has(number));
    const added = [...found(own)].filter((number) => !pipelines.has(number));
    expect(missed.length + added.length).toBeLessThanOrEqual(1);
    expect(decided(await run())).toEqual(decided(own));
  });

  test.each([
    ['one policy', undefined],
    ['two', NERVOUS_POLICY],
  ])('comes to the same wherever a block of records ends: %s', async (_, against) => {
    const from = Math.min(...RECORDS.map(({ start }) => new Date(start).getTime()));
    const truth = truthFileOf(CITY.truth, { from, to: from + 5 * 3_600_000 });
    const options = { policy: POLICY, against, truth, country: 'CN', tokenOf: sealed };
    // From service to service: a place in the block, and nobody's leg.
    const filler = JSON.stringify({ caller: '95588', callee: '10086', start: from, duration: 0 });
    const behind = async (records: number) => {
      const input = Readable.from([
        Buffer.from(`${filler}\n`.repeat(records)),
        Buffer.from(`${LINES.join('\n')}\n`),
      ]);
      const done = await runBacktest(input, options);
      expect(done.records).toBe(records + LINES.length);
      const { policies, comparison } = measureBacktest(done);
      return { decided: done.tracks.map((_, i) => decided(done, i)), policies, comparison };
    };
    const inOneBlock = await behind(0);
    expect(inOneBlock.policies[0]?.truth?.callers.found).toBeGreaterThan(0);
    for (const share of [0.25, 0.5, 0.75]) {
      const cut = Math.floor(LINES.length * share);
      expect(await behind(RECORDS_TOGETHER - cut), `cut after ${cut}`).toEqual(inOneBlock);
    }
  });

  test('tries two policies in one pass, each as if it were alone', async () => {
    const against = { ...NERVOUS_POLICY, version: POLICY.version + 1 };
    const both = await backtestOf(LINES, POLICY, against);
    expect(decided(both, 0)).toEqual(decided(await backtestOf(LINES, POLICY)));
    expect(decided(both, 1)).toEqual(decided(await backtestOf(LINES, against)));
  });

  test('tries two policies that settle calls at different times', async () => {
    const scoring = { ...POLICY.scoring, settleSeconds: POLICY.scoring.settleSeconds + 60 };
    const against = { ...POLICY, scoring };
    const both = await backtestOf(LINES, POLICY, against);
    expect(decided(both, 0)).toEqual(decided(await backtestOf(LINES, POLICY)));
    expect(decided(both, 1)).toEqual(decided(await backtestOf(LINES, against)));
  });

  test('counts records that are not valid, by reason, and goes on', async () => {
    const good = LINES[0] ?? '';
    const done = await backtestOf(
      ['{"caller":', good, '', '  ', '[1]', '{"caller":"13800138000"}', `${good}\r`],
      POLICY,
    );
    expect(done.records).toBe(2);
    expect(Object.fromEntries(done.rejected)).toEqual({
      'not-json': 1,
      'not-an-object': 1,
      'missing-field': 1,
    });
  });

  test('reads a line that is cut anywhere between two blocks', async () => {
    const bytes = Buffer.from(LINES.slice(0, 40).join('\n'));
    for (const size of [1, 7, 64, 1000]) {
      const blocks = [];
      for (let at = 0; at < bytes.length; at += size) blocks.push(bytes.subarray(at, at + size));
      const done = await runBacktest(Readable.from(blocks), { policy: POLICY, country: 'CN' });
      expect(done.records, `in blocks of ${size}`).toBe(40);
    }
  });

  test('reads CSV whose columns are named as fields', async () => {
    const csv =
      'caller,callee,start,duration\n13800138000,13900139000,2026-11-23T09:14:03+08:00,60\n';
    const done = await runBacktest(Readable.from([Buffer.from(csv)]), {
      policy: POLICY,
      country: 'CN',
    });
    expect(done.records).toBe(1);
    expect(done.subscribersSeen).toBe(2);
  });

  test('refuses a damaged gzip', async () => {
    const damaged = gzipSync('{"caller":"13800138000"}\n').subarray(0, 20);
    await expect(
      runBacktest(Readable.from([damaged]), { policy: POLICY, country: 'CN' }),
    ).rejects.toMatchObject({ code: 'unreadable-feed' });
  });

  test('stops when asked to', async () => {
    const controller = new AbortController();
    const input = Readable.from([Buffer.from(`${LINES.join('\n')}\n`), Buffer.from('{}\n')]);
    const done = await runBacktest(
      input,
      { policy: POLICY, country: 'CN' },
      { onProgress: () => controller.abort(), signal: controller.signal },
    );
    expect(done.rejected.size).toBe(0);
  });
});
