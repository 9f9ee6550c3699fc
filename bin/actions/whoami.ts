import type { WhoAmIOptions } from '../commands/whoami.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { pairs } from '../terminal/pairs.ts';
import { printAnswer } from '../terminal/print.ts';

/** Tells who the API takes the officer for. Returns the exit code. */
export async function whoAmI(options: WhoAmIOptions): Promise<number> {
  const call = await openOfficersApi(options);
  return printAnswer(options, await call('whoAmI'), ({ districts, groups, name, queue, station }) =>
    pairs([
      ['name', name],
      ['groups', groups.join(', ') || 'none: ask your administrator'],
      ['queue', queue],
      ['station', station],
      ['districts', districts.join(', ')],
    ]),
  );
}
