import type { ProblemDetails } from '../../lib/api/problem.ts';
import { plainText } from '../../lib/domain/plain-text.ts';
import { EXIT } from '../exit-codes.ts';
import { plainValue } from '../terminal/plain-text.ts';

/** One line for what the API refused, and the exit code. */
export function explainRefusal(problem: ProblemDetails): { message: string; code: number } {
  const { detail, faults, status, title } = plainValue(problem);
  const said = [...new Set([title, detail])].map((text) => withoutStop(String(text)));
  const list = Array.isArray(faults) && faults.length > 0 ? ` (${faults.join('; ')})` : '';
  return { message: plainText(`${said.join(': ')}${list}.`), code: exitCodeOf(status) };
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}

/** What is not there, not yours or not possible any more is no wrong usage, and no failure. */
function exitCodeOf(status: number): number {
  if (status === 403 || status === 404 || status === 409) return EXIT.rejected;
  return status === 429 || status >= 500 ? EXIT.aws : EXIT.usage;
}
