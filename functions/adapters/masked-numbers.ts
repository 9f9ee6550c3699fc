import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { SealingError } from './errors.ts';

/** Numbers as people see them, by token. */
export type Masks = ReadonlyMap<NumberToken, string>;
export type MaskNumbers = (tokens: readonly NumberToken[]) => Promise<Masks>;

/** Tails are asked for again and again; so many bound the memory to some 4 MB. */
const REMEMBERED = 20_000;
const PER_REQUEST = 1_000;

async function ask(
  client: LambdaClient,
  functionName: string,
  tokens: readonly NumberToken[],
): Promise<Record<NumberToken, string>> {
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      Payload: Buffer.from(JSON.stringify({ tokens })),
    }),
  );
  const answer = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) {
    throw new SealingError('numbers could not be masked', { cause: answer });
  }
  return JSON.parse(answer) as Record<NumberToken, string>;
}

/** Asks the function that may read the key for tails, and remembers them. */
export function createMasking(client: LambdaClient, functionName: string): MaskNumbers {
  const remembered = new Map<NumberToken, string>();
  return async (tokens) => {
    const unknown = [...new Set(tokens)].filter((token) => !remembered.has(token));
    const fresh = new Map<NumberToken, string>();
    for (let i = 0; i < unknown.length; i += PER_REQUEST) {
      const answer = await ask(client, functionName, unknown.slice(i, i + PER_REQUEST));
      for (const [token, masked] of Object.entries(answer)) fresh.set(token, masked);
    }
    const masks = new Map(
      tokens.map((token) => [token, fresh.get(token) ?? remembered.get(token) ?? '']),
    );
    if (remembered.size + fresh.size > REMEMBERED) remembered.clear();
    for (const [token, masked] of fresh) remembered.set(token, masked);
    return masks;
  };
}
