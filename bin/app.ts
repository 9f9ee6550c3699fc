import { forewarnApp } from '../lib/infrastructure/forewarn-app.ts';
import { StageConfigError } from '../lib/infrastructure/resolve-stage-config.ts';

try {
  forewarnApp(process.env).app.synth();
} catch (error) {
  if (!(error instanceof StageConfigError)) throw error;
  // The reader's own settings: a stack trace would only hide what he has to change.
  console.error(error.message);
  process.exitCode = 1;
}
