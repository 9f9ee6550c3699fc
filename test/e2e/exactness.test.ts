import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import { InMemoryPipeline, TEST_CONTEXT } from '../support/in-memory-pipeline.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

const FUNCTIONS = ['Intake', 'ScoreNumbers', 'ScoreSubjects', 'SendWarnings', 'OpenCases'];
const KILLS = 40;

let pipeline: LocalPipeline;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
});

afterAll(() => pipeline?.close());

/** A small seeded generator: the shuffle and the kills are the same in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface TimedLine {
  readonly text: string;
  readonly time: number;
}

/** Lines of a small morning with the time of what each tells; broken lines have that of the line before. */
function smallMorning(): TimedLine[] {
  let time = 0;
  return [...simulateMorning({ seed: 11, calls: 4_000 }).records()].map((record) => {
    if (typeof record === 'string') return { text: record, time };
    const start = typeof record.start === 'number' ? record.start : Date.parse(record.start);
    time = start + (record.event === 'call.started' ? 0 : (record.duration ?? 0) * 1000);
    return { text: JSON.stringify(record), time };
  });
}

function shuffledWithinMinutes(lines: readonly TimedLine[], random: () => number): string[] {
  return lines
    .map((line) => ({ ...line, key: random() }))
    .sort((a, b) => Math.floor(a.time / 60_000) - Math.floor(b.time / 60_000) || a.key - b.key)
    .map(({ text }) => text);
}

/** The name that the deployed function has, by a part of it. */
function functionNamed(pipeline: LocalPipeline, part: string): string {
  const names = Object.keys(pipeline.cloud.usedActions());
  const name = names.find((candidate) => candidate.includes(part));
  if (name === undefined) throw new Error(`no function ${part} among ${names.join(', ')}`);
  return name;
}

describe('the pipeline on the local cloud', () => {
  test('ends alike when calls come twice, shuffled within a minute, while functions are killed', async () => {
    const random = createRandom(20_261_124);
    const lines = smallMorning();
    const sealer = await pipeline.sealer();
    const expected = new InMemoryPipeline(undefined, undefined, sealer, {
      ...TEST_CONTEXT,
      nowMs: Date.now(),
      retentionMs: Date.now() - Date.UTC(2000, 0, 1),
    });
    await expected.run(lines.map(({ text }) => text));

    let pushing = true;
    let killed = 0;
    const killer = (async () => {
      for (let i = 0; pushing && i < KILLS * 4 && killed < KILLS; i++) {
        const part = FUNCTIONS[Math.floor(random() * FUNCTIONS.length)] ?? 'Intake';
        killed += pipeline.cloud.killFunction(functionNamed(pipeline, part));
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    })();
    await pipeline.push(shuffledWithinMinutes(lines, random));
    await pipeline.push(shuffledWithinMinutes(lines, random));
    await killer;
    pushing = false;
    await pipeline.cloud.settled(120_000);

    const profiles = new Map(
      (await pipeline.scan('ProfilesTableName')).map((item) => [
        item.number?.S ?? '',
        Buffer.from(item.profile?.B ?? []).toString('base64'),
      ]),
    );
    const expectedProfiles = new Map(
      [...expected.profiles.items].map(([number, { profile }]) => [
        number,
        Buffer.from(profile ?? []).toString('base64'),
      ]),
    );
    expect(killed).toBeGreaterThan(5);
    expect(profiles.size).toBe(expectedProfiles.size);
    expect(profiles).toEqual(expectedProfiles);

    const items = await pipeline.scan('SubjectsTableName');
    const states = new Map(
      items.flatMap((item) =>
        item.state?.S === undefined ? [] : [[item.subject?.S ?? '', JSON.parse(item.state.S)]],
      ),
    );
    const expectedStates = new Map(
      [...expected.subjects.items].map(([subject, { state }]) => [
        subject,
        JSON.parse(JSON.stringify(state)),
      ]),
    );
    expect(states).toEqual(expectedStates);
    const idsOf = (prefix: string) =>
      items
        .flatMap((item) =>
          item.item?.S?.startsWith(prefix) ? [item.item.S.slice(prefix.length)] : [],
        )
        .sort();
    expect(idsOf('WARNING#')).toEqual([...expected.subjects.warnings.keys()].sort());
    expect(idsOf('CASE#')).toEqual([...expected.subjects.cases.keys()].sort());
    expect(expected.subjects.warnings.size).toBeGreaterThan(5);
  }, 180_000);
});
