import type { CaseOptions } from '../commands/case.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { statisticsInWords } from '../officers/statistics-words.ts';
import { printAnswer } from '../terminal/print.ts';

/** Shows the figures of the centre. Returns the exit code. */
export async function showStatistics(options: CaseOptions): Promise<number> {
  const call = await openOfficersApi(options);
  return printAnswer(options, await call('readStatistics'), statisticsInWords);
}
