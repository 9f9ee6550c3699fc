import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createLiveConnections,
  createLiveTickets,
  type LiveConnections,
  type LiveTickets,
} from '../../../../functions/adapters/live-connections.ts';
import type { Officer } from '../../../../lib/api/officer.ts';
import { createTable } from './create-tables.ts';

const NOW = Date.UTC(2026, 10, 27, 6, 0, 0);
const MINUTE = 60_000;
const URL = 'wss://api.example.org/live';
const CHEN: Officer = {
  name: 'chen',
  groups: ['station'],
  station: 'jinjiang',
  districts: ['510104'],
};

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeLiveConnections(client: () => DynamoDBClient): void {
  describe('live connections', () => {
    let table: string;
    let tickets: LiveTickets;
    let connections: LiveConnections;

    beforeEach(async () => {
      table = await createTable(client(), 'connections');
      tickets = createLiveTickets(client(), table, URL);
      connections = createLiveConnections(client(), table);
    });

    test('a ticket opens one connection, for the officer to whom it was given', async () => {
      const { expiresAt, ticket, url } = await tickets.createTicket(CHEN, NOW);

      expect(url).toBe(`${URL}?ticket=${ticket}`);
      expect(expiresAt).toBe(NOW + MINUTE);
      expect(await connections.all(NOW)).toEqual([]);
      const opened = { connectionId: 'L0SM9cOFvHcCIhw=', officer: CHEN, openedAt: NOW + 1 };
      expect(await connections.open(ticket, 'L0SM9cOFvHcCIhw=', NOW + 1)).toEqual(opened);
      expect(await connections.all(NOW + 1)).toEqual([opened]);
      expect(await connections.open(ticket, 'again', NOW + 2)).toBeUndefined();
    });

    test('of many who bring the same ticket at once, one is let in', async () => {
      const { ticket } = await tickets.createTicket(CHEN, NOW);

      const tries = await Promise.all(
        Array.from({ length: 8 }, (_, i) => connections.open(ticket, `try-${i}`, NOW)),
      );

      expect(tries.filter((opened) => opened !== undefined)).toHaveLength(1);
      expect(await connections.all(NOW)).toHaveLength(1);
    });

    test('a ticket is good for a minute, and none can be made up', async () => {
      const { ticket } = await tickets.createTicket(CHEN, NOW);

      expect(await connections.open('made-up', 'one', NOW)).toBeUndefined();
      expect(await connections.open(ticket, 'one', NOW + MINUTE)).toBeUndefined();
      expect(await connections.open(ticket, 'one', NOW + MINUTE - 1)).toBeDefined();
    });

    test('no ticket stands in the table as it is, and every item expires', async () => {
      const { ticket } = await tickets.createTicket(CHEN, NOW);
      const other = await tickets.createTicket(CHEN, NOW);
      await connections.open(other.ticket, 'one', NOW);

      const { Items = [] } = await client().send(new ScanCommand({ TableName: table }));

      expect(JSON.stringify(Items)).not.toContain(ticket);
      const lives = Items.map(({ expiresAt }) => Number(expiresAt?.N) - NOW / 1_000);
      expect(lives.sort((a, b) => a - b)).toEqual([60, 7_200]);
    });

    test('a connection is listed until it closes, or for two hours', async () => {
      const open = async (id: string) =>
        connections.open((await tickets.createTicket(CHEN, NOW)).ticket, id, NOW);
      await open('one');
      await open('two');
      await connections.close('one');
      await connections.close('never-there');

      const ids = async (now: number) =>
        (await connections.all(now)).map(({ connectionId }) => connectionId);
      expect(await ids(NOW + 119 * MINUTE)).toEqual(['two']);
      expect(await ids(NOW + 120 * MINUTE)).toEqual([]);
    });
  });
}
