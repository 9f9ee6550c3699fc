import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FinalState, foundState } from '../support/final-state.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';
import { smallMorning, type TimedLine, undisturbed } from './small-morning.ts';

const FUNCTIONS = ['Intake', 'ScoreNumbers', 'ScoreSubjects', 'SendWarnings', 'OpenCases'];
const KILLS = 40;

let pipeline: LocalPipeline;
/** What has been pushed so far, without repeats. */
const pushed: string[] = [];

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

async function tablesOf({ scan }: LocalPipeline): Promise<FinalState> {
  return foundState(await scan('ProfilesTableName'), await scan('SubjectsTableName'));
}

describe('the pipeline on the local cloud', () => {
  test('ends alike when calls come twice, shuffled within a minute, while functions are killed', async () => {
    const random = createRandom(20_261_124);
    const lines = smallMorning();
    pushed.push(...lines.map(({ text }) => text));
    const expected = await undisturbed(pushed, pipeline);

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

    const found = await tablesOf(pipeline);
    expect(killed).toBeGreaterThan(5);
    expect(found.profiles.size).toBe(expected.profiles.size);
    expect(found).toEqual(expected);
    expect(expected.warnings.length).toBeGreaterThan(5);
  }, 180_000);

  test('loses nothing while no table answers, and catches up by itself', async () => {
    const lines = smallMorning(600, 12).map(({ text }) => text);
    pushed.push(...lines);
    const expected = await undisturbed(pushed, pipeline);
    const middle = Math.floor(lines.length / 2);
    await pipeline.push(lines.slice(0, middle));
    const outage = pipeline.cloud.faults.beginOutage('dynamodb', {
      code: 'InternalServerError',
      status: 500,
    });
    await pipeline.push(lines.slice(middle));
    // So many that each stage has failed more than once.
    await expect.poll(() => outage.refused, { timeout: 60_000 }).toBeGreaterThan(60);
    outage.end();
    await pipeline.cloud.settled(120_000);
    expect(await tablesOf(pipeline)).toEqual(expected);
  }, 180_000);
});
