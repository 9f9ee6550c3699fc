import { Readable } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { parseScenario } from '../../../lib/simulation/scenario.ts';
import { simulateCity } from '../../../lib/simulation/simulate-city.ts';
import type { TruthFile } from '../../../lib/simulation/truth-file.ts';
import { countCallers } from '../../../lib/study/measures/count-callers.ts';
import {
  boundsOfReference,
  FeatureCounts,
  measureDrift,
} from '../../../lib/study/measures/drift.ts';
import {
  candidateChanges,
  changedPolicy,
  type PolicyTrial,
  tryPolicyChanges,
} from '../../../lib/study/measures/policy-trials.ts';
import { loadDefaultReference } from '../../../lib/study/measures/read-reference.ts';

const policy = loadDefaultPolicy();
const WARN_AT = candidateChanges(policy).filter(({ knob }) => knob === 'warnAt');
let calls: Buffer;
let truth: TruthFile;
let trials: PolicyTrial[];

const openCalls = () => Readable.from([calls]);

beforeAll(async () => {
  const scenario = parseScenario(
    JSON.stringify({ people: 1200, days: 1, warmUpDays: 0 }),
    'a day of a town',
  );
  const simulation = simulateCity(scenario, 8);
  calls = Buffer.concat([...simulation.chunks()]);
  truth = simulation.truth();
  trials = await tryPolicyChanges(openCalls, { policy, changes: WARN_AT, truth, country: 'CN' });
});

describe('tryPolicyChanges', () => {
  test('moves one number at a time', () => {
    for (const candidate of candidateChanges(policy)) {
      const changed = changedPolicy(policy, candidate);
      expect(changed).not.toEqual(policy);
      expect(changed.texts).toBe(policy.texts);
    }
    const lower = changedPolicy(policy, { knob: 'riskyAt', to: 4 });
    expect(lower.scoring.riskyAt).toBe(4);
    expect(lower.scoring.burst?.riskyAt).toBeCloseTo((policy.scoring.burst?.riskyAt ?? 0) - 0.5);
  });

  test('tries every change on the same calls, beside the policy as it is', () => {
    expect(trials).toMatchObject(WARN_AT.map((change) => ({ ...change, from: 10.2 })));
    expect(new Set(trials.map(({ live }) => JSON.stringify(live))).size).toBe(1);
    expect(trials[0]?.live.textsPer100kAndDay).toBeGreaterThan(0);
  });

  test('warns no fewer people where less is asked for a warning', () => {
    const [lower, higher] = trials;
    expect(lower?.changed.textsPer100kAndDay).toBeGreaterThanOrEqual(
      lower?.live.textsPer100kAndDay ?? 0,
    );
    expect(higher?.changed.textsPer100kAndDay).toBeLessThanOrEqual(
      higher?.live.textsPer100kAndDay ?? 0,
    );
  });

  test('judges by labels where there are some, and else leaves it open', async () => {
    for (const { live, verdict } of trials) {
      expect(live.precision?.value).toBeGreaterThan(0);
      expect(verdict).not.toBe('unjudged');
    }
    const stop = new AbortController();
    const unlabelled = await tryPolicyChanges(openCalls, {
      policy,
      country: 'CN',
      signal: stop.signal,
      onTrial: () => stop.abort(),
    });
    expect(unlabelled).toHaveLength(1);
    expect(unlabelled[0]).toMatchObject({ verdict: 'unjudged' });
    expect(unlabelled[0]?.live).not.toHaveProperty('precision');
  });
});

describe('the callers of a simulated day', () => {
  test('have not drifted from the reference that ships, unless the feed changes', async () => {
    const reference = loadDefaultReference();
    const drift = async (lines: Buffer) => {
      const counts = new FeatureCounts(boundsOfReference(reference));
      await countCallers(Readable.from([lines]), counts, {
        policy,
        country: 'CN',
        day: { fromMs: truth.from, toMs: truth.to },
      });
      return measureDrift(reference, counts);
    };
    const same = await drift(calls);
    expect(same.callers).toBeGreaterThan(300);
    expect(same.features.filter(({ verdict }) => verdict === 'drifted')).toEqual([]);
    // An operator that reports durations in tenths of seconds.
    const inTenths = calls.toString().replace(/"duration":(\d+)/g, '"duration":$10');
    const changed = await drift(Buffer.from(inTenths));
    expect(changed.features.find(({ feature }) => feature === 'mean-talk-seconds')).toMatchObject({
      verdict: 'drifted',
    });
  });
});
