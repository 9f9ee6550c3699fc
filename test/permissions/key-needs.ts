/** A use of the key that a service makes with the rights of whoever calls it. */
export interface KeyNeed {
  readonly action: string;
  readonly condition: string;
}

const TABLE_KEY = [
  'Decrypt',
  'DescribeKey',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
];

/** By the calls: what the documentation of each service asks of whoever calls it, everything being encrypted. */
const needs: readonly [RegExp, string, readonly string[]][] = [
  [/^dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)$/, 'dynamodb', ['Decrypt']],
  [/^dynamodb:/, 'dynamodb', TABLE_KEY],
  [/^kinesis:PutRecords?$/, 'kinesis', ['GenerateDataKey']],
  [/^kinesis:GetRecords$/, 'kinesis', ['Decrypt']],
  [/^s3:PutObject$/, 's3', ['GenerateDataKey']],
  [/^s3:GetObject$/, 's3', ['Decrypt']],
  [/^secretsmanager:GetSecretValue$/, 'secretsmanager', ['Decrypt']],
  [/^sqs:SendMessage$/, 'sqs', ['Decrypt', 'GenerateDataKey']],
  [/^sqs:ReceiveMessage$/, 'sqs', ['Decrypt']],
];

/** Step Functions encrypts executions in the context of their workflow, not through a service. */
const workflow = /^states:(StartExecution|SendTask\w+)$/;

/**
 * How a caller must be allowed to use the key, for a call to succeed on AWS. The local cloud has no key.
 * @param on the resource in words
 */
export function keyNeededFor(action: string, on: string): KeyNeed[] {
  const through = (service: string, names: readonly string[]) =>
    names.map((name) => ({ action: `kms:${name}`, condition: `through ${service}` }));
  if (workflow.test(action)) {
    return ['kms:Decrypt', 'kms:GenerateDataKey'].map((name) => ({
      action: name,
      condition: 'bound to a context',
    }));
  }
  // Texts to phones are nobody's topic.
  if (action === 'sns:Publish' && on !== '*') return through('sns', ['Decrypt', 'GenerateDataKey']);
  const [, service, names] = needs.find(([pattern]) => pattern.test(action)) ?? [];
  return service === undefined || names === undefined ? [] : through(service, names);
}
