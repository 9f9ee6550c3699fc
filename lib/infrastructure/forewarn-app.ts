import { readFileSync } from 'node:fs';
import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { featureFlags } from './feature-flags.ts';
import { ForewarnStack } from './forewarn-stack.ts';
import { resolveStageConfig, StageConfigError } from './resolve-stage-config.ts';
import type { StageConfig } from './stage-config.ts';

const DEFAULT_STAGE = 'dev';

/**
 * The CDK app of one stage. The context `stage`, or else FOREWARN_STAGE, names the stage, and the
 * context `config` a JSON file whose settings are laid over that stage's.
 * @throws {StageConfigError} when the stage or its settings cannot be built
 */
export function forewarnApp(
  environment: Readonly<Record<string, string | undefined>>,
  props: AppProps = {},
): { readonly app: App; readonly stack: ForewarnStack; readonly config: StageConfig } {
  const settings = { autoSynth: false, analyticsReporting: false, ...props };
  // What the CLI's -c options say can only be asked of an app, and the app must know it beforehand.
  const { node: asked } = new App(settings);
  const stage = asked.tryGetContext('stage') ?? environment.FOREWARN_STAGE ?? DEFAULT_STAGE;
  const file: unknown = asked.tryGetContext('config');
  const overrides = file === undefined ? {} : readOverrides(String(file));
  const config = resolveStageConfig(String(stage), overrides);

  // The local stage is never deployed, and newcomers wait for its synthesis: it is not judged.
  const judged = config.stage !== 'local';
  const app = new App({
    ...settings,
    builtinCloudFormationValidation: judged,
    context: { ...featureFlags, ...props.context },
  });
  const stack = new ForewarnStack(app, config);
  if (judged) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack, config };
}

function readOverrides(file: string): unknown {
  const subject = `The configuration file ${file} cannot be used`;
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StageConfigError(
      subject,
      [`it cannot be read (${(cause as Error).message}): check the path given with -c config=PATH`],
      { cause },
    );
  }
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new StageConfigError(
      subject,
      [`it is not JSON (${(cause as Error).message}): mend it there`],
      { cause },
    );
  }
}
