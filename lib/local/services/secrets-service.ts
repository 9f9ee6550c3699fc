import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest } from '../gateway/aws-request.ts';
import { type AwsService, jsonResponse } from '../gateway/aws-service.ts';
import { replaceFile } from '../kept/replace-file.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';

export interface SecretsService extends AwsService {
  /** Adds a secret unless an earlier run left one; answers its ARN. */
  add(name: string, value: () => string): string;
}

interface Secret {
  arn: string;
  value: string;
  versionId: string;
}

/**
 * Secrets Manager, for reading.
 *
 * @param file where values are kept for the next start; undefined keeps them in memory only.
 */
export function createSecretsService(
  cloud: CloudIdentity,
  file: string | undefined,
): SecretsService {
  const secrets: Record<string, Secret> =
    file !== undefined && existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Secret>)
      : {};

  const find = (request: AwsRequest): [string, Secret] | undefined => {
    const id = request.parameters.SecretId;
    return Object.entries(secrets).find(
      // A secret may be named by its ARN without the six random characters at its end.
      ([name, { arn }]) => id === name || id === arn || id === arn.slice(0, -7),
    );
  };

  return {
    add(name, value) {
      const known = secrets[name];
      if (known !== undefined) return known.arn;
      const suffix = randomUUID().slice(0, 6);
      const arn = arnOf(cloud, 'secretsmanager', `secret:${name}-${suffix}`);
      secrets[name] = { arn, value: value(), versionId: randomUUID() };
      if (file !== undefined) replaceFile(file, JSON.stringify(secrets));
      return arn;
    },
    permissions(request) {
      const action = `secretsmanager:${request.operation}`;
      return [{ action, resource: find(request)?.[1].arn ?? '*' }];
    },
    async handle(request) {
      if (request.operation !== 'GetSecretValue' && request.operation !== 'DescribeSecret') {
        throw new AwsError(
          'UnknownOperationException',
          `Secrets Manager ${request.operation} is not emulated`,
        );
      }
      const found = find(request);
      if (found === undefined) {
        throw new AwsError(
          'ResourceNotFoundException',
          "Secrets Manager can't find the specified secret.",
        );
      }
      const [name, { arn, value, versionId }] = found;
      const described = { ARN: arn, Name: name };
      if (request.operation === 'DescribeSecret') return jsonResponse(described);
      return jsonResponse({
        ...described,
        VersionId: versionId,
        VersionStages: ['AWSCURRENT'],
        SecretString: value,
      });
    },
  };
}
