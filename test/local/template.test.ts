import { describe, expect, it } from 'vitest';
import { LocalCloudError } from '../../lib/local/errors.ts';
import type { JsonValue } from '../../lib/local/json-value.ts';
import { startLocalCloud } from '../../lib/local/local-cloud.ts';
import { deploymentOrder } from '../../lib/local/template/deployment-order.ts';
import {
  evaluateCondition,
  type IntrinsicScope,
  resolveIntrinsics,
} from '../../lib/local/template/intrinsics.ts';
import { writeSmallAssembly } from './small-assembly.ts';

const scope: IntrinsicScope = {
  ref: (name) => ({ 'AWS::Region': 'us-east-1', Table: 'table-name', Zone: 'b' })[name],
  attribute: (logicalId, name) =>
    logicalId === 'Table' && name === 'Arn' ? 'arn:aws:dynamodb:::table/t' : undefined,
  condition: (name) => name === 'Yes',
  mapping: (map, first, second) => (map === 'M' && first === 'a' && second === 'b' ? 7 : undefined),
  availabilityZones: () => ['us-east-1a'],
};

describe('intrinsic functions', () => {
  it.each<[string, JsonValue, JsonValue]>([
    ['Ref', { Ref: 'Table' }, 'table-name'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:::table/t'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Table.Arn' }, 'arn:aws:dynamodb:::table/t'],
    [
      'Sub',
      { 'Fn::Sub': '${AWS::Region}/${Table.Arn}/${!kept}' },
      'us-east-1/arn:aws:dynamodb:::table/t/${kept}',
    ],
    [
      'Sub with variables',
      { 'Fn::Sub': ['${x}-${Table}', { x: { Ref: 'Zone' } }] },
      'b-table-name',
    ],
    ['Join', { 'Fn::Join': [':', ['a', { Ref: 'Zone' }, 3]] }, 'a:b:3'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Table' }] }] }, 'name'],
    ['FindInMap', { 'Fn::FindInMap': ['M', 'a', 'b'] }, 7],
    ['If', { 'Fn::If': ['Yes', 1, 2] }, 1],
    [
      'NoValue',
      { a: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] }, b: [{ Ref: 'AWS::NoValue' }, 2] },
      { b: [2] },
    ],
    ['nothing at all', { a: ['x', true, null] }, { a: ['x', true, null] }],
  ])('resolve %s', (_name, value, expected) => {
    expect(resolveIntrinsics(value, scope)).toEqual(expected);
  });

  it('decide conditions', () => {
    const equals: JsonValue = { 'Fn::Equals': [{ Ref: 'Zone' }, 'b'] };
    expect(evaluateCondition(equals, scope)).toBe(true);
    expect(evaluateCondition({ 'Fn::Not': [equals] }, scope)).toBe(false);
    expect(evaluateCondition({ 'Fn::And': [equals, { Condition: 'Yes' }] }, scope)).toBe(true);
    expect(
      evaluateCondition({ 'Fn::Or': [{ Condition: 'No' }, { 'Fn::Not': [equals] }] }, scope),
    ).toBe(false);
  });

  it.each<[string, JsonValue, string]>([
    ['an unknown function', { 'Fn::ImportValue': 'x' }, 'intrinsic-unknown'],
    ['an unknown name', { Ref: 'Nobody' }, 'reference-unknown'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Table', 'Colour'] }, 'reference-unknown'],
    ['an unknown name in a Sub', { 'Fn::Sub': '${Nobody}' }, 'reference-unknown'],
  ])('refuse %s', (_name, value, code) => {
    expect(() => resolveIntrinsics(value, scope)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the order of deployment', () => {
  it('puts a resource after all that it refers to', () => {
    const order = deploymentOrder({
      A: { Type: 'T', Properties: { x: { 'Fn::Sub': '${B.Arn}' } } },
      B: { Type: 'T', Properties: { y: { 'Fn::GetAtt': ['C', 'Arn'] } }, DependsOn: 'D' },
      C: { Type: 'T' },
      D: { Type: 'T', DependsOn: ['C'] },
    });
    expect(order).toEqual(['C', 'D', 'B', 'A']);
  });

  it('names the circle when there is one', () => {
    const circle = {
      A: { Type: 'T', Properties: { x: { Ref: 'B' } } },
      B: { Type: 'T', DependsOn: 'A' },
    };
    expect(() => deploymentOrder(circle)).toThrow('A -> B -> A');
  });
});

describe('a stack that cannot be run faithfully', () => {
  const refused = async (resources: Parameters<typeof writeSmallAssembly>[0]['resources']) => {
    const assembly = await writeSmallAssembly(resources === undefined ? {} : { resources });
    try {
      const cloud = await startLocalCloud(assembly);
      await cloud.close();
      return undefined;
    } catch (error) {
      return error;
    } finally {
      await assembly.remove();
    }
  };
  const machine = (definition: object) => ({
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { RoleArn: 'x', DefinitionString: JSON.stringify(definition) },
    },
  });

  it('is refused for a resource type that is not known, which it names', async () => {
    const error = await refused({
      Cache: { Type: 'AWS::ElastiCache::CacheCluster', Properties: {} },
    });
    expect(error).toBeInstanceOf(LocalCloudError);
    expect(error).toMatchObject({
      code: 'resource-type-unknown',
      message: expect.stringContaining('Cache (AWS::ElastiCache::CacheCluster)'),
    });
  });

  it.each([
    ['JSONata', { QueryLanguage: 'JSONata', StartAt: 'A', States: { A: { Type: 'Succeed' } } }],
    [
      'JSONata in a state',
      { StartAt: 'A', States: { A: { Type: 'Pass', QueryLanguage: 'JSONata', End: true } } },
    ],
    [
      'variables',
      { StartAt: 'A', States: { A: { Type: 'Pass', Assign: { 'x.$': '$.y' }, End: true } } },
    ],
    [
      'another integration',
      {
        StartAt: 'A',
        States: { A: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', End: true } },
      },
    ],
    [
      'a task token in a choice',
      {
        StartAt: 'A',
        States: {
          A: {
            Type: 'Pass',
            Parameters: { 'x.$': "States.Format('{}', $$.Task.Token)" },
            End: true,
          },
        },
      },
    ],
    ['a state that is not there', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }],
  ])('is refused for a workflow with %s', async (_name, definition) => {
    expect(await refused(machine(definition))).toMatchObject({ code: 'state-machine-unsupported' });
  });

  it('is refused for an alarm that is not judged here as CloudWatch does', async () => {
    const alarm = {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
      },
    };
    expect(await refused({ alarm })).toMatchObject({
      code: 'resource-invalid',
      message: expect.stringContaining('missing data as missing'),
    });
    const anomaly = { ...alarm.Properties, ThresholdMetricId: 'band' };
    expect(await refused({ alarm: { ...alarm, Properties: anomaly } })).toMatchObject({
      message: expect.stringContaining('ThresholdMetricId'),
    });
  });

  it('starts with the types that have no effect here', async () => {
    const error = await refused({
      Key: {
        Type: 'AWS::KMS::Key',
        Properties: { KeyPolicy: { 'Fn::GetAtt': ['Key', 'Anything'] } },
      },
      Dashboard: { Type: 'AWS::CloudWatch::Dashboard', Properties: {} },
    });
    expect(error).toBeUndefined();
  });
});
