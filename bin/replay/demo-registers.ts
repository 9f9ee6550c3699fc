import { LambdaClient } from '@aws-sdk/client-lambda';
import { MOST_ROWS } from '../../functions/import-register/import-register.ts';
import type { RawRow, RegisterName } from '../../lib/domain/registers/register-rows.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import { SeededRandom } from '../../lib/simulation/seeded-random.ts';
import { createRegisterAsker, RegisterError } from '../register-asker.ts';

/** The police stations of the simulated district, as the register's file has them. Names of people are made up. */
export const DEMO_STATIONS: readonly RawRow[] = [
  station('jinjiang', '锦江区分局', '510104', '陈警官', 'qingyang'),
  station('qingyang', '青羊区分局', '510105', '王警官', 'jinniu'),
  station('jinniu', '金牛区分局', '510106', '李警官', 'qingyang'),
  station('wuhou', '武侯区分局', '510107', '赵警官', 'jinjiang'),
  station('chenghua', '成华区分局', '510108', '周警官', 'longquanyi'),
  station('longquanyi', '龙泉驿区分局', '510112', '吴警官', 'chenghua'),
];

/** People whose relatives nobody knows. [assumption] */
const WITHOUT_CONTACTS = 0.15;
const RELATIONS = ['spouse', 'child', 'parent', 'sibling', 'other relative'] as const;
const REGISTRAR = 'npm start';

function station(
  id: string,
  name: string,
  districts: string,
  dutyOfficer: string,
  backup: string,
): RawRow {
  return { id, name, districts, opens: '00:00', closes: '00:00', dutyOfficer, backup };
}

/** Contacts of people, by who lives with whom: of most, and of some none. */
export function contactRows(
  households: ReadonlyMap<string, readonly string[]>,
  seed: number,
): RawRow[] {
  const random = new SeededRandom(seed, 'contacts');
  return [...households].flatMap(([number, mates]) => {
    if (random.chance(WITHOUT_CONTACTS)) return [];
    return mates.map((contact, i) => ({
      number,
      contact,
      relation: random.pick(RELATIONS),
      order: String(i + 1),
    }));
  });
}

/**
 * Loads the demonstration's registers through the function that `forewarn register import` calls.
 *
 * @throws {RegisterError} when a row is not taken: the rows are ours
 */
export async function loadDemoRegisters(
  { credentials, endpoint, outputs, region }: LocalCloud,
  contacts: readonly RawRow[],
): Promise<void> {
  const client = new LambdaClient({ credentials, endpoint, region });
  const load = async (register: RegisterName, rows: readonly RawRow[]) => {
    const ask = createRegisterAsker(
      client,
      outputs.RegisterFunctionName ?? '',
      register,
      REGISTRAR,
    );
    for (let from = 0; from < rows.length; from += MOST_ROWS) {
      const { rejected } = await ask({ act: 'import', rows: rows.slice(from, from + MOST_ROWS) });
      const [first] = rejected;
      if (first === undefined) continue;
      throw new RegisterError(
        `${register}, row ${from + first.row}: ${first.field} ${first.detail}`,
      );
    }
  };
  try {
    await load('stations', DEMO_STATIONS);
    await load('contacts', contacts);
  } finally {
    client.destroy();
  }
}
