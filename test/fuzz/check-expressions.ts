import { readFileSync, writeFileSync } from 'node:fs';
import { type Expression, regularExpressions } from './regular-expressions.ts';

/** What the checker said of an expression. `unknown`: it found no attack, and no proof that there is none. */
export type Verdict = 'safe' | 'vulnerable' | 'unknown';

const FILE = new URL('./checked-expressions.json', import.meta.url);
const PATIENCE_MS = 60_000;

export const keyOf = ({ flags, source }: Pick<Expression, 'source' | 'flags'>): string =>
  `/${source}/${flags}`;

/** The verdicts that are kept: all of them together would take the checker a minute. */
export function keptVerdicts(): Record<string, Verdict> {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Verdict>;
}

/** Asks the checker. Its build in JavaScript alone: the others are programs and answer alike. */
export async function verdictOn(
  expression: Pick<Expression, 'source' | 'flags'>,
): Promise<Verdict> {
  process.env.RECHECK_BACKEND = 'pure';
  const { checkSync } = await import('recheck');
  return checkSync(expression.source, expression.flags, { timeout: PATIENCE_MS }).status;
}

/** Brings the kept verdicts up to the source. @param isAnew asks again for those that are kept, too */
async function update(isAnew: boolean): Promise<void> {
  const kept = isAnew ? {} : keptVerdicts();
  const verdicts: Record<string, Verdict> = {};
  for (const expression of regularExpressions().expressions) {
    const key = keyOf(expression);
    if (verdicts[key] !== undefined) continue;
    verdicts[key] = kept[key] ?? (await verdictOn(expression));
    if (verdicts[key] !== 'safe') console.log(`${expression.place}: ${verdicts[key]}: ${key}`);
  }
  const sorted = Object.fromEntries(Object.entries(verdicts).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

if (import.meta.main) await update(process.argv.includes('--anew'));
