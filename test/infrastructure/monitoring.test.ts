import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { FRAUD_KINDS } from '../../lib/domain/fraud-kind.ts';
import {
  functionNames,
  stageDefaults,
  streamSourceNames,
} from '../../lib/infrastructure/stage-config.ts';
import { textGroups } from '../../lib/infrastructure/watched-pipeline.ts';
import { flat, resources, synthesized } from './synthesized-stack.ts';

const email = 'duty@example.org';
const dev = synthesized('dev', { alarms: { email, iteratorAgeSeconds: 45 } });
const alarms = Object.values(resources(dev, 'AWS::CloudWatch::Alarm')).map(
  ({ Properties }) => Properties,
);

const ANSWERING_PEOPLE: readonly string[] = [
  'validate-policy',
  'explain-number',
  'import-register',
];

describe('Alarms', () => {
  test('watch every source, every function and every way to fail', () => {
    expect(alarms.map((alarm) => alarm.AlarmName).sort()).toEqual(
      [
        ...streamSourceNames.flatMap((name) => [`${name}-iterator-age`, `${name}-abandoned`]),
        ...['calls', 'legs', 'exposures', 'legs-archive'].map((name) => `${name}-unread`),
        // People wait for the answers of the others, and see when they fail; the validator does so by design.
        ...functionNames
          .filter((name) => !ANSWERING_PEOPLE.includes(name))
          .flatMap((name) => [`${name}-errors`, `${name}-throttles`]),
        'calls-pushes-refused',
        'quarantine-rate',
        'warnings-undeliverable',
        'warnings-deferred',
        'warnings-over-budget',
        'warnings-dead-letters',
        'texts-failing',
        ...FRAUD_KINDS.map((kind) => `texts-failing-kind-${kind}`),
        ...['china-mobile', 'china-unicom', 'china-telecom', 'china-broadnet', 'other'].map(
          (carrier) => `texts-failing-carrier-${carrier}`,
        ),
        'texts-unreported',
        'archive-late',
        'archive-failing',
        'archive-refused',
        'compaction-failed',
        'study-failed',
        'contacts-failed',
        'dissuasion-failed',
        'dissuasion-timed-out',
        'tasks-overdue',
        'campaign-failed',
        'notices-refused',
        'api-failures',
        'api-latency',
        'updates-failed',
        'clue-bursts',
        'numbers-shown',
        'sms-spend',
        'policy-refused',
      ]
        .map((name) => `Forewarn-dev-${name}`)
        .sort(),
    );
  });

  test('all report to the topic, when they begin and when they end, and stay quiet without data', () => {
    for (const alarm of alarms) {
      expect((alarm.AlarmActions as unknown[]).map(flat)).toEqual(['AlarmTopic']);
      expect((alarm.OKActions as unknown[]).map(flat)).toEqual(['AlarmTopic']);
      expect(alarm).toMatchObject({
        TreatMissingData: 'notBreaching',
        ComparisonOperator: 'GreaterThanThreshold',
      });
    }
  });

  test('take their thresholds from the configuration', () => {
    dev.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'Forewarn-dev-legs-iterator-age',
      MetricName: 'IteratorAge',
      Namespace: 'AWS/Lambda',
      Dimensions: [
        { Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('^ScoreNumbersFunction') } },
      ],
      Statistic: 'Maximum',
      Threshold: 45_000,
    });
  });

  test('judge quarantine by its share of the calls, and only when there are enough', () => {
    dev.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'Forewarn-dev-quarantine-rate',
      Threshold: 5,
      Metrics: Match.arrayWith([
        Match.objectLike({
          Expression: 'IF(received >= 100, 100 * FILL(rejected, 0) / received, 0)',
        }),
        Match.objectLike({
          Id: 'rejected',
          MetricStat: Match.objectLike({
            Metric: {
              Namespace: 'Forewarn',
              MetricName: 'CallsRejected',
              Dimensions: [{ Name: 'service', Value: 'intake' }],
            },
          }),
        }),
      ]),
    });
  });

  test('judge texts that fail by their share of those reported, of a kind or carrier too', () => {
    const expression =
      'IF((FILL(failed0, 0) + FILL(delivered0, 0)) >= 20, 100 * FILL(failed0, 0) / (FILL(failed0, 0) + FILL(delivered0, 0)), 0)';
    const watched: [string, { Name: string; Value: string }[]][] = [
      ['texts-failing', []],
      ['texts-failing-kind-loan', [{ Name: 'kind', Value: 'loan' }]],
      ['texts-failing-carrier-china-mobile', [{ Name: 'carrier', Value: 'China Mobile' }]],
    ];
    for (const [name, dimensions] of watched) {
      dev.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: `Forewarn-dev-${name}`,
        Threshold: 20,
        Metrics: Match.arrayWith([
          Match.objectLike({ Expression: expression }),
          Match.objectLike({
            Id: 'failed0',
            MetricStat: Match.objectLike({
              Period: 3_600,
              Metric: {
                Namespace: 'Forewarn',
                MetricName: 'TextsFailed',
                Dimensions: [...dimensions, { Name: 'service', Value: 'record-delivery' }],
              },
            }),
          }),
        ]),
      });
    }
  });

  test('watch the kinds of fraud that the domain knows, and a bounded number of carriers', () => {
    const { carrier, kind } = textGroups(stageDefaults.prod);
    expect(kind.map(({ label }) => label)).toEqual(FRAUD_KINDS);
    expect(carrier.map(({ label }) => label)).toEqual([
      ...stageDefaults.prod.sms.carriers,
      'other',
    ]);
  });

  test('tell when texts go out and nothing is heard of any', () => {
    dev.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'Forewarn-dev-texts-unreported',
      Threshold: 20,
      Metrics: Match.arrayWith([
        Match.objectLike({
          Expression: 'IF(FILL(delivered, 0) + FILL(failed, 0) > 0, 0, FILL(sent, 0))',
        }),
      ]),
    });
  });

  test('count what Lambda gave up on by event source, whether or not it could be kept', () => {
    const counted = (Id: string, MetricName: string) =>
      Match.objectLike({
        Id,
        MetricStat: Match.objectLike({
          Metric: {
            Namespace: 'AWS/Lambda',
            MetricName,
            Dimensions: [
              {
                Name: 'EventSourceMappingUUID',
                Value: { Ref: Match.stringLikeRegexp('^OpenCasesNewCasesMapping') },
              },
            ],
          },
        }),
      });
    dev.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'Forewarn-dev-subject-cases-abandoned',
      Metrics: Match.arrayWith([
        Match.objectLike({ Expression: 'FILL(kept, 0) + FILL(dropped, 0)' }),
        counted('kept', 'OnFailureDestinationDeliveredEventCount'),
        counted('dropped', 'DroppedEventCount'),
      ]),
    });
  });

  test('count the live updates that Lambda dropped, as they are kept nowhere', () => {
    dev.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'Forewarn-dev-task-updates-abandoned',
      MetricName: 'DroppedEventCount',
    });
  });

  test('judge the officers’ API by the share of requests that it failed, and only when there are enough', () => {
    dev.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'Forewarn-dev-api-failures',
      Threshold: 1,
      Metrics: Match.arrayWith([
        Match.objectLike({
          Expression: 'IF(requests >= 20, 100 * FILL(failures, 0) / requests, 0)',
        }),
        Match.objectLike({
          Id: 'failures',
          MetricStat: Match.objectLike({
            Metric: {
              Namespace: 'AWS/ApiGateway',
              MetricName: '5xx',
              Dimensions: [
                { Name: 'ApiId', Value: { Ref: Match.stringLikeRegexp('^OfficersApi') } },
              ],
            },
          }),
        }),
      ]),
    });
  });

  test('reach people by e-mail where an address is configured', () => {
    dev.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: email });
    synthesized('dev').resourceCountIs('AWS::SNS::Subscription', 0);
  });

  test('are the only ones who may publish to the topic', () => {
    const statements = Object.values(resources(dev, 'AWS::SNS::TopicPolicy')).flatMap(
      ({ Properties }) =>
        (Properties.PolicyDocument as { Statement: { Effect: string }[] }).Statement,
    );

    // The topic of payment stops has no such statement: functions publish there by their roles.
    expect(statements.filter(({ Effect }) => Effect === 'Allow')).toEqual([
      expect.objectContaining({
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Condition: expect.objectContaining({ ArnLike: expect.anything() }),
      }),
    ]);
  });
});
