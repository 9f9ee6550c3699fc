import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { EXIT, UsageError } from '../exit-codes.ts';

/** Asks the user, line by line. */
export interface Prompter {
  /** @throws {UsageError} when the input ends instead */
  ask(question: string): Promise<string>;
  /** What is typed does not show. */
  askSecretly(question: string): Promise<string>;
  tell(text: string): void;
  close(): void;
}

interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Nothing is read before the first question. Questions go to standard error: scripts read the other. */
export function createPrompter(
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Prompter {
  let isSecret = false;
  let lines: Interface | undefined;
  let answers: AsyncIterator<string> | undefined;

  const open = (): Interface => {
    if (lines !== undefined) return lines;
    const echo = new Writable({
      write(chunk, _encoding, done) {
        if (!isSecret) output.write(chunk);
        done();
      },
    });
    lines = createInterface({
      input,
      output: echo,
      terminal: input.isTTY === true,
      historySize: 0,
    });
    // In a terminal's raw mode Ctrl-C is a key and no signal.
    lines.on('SIGINT', () => {
      lines?.close();
      output.write('\n');
      process.exit(EXIT.interrupted);
    });
    answers = lines[Symbol.asyncIterator]();
    return lines;
  };

  const next = async (): Promise<string> => {
    const answer = await answers?.next();
    if (answer === undefined || answer.done === true) {
      throw new UsageError('The input ended where an answer was needed.');
    }
    return answer.value;
  };

  return {
    ask(question) {
      const terminal = open();
      terminal.setPrompt(question);
      terminal.prompt();
      return next();
    },
    async askSecretly(question) {
      open();
      output.write(question);
      isSecret = true;
      try {
        return await next();
      } finally {
        isSecret = false;
        output.write('\n');
      }
    },
    tell(text) {
      output.write(`${text}\n`);
    },
    close: () => lines?.close(),
  };
}
