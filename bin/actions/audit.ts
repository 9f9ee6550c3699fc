import type { AuditEntryView } from '../../lib/api/schemas.ts';
import { checkChain } from '../../lib/domain/audit/audit-chain.ts';
import type { AuditOptions, VerifyOptions } from '../commands/audit.ts';
import { EXIT } from '../exit-codes.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { readPages } from '../officers/read-pages.ts';
import { type Column, fittedTable } from '../terminal/fitted-table.ts';
import { printAnswer } from '../terminal/print.ts';
import { localTime } from '../terminal/spoken-time.ts';

const COLUMNS: readonly Column[] = [
  { head: 'entry', align: 'right', keep: true },
  { head: 'at' },
  { head: 'by' },
  { head: 'what' },
  { head: 'whose' },
  { head: 'purpose' },
  { head: 'task', keep: true },
];

async function readAudit(options: AuditOptions): Promise<AuditEntryView[]> {
  const call = await openOfficersApi(options);
  const pages = await readPages((next) => call('readAudit', { query: { limit: '100', ...next } }));
  return pages.flatMap(({ entries }) => entries);
}

/** Lists the audit. Returns the exit code. */
export async function listAudit(options: AuditOptions): Promise<number> {
  return printAnswer(options, { entries: await readAudit(options) }, ({ entries }) =>
    entries.length === 0
      ? 'Nobody has looked at a number.'
      : fittedTable(
          COLUMNS,
          entries.map(({ act, at, by, purpose, sequence, taskId, whose }) => [
            sequence,
            localTime(at),
            by,
            act,
            whose,
            purpose,
            taskId ?? '',
          ]),
        ),
  );
}

/** Checks the chain of the audit. Returns the exit code: 1 for one that is broken. */
export async function verifyAudit(options: VerifyOptions): Promise<number> {
  const entries = await readAudit(options);
  const check = checkChain(entries, options.noted);
  const last = entries.at(-1);
  printAnswer(options, check, ({ ok, problem }) => {
    if (!ok) return `The audit is NOT whole: ${problem}.`;
    if (last === undefined) return 'There are no entries.';
    const expired = check.from > 1 ? ` Entries 1 to ${check.from - 1} have expired.` : '';
    return (
      `The audit is whole: entries ${check.from} to ${check.to}.${expired}\n` +
      `Note this down elsewhere for the next time: --noted ${last.sequence}:${last.hash}`
    );
  });
  return check.ok ? EXIT.ok : EXIT.rejected;
}
