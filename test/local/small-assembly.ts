import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import type { JsonObject, JsonValue } from '../../lib/local/json-value.ts';

/** A small stack written to a folder in the shape of `cdk.out`. */
export interface SmallAssembly {
  assemblyDir: string;
  stackName: string;
  remove(): Promise<void>;
}

export interface SmallFunction {
  /** Source of `index.ts`, which may import AWS SDK clients; it is bundled. */
  source: string;
  properties?: JsonObject;
  /** Statements of its role. */
  grants?: JsonValue[];
}

function functionResources(id: string, given: SmallFunction, key: string): JsonObject {
  return {
    [`${id}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {},
        ManagedPolicyArns: [
          {
            'Fn::Join': [
              '',
              [
                'arn:',
                { Ref: 'AWS::Partition' },
                ':iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
              ],
            ],
          },
        ],
      },
    },
    ...(given.grants === undefined
      ? {}
      : {
          [`${id}Policy`]: {
            Type: 'AWS::IAM::Policy',
            Properties: {
              PolicyName: `${id}Policy`,
              PolicyDocument: { Version: '2012-10-17', Statement: given.grants },
              Roles: [{ Ref: `${id}Role` }],
            },
          },
        }),
    [id]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: id,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
        Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: key },
        MemorySize: 256,
        Timeout: 10,
        ...given.properties,
      },
    },
  };
}

/** Writes a stack with these functions (and their roles) and other resources. */
export async function writeSmallAssembly(stack: {
  functions?: Record<string, SmallFunction>;
  resources?: JsonObject;
  outputs?: JsonObject;
}): Promise<SmallAssembly> {
  const assemblyDir = await mkdtemp(join(tmpdir(), 'forewarn-test-'));
  const stackName = 'Small';
  const files: JsonObject = {};
  const resources: JsonObject = { ...stack.resources };
  for (const [id, given] of Object.entries(stack.functions ?? {})) {
    const path = `asset.${id}`;
    await mkdir(join(assemblyDir, path));
    await esbuild.build({
      stdin: { contents: given.source, resolveDir: import.meta.dirname, loader: 'ts' },
      outfile: join(assemblyDir, path, 'index.js'),
      bundle: true,
      platform: 'node',
      target: 'node24',
      logLevel: 'silent',
    });
    files[id] = {
      source: { path, packaging: 'zip' },
      destinations: { here: { bucketName: 'assets', objectKey: `${id}.zip` } },
    };
    Object.assign(resources, functionResources(id, given, `${id}.zip`));
  }
  await writeFile(
    join(assemblyDir, `${stackName}.template.json`),
    JSON.stringify({ Resources: resources, Outputs: stack.outputs ?? {} }),
  );
  await writeFile(join(assemblyDir, `${stackName}.assets.json`), JSON.stringify({ files }));
  return {
    assemblyDir,
    stackName,
    remove: () => rm(assemblyDir, { recursive: true, force: true }),
  };
}
