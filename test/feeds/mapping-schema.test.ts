import { expect, it } from 'vitest';
import { MappingSchema } from '../../lib/feeds/mapping-schema.ts';

it('publishes the schema of mapping files', async () => {
  // After a change: npx vitest run test/feeds/mapping-schema.test.ts -u
  await expect(`${JSON.stringify(MappingSchema, undefined, 2)}\n`).toMatchFileSnapshot(
    '../../docs/schemas/mapping.schema.json',
  );
});
