import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { AudienceMember } from '../../lib/domain/campaign/eligibility.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { placeOfDistrict } from '../../lib/domain/profile/usual-place.ts';
import {
  type AudienceEntry,
  leavingAudience,
  mergeAudience,
} from '../../lib/domain/registers/audience.ts';
import type { RegisterName, Station } from '../../lib/domain/registers/register-rows.ts';
import { TableError } from './errors.ts';
import { transact } from './transact.ts';

/** A relative of a person, sealed. */
export interface Relative {
  readonly contact: NumberToken;
  readonly relation: string;
  /** 1 for whom to ask first. */
  readonly order: number;
}

/** An entry of a register by its key: a station's id, or a person's token. */
export interface RegisterEntry {
  readonly key: string;
  readonly value: Station | readonly Relative[] | AudienceEntry | string;
}

/** What the ladder asks of the registers. */
export interface RegisterStore {
  station(id: string): Promise<Station | undefined>;
  stationOf(district: string): Promise<Station | undefined>;
  /** The code of a district that a profile remembers by its lower 16 bits; undefined where no station answers for it. */
  districtOf(place: number): Promise<string | undefined>;
  /** Whom to ask first first. */
  relativesOf(person: NumberToken): Promise<readonly Relative[]>;
  careGroupOf(person: NumberToken): Promise<string | undefined>;
}

/** What keeping the registers takes besides. */
export interface RegisterBook extends RegisterStore {
  putStation(station: Station): Promise<void>;
  /** Adds a relative, or replaces the one of the same order. */
  putRelative(person: NumberToken, relative: Relative): Promise<void>;
  putCare(person: NumberToken, group: string): Promise<void>;
  /** Adds a row to what is known of a person: the latest days of consent and opting out stay. */
  putAudience(person: NumberToken, row: AudienceEntry): Promise<void>;
  /** @returns false where there was no such entry */
  remove(register: RegisterName, key: string): Promise<boolean>;
  list(register: RegisterName): AsyncIterable<RegisterEntry>;
}

/** What campaigns ask of the register of the audience. */
export interface AudienceStore {
  /** The people of one district. */
  audienceOf(district: string): AsyncIterable<AudienceMember>;
  /** What the register says of a person at this moment. */
  audienceEntry(person: NumberToken): Promise<AudienceEntry | undefined>;
}

/** Which station answers for a district, by its code and by what profiles remember of it. */
const OF_DISTRICTS = 'districts';
const OF_PLACES = 'places';

/** People stand a second time by district, so that a campaign reads its own districts and nothing else. */
const audienceIn = (district: string) => `audience#${district}` as const;

type Partition =
  | RegisterName
  | typeof OF_DISTRICTS
  | typeof OF_PLACES
  | ReturnType<typeof audienceIn>;

/** Tries at a person whom another import is changing too. */
const MOST_TRIES = 8;

const keyOf = (register: Partition, key: string): Record<string, AttributeValue> => ({
  register: { S: register },
  key: { S: key },
});

/** Where the register says in which care group a person is: JSON text in `value`. */
export const careKey = (person: NumberToken) => keyOf('care', person);

