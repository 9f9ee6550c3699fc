import { userInfo } from 'node:os';
import { LambdaClient } from '@aws-sdk/client-lambda';
import Table from 'cli-table3';
import { MOST_ROWS, type ShownEntry } from '../../functions/import-register/import-register.ts';
import { REGISTER_COLUMNS, type RegisterName } from '../../lib/domain/registers/register-rows.ts';
import { clientConfig, stackOutputs } from '../aws-connection.ts';
import type { RegisterOptions } from '../commands/register.ts';
import { type CsvLine, readCsvRows } from '../csv-rows.ts';
import { EXIT } from '../exit-codes.ts';
import { type AskRegister, createRegisterAsker } from '../register-asker.ts';
import { safeJson } from '../terminal/plain-text.ts';
import { print } from '../terminal/print.ts';

const SHOWN_PROBLEMS = 20;

async function asker(register: RegisterName, options: RegisterOptions): Promise<AskRegister> {
  const [functionName] = await stackOutputs(options, 'RegisterFunctionName');
  const client = new LambdaClient(clientConfig(options));
  return createRegisterAsker(client, functionName, register, options.by ?? userInfo().username);
}

/** Loads a file into a register. Returns the exit code. */
export async function importRegister(
  register: RegisterName,
  file: string,
  options: RegisterOptions,
): Promise<number> {
  const ask = await asker(register, options);
  const problems: { line: number; field: string; detail: string }[] = [];
  let taken = 0;
  let batch: CsvLine[] = [];
  const send = async () => {
    if (batch.length === 0) return;
    const answer = await ask({ act: 'import', rows: batch.map(({ row }) => row) });
    taken += answer.taken;
    for (const { detail, field, row } of answer.rejected) {
      problems.push({ line: batch[row]?.line ?? 0, field, detail });
    }
    batch = [];
    if (process.stderr.isTTY) process.stderr.write(`\r${taken} rows taken`);
  };
  for await (const line of readCsvRows(file, REGISTER_COLUMNS[register])) {
    batch.push(line);
    if (batch.length === MOST_ROWS) await send();
  }
  await send();
  if (process.stderr.isTTY) process.stderr.write('\n');
  if (options.json) {
    print(safeJson({ taken, rejected: problems }, 2));
  } else {
    for (const { detail, field, line } of problems.slice(0, SHOWN_PROBLEMS)) {
      print(`line ${line}: ${field} ${detail}`);
    }
    const more = problems.length - SHOWN_PROBLEMS;
    if (more > 0) print(`… and ${more} more`);
    print(`${taken} rows are in the register of ${register}; ${problems.length} were not taken.`);
  }
  return problems.length === 0 ? EXIT.ok : EXIT.rejected;
}

function valueInWords(value: ShownEntry['value']): string {
  if (typeof value === 'string') return value;
  if ('id' in value) {
    const { backup, closes, districts, dutyOfficer, name, opens } = value;
    const neighbour = backup === undefined ? '' : `, backup ${backup}`;
    return `${name}: ${districts.join(' ')}, ${opens} to ${closes}, ${dutyOfficer}${neighbour}`;
  }
  if ('district' in value) {
    const { consent, district, groups, language, optedOut, source } = value;
    return [
      `${district} ${groups.join(' ')}`.trim(),
      ...(source === '' ? [] : [source]),
      consent === undefined ? 'no consent' : `consent ${consent}`,
      ...(optedOut === undefined ? [] : [`opted out ${optedOut}`]),
      ...(language === undefined ? [] : [language]),
    ].join(', ');
  }
  return value.map(({ contact, relation }, i) => `${i + 1}. ${relation} ${contact}`).join('\n');
}

/** Shows a register. Returns the exit code. */
export async function listRegister(
  register: RegisterName,
  options: RegisterOptions,
): Promise<number> {
  const ask = await asker(register, options);
  const { entries } = await ask({ act: 'list' });
  if (options.json) print(safeJson(entries, 2));
  else if (entries.length === 0) print(`The register of ${register} is empty.`);
  else {
    const table = new Table({ head: [register, ''], style: { head: [], border: [] } });
    for (const { key, value } of entries) table.push([key, valueInWords(value)]);
    print(table.toString());
  }
  return EXIT.ok;
}

/** Takes an entry out of a register. Returns the exit code. */
export async function removeFromRegister(
  register: RegisterName,
  key: string,
  options: RegisterOptions,
): Promise<number> {
  const ask = await asker(register, options);
  const { taken } = await ask({ act: 'remove', key });
  print(taken === 1 ? 'Removed.' : `There was no such entry in the register of ${register}.`);
  return taken === 1 ? EXIT.ok : EXIT.rejected;
}
