import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import { createDynamoDBClient, createSecretsManagerClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { createRegistersTable } from '../adapters/registers-table.ts';
import { createSealerOnce } from '../adapters/sealing.ts';
import { lambdaHandler, logger } from '../adapters/telemetry.ts';
import { keepRegister, type RegisterRequest } from './import-register.ts';

const sealer = createSealerOnce(createSecretsManagerClient, requiredSetting('SEALING_SECRET_ARN'));
const normalise = createNumberNormaliser(requiredSetting('DEFAULT_COUNTRY'));
const book = createRegistersTable(createDynamoDBClient(), requiredSetting('REGISTERS_TABLE_NAME'));

export const handler = lambdaHandler(async (request: RegisterRequest) => {
  const answer = await keepRegister(request, { book, normalise, sealer: await sealer() });
  const { act, by, register } = request;
  const { rejected, taken } = answer;
  logger.info('a register was used', { act, by, register, taken, rejected: rejected.length });
  return answer;
});