export function createRegistersTable(
  client: DynamoDBClient,
  table: string,
): RegisterBook & AudienceStore {
  async function read<Value>(
    register: Partition,
    key: string,
    consistent = false,
  ): Promise<Value | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: keyOf(register, key),
        ConsistentRead: consistent,
      }),
    );
    return Item?.value?.S === undefined ? undefined : (JSON.parse(Item.value.S) as Value);
  }

  async function write(register: Partition, key: string, value: unknown): Promise<void> {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: { ...keyOf(register, key), value: { S: JSON.stringify(value) } },
      }),
    );
  }

  async function remove(register: Partition, key: string): Promise<boolean> {
    const { Attributes } = await client.send(
      new DeleteItemCommand({
        TableName: table,
        Key: keyOf(register, key),
        ReturnValues: 'ALL_OLD',
      }),
    );
    return Attributes !== undefined;
  }

  /** The writes that put a person's entry, or none, in the place of what was read. */
  function audienceWrites(
    person: NumberToken,
    known: AudienceEntry | undefined,
    entry: AudienceEntry | undefined,
  ): TransactWriteItem[] {
    const [before, after] = [known?.district, entry?.district].map((district) =>
      district === '' ? undefined : district,
    );
    const unchanged =
      known === undefined
        ? { ConditionExpression: 'attribute_not_exists(#value)' }
        : {
            ConditionExpression: '#value = :known',
            ExpressionAttributeValues: { ':known': { S: JSON.stringify(known) } },
          };
    const named = { ...unchanged, ExpressionAttributeNames: { '#value': 'value' } };
    const itemOf = (register: Partition) => ({
      ...keyOf(register, person),
      value: { S: JSON.stringify(entry) },
    });
    return [
      entry === undefined
        ? { Delete: { TableName: table, Key: keyOf('audience', person), ...named } }
        : { Put: { TableName: table, Item: itemOf('audience'), ...named } },
      ...(before === undefined || before === after
        ? []
        : [{ Delete: { TableName: table, Key: keyOf(audienceIn(before), person) } }]),
      ...(after === undefined
        ? []
        : [{ Put: { TableName: table, Item: itemOf(audienceIn(after)) } }]),
    ];
  }

  /** Changes what the register says of a person, anew on what another import left if that came between. */
  async function changeAudience(
    person: NumberToken,
    change: (known: AudienceEntry | undefined) => AudienceEntry | undefined,
  ): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const known = await read<AudienceEntry>('audience', person, true);
      const lost = await transact(client, audienceWrites(person, known, change(known)));
      if (lost.length === 0) return;
    }
    throw new TableError('a person of the audience kept changing under us');
  }

  async function removeFromAudience(person: NumberToken): Promise<boolean> {
    const known = await read<AudienceEntry>('audience', person, true);
    if (known === undefined) return false;
    await changeAudience(person, (entry) => entry && leavingAudience(entry));
    return true;
  }

  async function* entriesOf(register: Partition): AsyncGenerator<RegisterEntry> {
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        KeyConditionExpression: 'register = :register',
        ExpressionAttributeValues: { ':register': { S: register } },
      },
    );
    for await (const { Items } of pages) {
      for (const { key, value } of Items ?? []) {
        yield { key: key?.S ?? '', value: JSON.parse(value?.S ?? 'null') };
      }
    }
  }

  const station = (id: string) => read<Station>('stations', id);

  async function forgetDistricts(id: string): Promise<void> {
    for (const code of (await station(id))?.districts ?? []) {
      if ((await read<string>(OF_DISTRICTS, code)) !== id) continue;
      await remove(OF_DISTRICTS, code);
      await remove(OF_PLACES, String(placeOfDistrict(code)));
    }
  }

  return {
    station,
    async stationOf(district) {
      const id = await read<string>(OF_DISTRICTS, district);
      return id === undefined ? undefined : station(id);
    },
    districtOf: (place) => read<string>(OF_PLACES, String(place)),
    relativesOf: async (person) => (await read<Relative[]>('contacts', person)) ?? [],
    careGroupOf: (person) => read<string>('care', person),
    async putStation(kept) {
      await forgetDistricts(kept.id);
      await write('stations', kept.id, kept);
      for (const code of kept.districts) {
        await write(OF_DISTRICTS, code, kept.id);
        await write(OF_PLACES, String(placeOfDistrict(code)), code);
      }
    },
    async putRelative(person, relative) {
      const others = ((await read<Relative[]>('contacts', person)) ?? []).filter(
        ({ contact, order }) => order !== relative.order && contact !== relative.contact,
      );
      const all = [...others, relative].sort((a, b) => a.order - b.order);
      await write('contacts', person, all);
    },
    putCare: (person, group) => write('care', person, group),
    putAudience: (person, row) => changeAudience(person, (known) => mergeAudience(known, row)),
    async remove(register, key) {
      if (register === 'audience') return removeFromAudience(key);
      if (register === 'stations') await forgetDistricts(key);
      return remove(register, key);
    },
    list: entriesOf,
    async *audienceOf(district) {
      for await (const { key, value } of entriesOf(audienceIn(district))) {
        yield { person: key, ...(value as AudienceEntry) };
      }
    },
    audienceEntry: (person) => read<AudienceEntry>('audience', person, true),
  };
}
