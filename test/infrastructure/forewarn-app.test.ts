import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Aspects, type IAspect, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { forewarnApp } from '../../lib/infrastructure/forewarn-app.ts';
import { functionNames } from '../../lib/infrastructure/stage-config.ts';
import { flat, inTemporaryFolder, type Resource, withoutBundling } from './synthesized-stack.ts';

const appFile = fileURLToPath(new URL('../../bin/app.ts', import.meta.url));

/** Runs the app as the CDK CLI would. */
function run(outdir: string, environment: Record<string, string>) {
  return spawnSync(process.execPath, [appFile], {
    encoding: 'utf8',
    env: { ...process.env, CDK_OUTDIR: outdir, FOREWARN_STAGE: '', ...environment },
  });
}

/** The environment variables of all functions in a synthesized template. */
function settingsIn(outdir: string): Record<string, string> {
  const template = JSON.parse(
    readFileSync(join(outdir, 'Forewarn-local.template.json'), 'utf8'),
  ) as {
    Resources: Record<string, Resource>;
  };
  const variables = Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .flatMap(({ Properties }) =>
      Object.entries((Properties.Environment as { Variables: object }).Variables),
    );
  return Object.fromEntries(variables.map(([name, value]) => [name, flat(value)]));
}

/** Loads a bundle as Lambda does, in a process of its own, and says what it exports as handler. */
function handlerTypeOf(folder: string, settings: Record<string, string>): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['-p', `typeof require(${JSON.stringify(join(folder, 'index.js'))}).handler`],
    { encoding: 'utf8', env: { ...settings, AWS_REGION: 'eu-west-1' } },
  );
  return stderr === '' ? stdout.trim() : stderr;
}

describe('The CDK app', { timeout: 120_000 }, () => {
  test('bundles each handler into one CommonJS file that loads where no package is installed', () => {
    inTemporaryFolder((outdir) => {
      const { status } = run(outdir, { FOREWARN_STAGE: 'local' });
      expect(status).toBe(0);

      const bundles = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
      expect(bundles).toHaveLength(functionNames.length);
      for (const bundle of bundles) {
        const [code, ...files] = readdirSync(join(outdir, bundle));
        expect(code).toBe('index.js');
        // Only the study brings files: the questions that it asks.
        expect(['', 'questions']).toContain(files.join());
        expect(handlerTypeOf(join(outdir, bundle), settingsIn(outdir))).toBe('function');
      }
    });
  });

  test('says what is wrong with the settings in a few lines, and fails', () => {
    inTemporaryFolder((outdir) => {
      const file = join(outdir, 'settings.json');
      writeFileSync(file, JSON.stringify({ retention: { logDays: 8 } }));
      const context = JSON.stringify({ stage: 'prod', config: file });
      const { status, stderr } = run(join(outdir, 'out'), { CDK_CONTEXT_JSON: context });

      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^The configuration of stage prod has problems:\n {2}- retention\.logDays must be one of .*; it is 8\n$/,
      );
    });
  });

  test.each([
    ['missing', undefined, /cannot be used:\n {2}- it cannot be read .*-c config=PATH$/],
    ['no JSON', '{', /cannot be used:\n {2}- it is not JSON .*: mend it there$/],
  ])('refuses a settings file that is %s', (_, content, message) => {
    inTemporaryFolder((folder) => {
      const config = join(folder, 'settings.json');
      if (content !== undefined) writeFileSync(config, content);

      expect(() => forewarnApp({}, { outdir: folder, context: { config } })).toThrow(message);
    });
  });

  test.each([
    [{}, {}, 'Forewarn-dev'],
    [{ FOREWARN_STAGE: 'prod' }, {}, 'Forewarn-prod'],
    [{ FOREWARN_STAGE: 'prod' }, { stage: 'local' }, 'Forewarn-local'],
  ])('builds, for environment %o and context %o, %s', (environment, context, name) => {
    inTemporaryFolder((outdir) => {
      const { stack } = forewarnApp(environment, {
        outdir,
        context: { ...withoutBundling, ...context },
      });
      expect(stack.stackName).toBe(name);
    });
  });

  test('protects the stack of prod from deletion, and leaves account and region open', () => {
    inTemporaryFolder((outdir) => {
      const { stack } = forewarnApp({}, { outdir, context: { ...withoutBundling, stage: 'prod' } });
      expect(stack.terminationProtection).toBe(true);
      expect(stack.environment).toBe('aws://unknown-account/unknown-region');
    });
  });
});

describe('cdk-nag', { timeout: 120_000 }, () => {
  /** Synthesizes with the AwsSolutions pack and CloudFormation's own rules. */
  const judge = (stage: string, change?: (stack: IConstruct) => void, settings: object = {}) =>
    inTemporaryFolder((outdir) => {
      const config = join(outdir, 'settings.json');
      writeFileSync(config, JSON.stringify(settings));
      const context = { ...withoutBundling, stage, config };
      const { app, stack } = forewarnApp({}, { outdir, context });
      change?.(stack);
      app.synth();
      return JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as {
        pluginReports: unknown[];
      };
    });

  test.each(['dev', 'prod'])('has no finding in %s that is not acknowledged', (stage) => {
    expect(judge(stage).pluginReports).toEqual([]);
  });

  test('has no finding where officers must use a second factor, without the dearer plan', () => {
    const settings = { officers: { mfa: 'required', threatProtection: 'off' } };

    expect(judge('prod', undefined, settings).pluginReports).toEqual([]);
  });

  test('would stop the synthesis at a bucket that anybody can read in plain text', () => {
    expect(() => judge('dev', (stack) => new Bucket(stack, 'Open'))).toThrow(/AwsSolutions-S10/);
  });

  test('leaves only these findings standing, each with its reason', () => {
    const reasons = new Map<string, string>();
    const collect: IAspect = {
      visit(node) {
        for (const { type, data } of node.node.metadata) {
          if (type !== Validations.ACKNOWLEDGED_RULES_METADATA_KEY) continue;
          for (const [id, reason] of Object.entries(data as Record<string, string>)) {
            reasons.set(id.replace(/^Annotation::/, '').replace(/[0-9A-F]{8}(?=[.>])/, ''), reason);
          }
        }
      },
    };
    judge('dev', (stack) => Aspects.of(stack).add(collect));

    expect([...reasons.keys()].sort()).toEqual([
      'AwsSolutions-APIG1',
      'AwsSolutions-APIG4',
      'AwsSolutions-COG2',
      'AwsSolutions-IAM5[Resource::*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/answers/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/call_records/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/calls/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/failed/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/references/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/studies/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/study_contacts/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/study_given/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/study_handsets/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/study_numbers/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/study_pairs/*]',
      'AwsSolutions-IAM5[Resource::<ArchiveBucket.Arn>/study_suspects/*]',
      'AwsSolutions-IAM5[Resource::<CampaignsLists.Arn>/campaigns/*]',
      'AwsSolutions-IAM5[Resource::<DissuasionTasksTable.Arn>/stream/*]',
      'AwsSolutions-IAM5[Resource::<QuarantineBucket.Arn>/aws/lambda/*]',
      'AwsSolutions-IAM5[Resource::<QuarantineBucket.Arn>/quarantine/*]',
      'AwsSolutions-IAM5[Resource::<ScoreSubjectsTable.Arn>/stream/*]',
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<LiveUpdatesApi>/live/POST/@connections/*]',
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:Forewarn-dev-campaigns:*]',
      'AwsSolutions-KDS3',
      'AwsSolutions-SMG4',
    ]);
    for (const reason of reasons.values()) expect(reason.length).toBeGreaterThan(40);
  });
});
