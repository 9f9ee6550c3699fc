import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/** Waits for a write. @returns false where its condition did not hold */
export async function held(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
