import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createPrompter } from '../../../bin/officers/prompt.ts';

function terminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = new PassThrough({ encoding: 'utf8' });
  let shown = '';
  output.on('data', (text: string) => {
    shown += text;
  });
  return { input, prompter: createPrompter({ input, output }), shown: () => shown };
}

describe('asking in a terminal', () => {
  test('shows what is typed, unless it is a secret', async () => {
    const { input, prompter, shown } = terminal();
    const user = prompter.ask('User: ');
    input.write('chen\r');
    expect(await user).toBe('chen');
    const password = prompter.askSecretly('Password: ');
    input.write('hush');
    input.write('!\u007f?\r');
    expect(await password).toBe('hush?');
    const code = prompter.ask('Code: ');
    input.write('123456\r');
    expect(await code).toBe('123456');
    prompter.close();
    expect(shown()).toContain('chen');
    expect(shown()).toContain('Password: ');
    expect(shown()).toContain('123456');
    expect(shown()).not.toContain('hush');
  });

  test('fails when the input ends instead', async () => {
    const { input, prompter } = terminal();
    const answer = prompter.askSecretly('Password: ');
    input.end();
    await expect(answer).rejects.toThrow('The input ended');
  });
});
