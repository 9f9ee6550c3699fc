import { describe, expect, test } from 'vitest';
import {
  resolveStageConfig,
  StageConfigError,
} from '../../lib/infrastructure/resolve-stage-config.ts';
import { stageDefaults, stageNames } from '../../lib/infrastructure/stage-config.ts';

function problemsOf(stage: string, overrides: unknown): readonly string[] {
  try {
    resolveStageConfig(stage, overrides);
  } catch (error) {
    if (error instanceof StageConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('A stage configuration', () => {
  test.each(stageNames)('of %s is right without any override', (stage) => {
    expect(resolveStageConfig(stage)).toEqual(stageDefaults[stage]);
  });

  test('takes single settings of a group and keeps the others', () => {
    const config = resolveStageConfig('dev', { retention: { logDays: 30 }, region: 'eu-west-1' });

    expect(config.retention).toEqual({ ...stageDefaults.dev.retention, logDays: 30 });
    expect(config.region).toBe('eu-west-1');
  });

  test('keeps its own tags beside those of the overrides', () => {
    expect(resolveStageConfig('dev', { tags: { team: 'fraud' } }).tags).toEqual({
      ...stageDefaults.dev.tags,
      team: 'fraud',
    });
  });

  test('loses an optional setting that the overrides set to null', () => {
    const streams = { mode: 'on-demand', shards: { calls: null } };

    expect(resolveStageConfig('local', { streams }).streams.shards).toEqual({
      legs: 2,
      exposures: 1,
    });
  });

  test('leaves the defaults as they are', () => {
    const before = structuredClone(stageDefaults);
    resolveStageConfig('prod', { sms: { senderId: 'Police' }, tags: { team: 'fraud' } });
    expect(stageDefaults).toEqual(before);
  });
});

describe('A stage configuration is refused', () => {
  test('when the stage is unknown, naming those there are', () => {
    expect(problemsOf('staging', {})).toEqual([
      'there is no stage "staging": choose one of dev, prod, local (-c stage=NAME, or the environment variable FOREWARN_STAGE)',
    ]);
  });

  test.each([
    ['not an object', [], 'the overrides must be one JSON object of settings'],
    [
      'an unknown setting',
      { smsSender: 'x' },
      /^smsSender is no setting: here you can set stage, /,
    ],
    [
      'an unknown setting in a group',
      { sms: { sender: 'x' } },
      'sms.sender is no setting: here you can set senderId, originationNumber, maxPriceUsd, entityId, templateId',
    ],
    ['a setting named like an object property', { constructor: 1 }, /^constructor is no setting/],
    [
      'a group that is a number',
      { sms: 5 },
      'sms must be an object with senderId, originationNumber, maxPriceUsd, entityId, templateId',
    ],
    ['another stage inside', { stage: 'prod' }, /^stage is "prod" in the overrides but dev/],
    ['a short account', { account: '1234' }, /^account must be a 12-digit AWS account id/],
    ['an account that is a number', { account: 123456789012 }, /^account must be a 12-digit/],
    ['no region', { region: 'Singapore' }, /^region must be an AWS region .* it is "Singapore"$/],
    ['a country that is none', { defaultCountry: 'XX' }, /^defaultCountry must be an ISO 3166/],
    ['a small country code', { defaultCountry: 'cn' }, /^defaultCountry must be an ISO 3166/],
    ['an unknown language', { textLanguage: 'fr' }, /^textLanguage must be one of zh-CN, en;/],
    ['a setting taken away', { textLanguage: null }, 'textLanguage is missing: set it'],
    ['records time', { clock: 'records' }, /^clock must be wall outside the local stage/],
    ['a negative tolerance', { maxFutureSeconds: -1 }, /^maxFutureSeconds must be a whole number/],
    ['half a day', { retention: { profileDays: 0.5 } }, /^retention.profileDays must be a whole/],
    [
      'an odd log retention',
      { retention: { logDays: 8 } },
      /^retention.logDays must be one of 1, 3/,
    ],
    ['text as a number', { alarms: { deadLetters: '0' } }, /^alarms.deadLetters must be a number/],
    ['an endless batch', { sources: { calls: { batchSize: 10_001 } } }, /^sources.calls.batchSize/],
    ['no retry limit', { sources: { legs: { retryAttempts: -1 } } }, /^sources.legs.retryAttempts/],
    ['a long window', { sources: { legs: { windowSeconds: 301 } } }, /^sources.legs.windowSeconds/],
    [
      'too much parallelization',
      { sources: { exposures: { parallelization: 11 } } },
      /^sources.exposures.parallelization must be a whole number/,
    ],
    [
      'a source that is none',
      { sources: { tasks: { batchSize: 1 } } },
      'sources.tasks is no setting: here you can set calls, legs, exposures, legs-archive, subject-warnings, subject-cases',
    ],
    [
      'records that expire before they are given up',
      { sources: { calls: { maxRecordAgeSeconds: 86_400 } } },
      /^sources.calls.maxRecordAgeSeconds must be below the 86400 seconds .* or raise streams/,
    ],
    [
      'table stream records that expire before they are given up',
      {
        streams: { retentionHours: 72 },
        sources: { 'subject-cases': { maxRecordAgeSeconds: 90_000 } },
      },
      /^sources.subject-cases.maxRecordAgeSeconds must be below the 86400 seconds .*: lower it$/,
    ],
    ['little memory', { functions: { intake: { memoryMb: 64 } } }, /^functions.intake.memoryMb/],
    ['one worker', { warningRetries: { maxConcurrency: 1 } }, /^warningRetries.maxConcurrency/],
    ['a sender of digits only', { sms: { senderId: '12345' } }, /^sms.senderId must be 1 to 11/],
    ['a long sender', { sms: { senderId: 'AntiFraudCity' } }, /^sms.senderId must be 1 to 11/],
    ['a national number', { sms: { originationNumber: '028-8666' } }, /^sms.originationNumber/],
    ['a free text', { sms: { maxPriceUsd: 0 } }, /^sms.maxPriceUsd must be a number of dollars/],
    ['an entity without template', { sms: { entityId: 'E1' } }, /^sms.entityId and sms.templateId/],
    ['an e-mail without a host', { alarms: { email: 'ops@' } }, /^alarms.email must be an e-mail/],
    ['an odd alarm period', { alarms: { periodMinutes: 7 } }, /^alarms.periodMinutes must be one/],
    ['tags of AWS', { tags: { 'aws:x': 'y' } }, /^tags must be an object of tag names and texts/],
    ['tags in a list', { tags: ['x'] }, /^tags must be an object of tag names and texts/],
  ])('for %s', (_, overrides, expected) => {
    const problems = problemsOf('dev', overrides);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  test('for provisioned streams that lack shard counts, each by name', () => {
    expect(problemsOf('dev', { streams: { mode: 'provisioned', shards: { legs: 2 } } })).toEqual([
      'streams.shards.calls is missing: provisioned streams need a shard count each',
      'streams.shards.exposures is missing: provisioned streams need a shard count each',
    ]);
  });

  test('in prod when a deleted stack would take its data along', () => {
    expect(problemsOf('prod', { removalPolicy: 'destroy' })).toEqual([
      'removalPolicy must be retain in prod: a deleted stack must not take its data along',
    ]);
  });

  test('with all its problems at once, one a line', () => {
    const overrides = { region: 'x', removalPolicy: 'destroy', sms: { maxPriceUsd: -1, nope: 1 } };

    expect(() => resolveStageConfig('prod', overrides)).toThrow(
      /^The configuration of stage prod has problems:(\n {2}- .+){4}$/,
    );
  });
});
