import { readAlarm } from '../metrics/alarm.ts';
import { arnOf } from '../services/aws-names.ts';
import { type DeployResource, physicalName } from './deployment.ts';
import { refuseOtherProperties } from './read-properties.ts';

const KNOWN = [
  'AlarmActions',
  'AlarmDescription',
  'AlarmName',
  'ComparisonOperator',
  'DatapointsToAlarm',
  'Dimensions',
  'EvaluationPeriods',
  'ExtendedStatistic',
  'MetricName',
  'Metrics',
  'Namespace',
  'OKActions',
  'Period',
  'Statistic',
  'Tags',
  'Threshold',
  'TreatMissingData',
];

export const deployAlarm: DeployResource = (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, KNOWN);
  const name = physicalName(deployment, logicalId, properties.AlarmName, 255);
  deployment.monitoring.addAlarm(readAlarm(name, properties));
  return {
    ref: name,
    attributes: { Arn: arnOf(deployment.cloud, 'cloudwatch', `alarm:${name}`) },
  };
};
