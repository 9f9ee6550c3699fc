import { describe, expect, test } from 'vitest';
import { readQuestion } from '../../lib/archive/read-question.ts';
import {
  expectedCalls,
  importRecords,
  simulatedTown,
  temporaryArchive,
} from './simulated-archive.ts';

describe('the contacts of a number', () => {
  test('are all whom it called or who called it since a day, as plain code finds them', async () => {
    await using archive = await temporaryArchive();
    const records = simulatedTown();
    await importRecords(archive, records);
    const calls = expectedCalls(records);
    const sql = await readQuestion('contacts-of-number');
    const busiest = [...Map.groupBy(calls, ({ caller }) => caller)]
      .sort(([, a], [, b]) => b.length - a.length)
      .slice(0, 3)
      .map(([caller]) => caller);
    for (const number of [...busiest, ...calls.slice(0, 5).map(({ callee }) => callee)]) {
      for (const firstDay of ['2026-11-23', '2026-11-24', '2026-11-26']) {
        const rows = await archive.ask(sql, { number, firstDay });
        expect(rows).toEqual(contactsOf(number, firstDay));
      }
    }

    function contactsOf(number: string, firstDay: string) {
      const theirs = calls.filter(
        ({ caller, callee, day }) => (caller === number || callee === number) && day >= firstDay,
      );
      const contactOf = ({ caller, callee }: (typeof theirs)[number]) =>
        caller === number ? callee : caller;
      return [...Map.groupBy(theirs, contactOf)]
        .map(([contact, among]) => ({
          contact,
          calls: among.length,
          seconds: among.reduce((sum, { duration }) => sum + (duration ?? 0), 0),
          calls_to_contact: among.filter(({ caller }) => caller === number).length,
          last_call: Math.max(...among.map(({ start }) => start)),
          first_call: Math.min(...among.map(({ start }) => start)),
        }))
        .sort((a, b) => b.last_call - a.last_call || (a.contact < b.contact ? -1 : 1));
    }
  });
});
