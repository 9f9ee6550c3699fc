import type { AppealOptions, DecideOptions } from '../commands/appeal.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { readPages } from '../officers/read-pages.ts';
import { fittedTable } from '../terminal/fitted-table.ts';
import { printAnswer } from '../terminal/print.ts';
import { localTime } from '../terminal/spoken-time.ts';

/** Shows the appeals. Returns the exit code. */
export async function listAppeals(
  options: AppealOptions & { readonly all?: true },
): Promise<number> {
  const call = await openOfficersApi(options);
  const pages = await readPages((next) => call('listAppeals', { query: next }));
  const appeals = pages
    .flatMap((page) => page.appeals)
    .filter(({ decided }) => options.all || decided === undefined)
    .sort((a, b) => a.at - b.at);
  return printAnswer(options, { appeals }, (plain) =>
    plain.appeals.length === 0
      ? 'No appeals wait.'
      : fittedTable(
          [
            { head: 'lodged' },
            { head: 'number' },
            { head: 'why' },
            { head: 'decided' },
            { head: 'reference', keep: true },
          ],
          plain.appeals.map(({ at, decided, number, reference, text }) => [
            localTime(at),
            number,
            text,
            decided === undefined ? '' : `${decided.decision} by ${decided.by}: ${decided.reason}`,
            reference,
          ]),
        ),
  );
}

/** Decides on an appeal. Returns the exit code. */
export async function decideAppeal(reference: string, options: DecideOptions): Promise<number> {
  const { decision, reason, until } = options;
  const call = await openOfficersApi(options);
  const done = await call('decideAppeal', {
    parameters: { reference },
    body: { decision, reason, ...(until !== undefined && { until }) },
  });
  return printAnswer(options, done, () =>
    decision === 'granted'
      ? 'Granted: the number is on the allow-list.'
      : 'Refused: the number is judged as before.',
  );
}
