import { createSecretsManagerClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { createSealerOnce } from '../adapters/sealing.ts';
import { lambdaHandler } from '../adapters/telemetry.ts';
import { type MaskRequest, maskNumbers } from './mask-numbers.ts';

const sealer = createSealerOnce(createSecretsManagerClient, requiredSetting('SEALING_SECRET_ARN'));

export const handler = lambdaHandler(async (request: MaskRequest) =>
  maskNumbers(request, await sealer()),
);
