import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { REJECT_REASONS } from '../../lib/domain/call-record.ts';
import { parseMapping } from '../../lib/feeds/mapping.ts';
import { MappingSchema } from '../../lib/feeds/mapping-schema.ts';

const doc = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

it('docs/records.md says of every reason what to do', async () => {
  const rows = [...(await doc('records.md')).matchAll(/^\| `([a-z0-9-]+)` \| .+ \| .+ \|$/gm)];
  const explained = rows.map(([, reason]) => reason);
  expect(explained).toEqual(expect.arrayContaining([...REJECT_REASONS]));
});

it('docs/importing.md shows a valid mapping, and names every property there is', async () => {
  const text = await doc('importing.md');
  const example = /```json\n(.+?)```/s.exec(text)?.[1] ?? '';
  expect(() => parseMapping(example, 'docs/importing.md')).not.toThrow();
  const { input, fields } = MappingSchema.properties;
  for (const name of Object.keys(input.properties)) expect(text).toContain(`\`${name}\``);
  const listed = Object.keys(fields.properties).filter((name) => !/^calle[re]District$/.test(name));
  for (const name of listed) expect(text).toContain(`\`${name}\``);
});
