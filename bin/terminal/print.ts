import { EXIT } from '../exit-codes.ts';
import { plainLines, plainValue, safeJson } from './plain-text.ts';

/** Prints lines; whatever they quote, no terminal acts on it. */
export function print(text: string): void {
  process.stdout.write(`${plainLines(text)}\n`);
}

/** For people beside what scripts read. */
export function remark(text: string): void {
  process.stderr.write(`${plainLines(text)}\n`);
}

/** Whether a command answers with JSON instead of text. */
export interface AnswerOptions {
  readonly json?: true;
}

/**
 * Prints what the API answered: as it is with `--json`, else in words. The words are made of texts that no terminal
 * acts on. Returns the exit code.
 */
export function printAnswer<Answer>(
  options: AnswerOptions,
  answer: Answer,
  inWords: (plain: Answer) => string,
): number {
  print(options.json ? safeJson(answer, 2) : inWords(plainValue(answer)));
  return EXIT.ok;
}
