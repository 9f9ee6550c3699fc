import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { featureFlags } from '../../lib/infrastructure/feature-flags.ts';
import { ForewarnStack } from '../../lib/infrastructure/forewarn-stack.ts';
import { resolveStageConfig } from '../../lib/infrastructure/resolve-stage-config.ts';

/** Leaves the handlers unbundled: a template can be judged without their code. */
export const withoutBundling = { ...featureFlags, 'aws:cdk:bundling-stacks': [] };

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** Runs something with a folder that is gone afterwards. */
export function inTemporaryFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'forewarn-synth-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The template of a stage, with settings laid over its own. */
export function synthesized(stage: string, overrides: unknown = {}): Template {
  return inTemporaryFolder((outdir) => {
    const app = new App({
      outdir,
      autoSynth: false,
      treeMetadata: false,
      builtinCloudFormationValidation: false,
      context: withoutBundling,
    });
    return Template.fromStack(new ForewarnStack(app, resolveStageConfig(stage, overrides)));
  });
}

/** All resources of a type, by logical id. */
export function resources(template: Template, type: string): Record<string, Resource> {
  return template.findResources(type) as Record<string, Resource>;
}

/**
 * The properties of the one resource of a type.
 * @throws {Error} when there is none, or another
 */
export function onlyResource(template: Template, type: string): Resource['Properties'] {
  const [only, ...others] = Object.values(resources(template, type));
  if (only === undefined || others.length > 0) {
    throw new Error(`There should be one ${type}, not ${others.length + (only ? 1 : 0)}`);
  }
  return only.Properties;
}

/** The properties of the state machine of a name. @throws {Error} when there is none */
export function workflowNamed(template: Template, name: string): Resource['Properties'] {
  const found = Object.values(resources(template, 'AWS::StepFunctions::StateMachine')).find(
    ({ Properties }) => flat(Properties.StateMachineName) === name,
  );
  if (found === undefined) throw new Error(`There is no state machine ${name}`);
  return found.Properties;
}

/** A logical id without the hash that CDK puts at its end. */
export function plainId(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

/** An intrinsic value as one short text: `LegsStream.Arn`, `arn:<AWS::Partition>:sns:*:*:*`. */
export function flat(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const intrinsic = value as Record<string, unknown>;
  if (typeof intrinsic.Ref === 'string') {
    return intrinsic.Ref.startsWith('AWS::') ? `<${intrinsic.Ref}>` : plainId(intrinsic.Ref);
  }
  if (Array.isArray(intrinsic['Fn::GetAtt'])) {
    const [id, attribute] = intrinsic['Fn::GetAtt'] as [string, string];
    return `${plainId(id)}.${attribute}`;
  }
  if (Array.isArray(intrinsic['Fn::Join'])) {
    const [delimiter, parts] = intrinsic['Fn::Join'] as [string, unknown[]];
    return parts.map(flat).join(delimiter);
  }
  return JSON.stringify(value);
}
