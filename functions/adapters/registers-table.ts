import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { placeOfDistrict } from '../../lib/domain/profile/usual-place.ts';
import type { RegisterName, Station } from '../../lib/domain/registers/register-rows.ts';

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
  readonly value: Station | readonly Relative[] | string;
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
  /** @returns false where there was no such entry */
  remove(register: RegisterName, key: string): Promise<boolean>;
  list(register: RegisterName): AsyncIterable<RegisterEntry>;
}

/** Which station answers for a district, by its code and by what profiles remember of it. */
const OF_DISTRICTS = 'districts';
const OF_PLACES = 'places';

type Partition = RegisterName | typeof OF_DISTRICTS | typeof OF_PLACES;

const keyOf = (register: Partition, key: string): Record<string, AttributeValue> => ({
  register: { S: register },
  key: { S: key },
});

export function createRegistersTable(client: DynamoDBClient, table: string): RegisterBook {
  async function read<Value>(register: Partition, key: string): Promise<Value | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(register, key) }),
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
    async remove(register, key) {
      if (register === 'stations') await forgetDistricts(key);
      return remove(register, key);
    },
    async *list(register) {
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
    },
  };
}
