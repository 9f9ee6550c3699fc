import { expect, it } from 'vitest';
import { createTaskTokens } from '../../lib/local/workflows/task-tokens.ts';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:dissuasion';

it('knows the machine of a token that nobody waits on any more, so that its roles are not denied', async () => {
  const tokens = createTaskTokens();
  const { answered, token } = tokens.issue({ stateMachineArn: MACHINE, timeoutSeconds: 60 });
  expect(tokens.owner(token)).toBe(MACHINE);
  tokens.succeed(token, '{}');
  await answered;
  expect(() => tokens.succeed(token, '{}')).toThrow('Task Timed Out');
  expect(tokens.owner(token)).toBe(MACHINE);
  expect(tokens.owner('made up')).toBeUndefined();
});
