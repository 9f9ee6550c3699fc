import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type {
  RegisterAnswer,
  RegisterRequest,
} from '../functions/import-register/import-register.ts';
import type { RegisterName } from '../lib/domain/registers/register-rows.ts';

/** The function that keeps the registers answered with an error. */
export class RegisterError extends Error {
  readonly code = 'register-failed';
  override readonly name = 'RegisterError';
}

/** What is to be done with a register, apart from which and by whom. */
type RegisterAct = RegisterRequest extends infer Request
  ? Request extends RegisterRequest
    ? Omit<Request, 'by' | 'register'>
    : never
  : never;

/** Asks the function that keeps a register. @throws {RegisterError} */
export type AskRegister = (act: RegisterAct) => Promise<RegisterAnswer>;

/** @param by who asks: it is logged */
export function createRegisterAsker(
  client: LambdaClient,
  functionName: string,
  register: RegisterName,
  by: string,
): AskRegister {
  return async (act) => {
    const answer = await client.send(
      new InvokeCommand({
        FunctionName: functionName,
        Payload: JSON.stringify({ ...act, by, register }),
      }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString('utf8');
    if (answer.FunctionError !== undefined) throw new RegisterError(text);
    return JSON.parse(text) as RegisterAnswer;
  };
}
