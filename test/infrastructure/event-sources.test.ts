import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { stageDefaults, streamSourceNames } from '../../lib/infrastructure/stage-config.ts';
import { flat, resources, synthesized } from './synthesized-stack.ts';

const prod = synthesized('prod');

const mappings = (template: Template) =>
  Object.values(resources(template, 'AWS::Lambda::EventSourceMapping')).map(
    ({ Properties }) => Properties,
  );
const streamMappings = (template: Template) =>
  mappings(template).filter((properties) => properties.StartingPosition !== undefined);

describe('Event sources', () => {
  test('join every stage to the next', () => {
    const joints = mappings(prod).map(
      (properties) => `${flat(properties.EventSourceArn)} → ${flat(properties.FunctionName)}`,
    );
    expect(joints.sort()).toEqual([
      'CallsStream.Arn → IntakeFunction',
      'DissuasionTasksTable.StreamArn → LiveUpdatesPushFunction',
      'ExposuresStream.Arn → ScoreSubjectsFunction',
      'LegsStream.Arn → ArchiveReaderFunction',
      'LegsStream.Arn → ScoreNumbersFunction',
      'RecordDeliveryEarly.Arn → RecordDeliveryFunction',
      'ScoreSubjectsTable.StreamArn → OpenCasesFunction',
      'ScoreSubjectsTable.StreamArn → SendWarningsFunction',
      'SendWarningsRetries.Arn → SendWarningsFunction',
    ]);
  });

  test('report single failures instead of failing whole batches', () => {
    prod.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('of streams start at the oldest record, bisect, and give up within limits', () => {
    const found = streamMappings(prod);

    expect(found).toHaveLength(streamSourceNames.length);
    for (const properties of found) {
      expect(properties).toMatchObject({
        StartingPosition: 'TRIM_HORIZON',
        BisectBatchOnFunctionError: true,
        MetricsConfig: { Metrics: ['EventCount'] },
      });
      expect(properties.MaximumRetryAttempts).toBeGreaterThan(0);
      expect(properties.MaximumRecordAgeInSeconds).toBeGreaterThan(0);
    }
  });

  test('of streams give up into quarantine, but for live updates, whose records hold secrets', () => {
    const withoutDestination = streamMappings(prod).filter(({ DestinationConfig }) => {
      if (DestinationConfig === undefined) return true;
      const { OnFailure } = DestinationConfig as { OnFailure: { Destination: unknown } };
      expect(flat(OnFailure.Destination)).toBe('QuarantineBucket.Arn');
      return false;
    });

    const consumers = withoutDestination.map(({ FunctionName }) => flat(FunctionName));
    expect(consumers).toEqual(['LiveUpdatesPushFunction']);
  });

  test('read as much and as wide as the stage says', () => {
    const { calls } = stageDefaults.prod.sources;
    prod.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^CallsStream'), 'Arn'] },
      BatchSize: calls.batchSize,
      MaximumBatchingWindowInSeconds: calls.windowSeconds,
      ParallelizationFactor: calls.parallelization,
      MaximumRetryAttempts: calls.retryAttempts,
      MaximumRecordAgeInSeconds: calls.maxRecordAgeSeconds,
    });
  });

  test('of the local stage never wait to fill a batch', () => {
    for (const properties of streamMappings(synthesized('local'))) {
      expect(properties.MaximumBatchingWindowInSeconds).toBe(0);
    }
  });

  test.each([
    ['SendWarningsFunction', 'WARNING#', ['INSERT']],
    ['OpenCasesFunction', 'CASE#', ['INSERT', 'MODIFY']],
  ])('of subjects wake %s for items that begin with %s: %j', (consumer, prefix, eventName) => {
    const patterns = streamMappings(prod)
      .filter((properties) => flat(properties.FunctionName) === consumer)
      .flatMap(
        ({ FilterCriteria }) => (FilterCriteria as { Filters: { Pattern: string }[] }).Filters,
      )
      .map(({ Pattern }) => JSON.parse(Pattern));

    expect(patterns).toEqual([{ eventName, dynamodb: { Keys: { item: { S: [{ prefix }] } } } }]);
  });

  test('of tasks wake the pushing of live updates for new and changed tasks', () => {
    const [filtered] = streamMappings(prod).filter(
      ({ FunctionName }) => flat(FunctionName) === 'LiveUpdatesPushFunction',
    );

    expect(filtered?.FilterCriteria).toEqual({
      Filters: [{ Pattern: '{"eventName":["INSERT","MODIFY"]}' }],
    });
  });

  test('of deferred warnings move a message to the dead letters in the end', () => {
    prod.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^SendWarningsRetries'), 'Arn'] },
      ScalingConfig: { MaximumConcurrency: stageDefaults.prod.warningRetries.maxConcurrency },
    });
    prod.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: {
        deadLetterTargetArn: {
          'Fn::GetAtt': [Match.stringLikeRegexp('^SendWarningsDeadLetters'), 'Arn'],
        },
        maxReceiveCount: stageDefaults.prod.warningRetries.maxReceives,
      },
      VisibilityTimeout: 6 * stageDefaults.prod.functions['send-warnings'].timeoutSeconds,
    });
  });
});
