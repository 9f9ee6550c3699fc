import { createHash, randomBytes } from 'node:crypto';
import {
  type ApiGatewayManagementApiClient,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import type { Officer } from '../../lib/api/officer.ts';
import type { Ticket } from '../../lib/api/schemas.ts';

/** An officer's page that is connected for live updates. */
export interface LiveConnection {
  readonly connectionId: string;
  readonly officer: Officer;
  /** Epoch ms. */
  readonly openedAt: number;
}

/** Gives out tickets; what the officers' API does of live updates. */
export interface LiveTickets {
  /**
   * A ticket that opens one connection for an officer, once and within a minute. Only its hash is kept.
   *
   * @param now epoch ms
   */
  createTicket(officer: Officer, now: number): Promise<Ticket>;
}

export interface LiveConnections {
  /**
   * Opens a connection for who brings a ticket; the ticket is worth nothing any more then.
   *
   * @returns undefined where there is no such ticket, or it was used or too old
   */
  open(ticket: string, connectionId: string, now: number): Promise<LiveConnection | undefined>;
  close(connectionId: string): Promise<void>;
  /** All that are open; those of pages that went away without a word among them, for two hours at most. */
  all(now: number): Promise<LiveConnection[]>;
}

const TICKET_MS = 60_000;
const TICKET_BYTES = 32;
/** API Gateway ends every connection after so long. */
const CONNECTION_SECONDS = 2 * 3_600;
/** Ids of connections have no such character, so tickets can stand in the same table. */
const TICKET_PREFIX = 'TICKET#';

type Item = Record<string, AttributeValue>;

const keyOf = (connectionId: string): Item => ({ connectionId: { S: connectionId } });
const numberOf = (value: number): AttributeValue => ({ N: String(value) });
const seconds = (ms: number): number => Math.ceil(ms / 1_000);

function ticketKey(ticket: string): Item {
  return keyOf(TICKET_PREFIX + createHash('sha256').update(ticket).digest('hex'));
}

function officerIn(item: Item): Officer {
  return JSON.parse(item.officer?.S ?? '{}') as Officer;
}

/** @param url where pages connect, the stage included: `wss://…/live` */
export function createLiveTickets(client: DynamoDBClient, table: string, url: string): LiveTickets {
  return {
    async createTicket(officer, now) {
      const ticket = randomBytes(TICKET_BYTES).toString('base64url');
      const expiresAt = now + TICKET_MS;
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...ticketKey(ticket),
            officer: { S: JSON.stringify(officer) },
            goodUntil: numberOf(expiresAt),
            expiresAt: numberOf(seconds(expiresAt)),
          },
        }),
      );
      return { ticket, url: `${url}?ticket=${ticket}`, expiresAt };
    },
  };
}

export function createLiveConnections(client: DynamoDBClient, table: string): LiveConnections {
  /** One of all who bring a ticket gets it: it is read by deleting it. */
  async function use(ticket: string, now: number): Promise<Officer | undefined> {
    try {
      const { Attributes = {} } = await client.send(
        new DeleteItemCommand({
          TableName: table,
          Key: ticketKey(ticket),
          ConditionExpression: 'goodUntil > :now',
          ExpressionAttributeValues: { ':now': numberOf(now) },
          ReturnValues: 'ALL_OLD',
        }),
      );
      return officerIn(Attributes);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  return {
    async open(ticket, connectionId, now) {
      const officer = await use(ticket, now);
      if (officer === undefined) return undefined;
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...keyOf(connectionId),
            officer: { S: JSON.stringify(officer) },
            openedAt: numberOf(now),
            expiresAt: numberOf(seconds(now) + CONNECTION_SECONDS),
          },
        }),
      );
      return { connectionId, officer, openedAt: now };
    },
    async close(connectionId) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(connectionId) }));
    },
    async all(now) {
      const pages = paginateScan(
        { client },
        {
          TableName: table,
          // A page connects first and lists its tasks then: whatever changes after that must reach it.
          ConsistentRead: true,
          FilterExpression: 'attribute_exists(openedAt) AND expiresAt > :now',
          ExpressionAttributeValues: { ':now': numberOf(Math.floor(now / 1_000)) },
        },
      );
      const found: LiveConnection[] = [];
      for await (const { Items } of pages) {
        for (const item of Items ?? []) {
          found.push({
            connectionId: item.connectionId?.S ?? '',
            officer: officerIn(item),
            openedAt: Number(item.openedAt?.N),
          });
        }
      }
      return found;
    },
  };
}

/** Sends a text down a connection. @returns false where the connection is gone */
export async function postTo(
  client: Pick<ApiGatewayManagementApiClient, 'send'>,
  connectionId: string,
  text: string,
): Promise<boolean> {
  try {
    await client.send(
      new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.from(text) }),
    );
    return true;
  } catch (error) {
    if (error instanceof GoneException) return false;
    throw error;
  }
}
