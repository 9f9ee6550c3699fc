import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { BudgetSeat } from '../../lib/domain/subject/burden-budget.ts';

/**
 * How many texts a local day has seen, and how many were held back: one item of the subjects table for each day,
 * counted only within the transaction that claims or ends a warning, so that no retry counts twice.
 */
const LEDGER_ITEM = 'BUDGET';
const PREFIX = 'BUDGET#';
const DROPPED = 'dropped ';
/** A day's count is of use for the reports of the year. */
const KEPT_SECONDS = 400 * 86_400;

interface Seat extends BudgetSeat {
  readonly day: string;
}

const keyOf = (day: string): Record<string, AttributeValue> => ({
  subject: { S: PREFIX + day },
  item: { S: LEDGER_ITEM },
});

const expiryOf = (now: number): AttributeValue => ({
  N: String(Math.floor(now / 1000) + KEPT_SECONDS),
});

/** Counts one text, on condition that fewer than the seat's room were counted. */
export function takeSeat(table: string, { day, room }: Seat, now: number): TransactWriteItem {
  return {
    Update: {
      TableName: table,
      Key: keyOf(day),
      UpdateExpression: 'SET expiresAt = :expires ADD booked :one',
      ConditionExpression: 'attribute_not_exists(booked) OR booked < :room',
      ExpressionAttributeValues: {
        ':expires': expiryOf(now),
        ':one': { N: '1' },
        ':room': { N: String(room) },
      },
    },
  };
}

/** Counts one warning that was held back. */
export function countDropped(table: string, { day, band }: Seat, now: number): TransactWriteItem {
  return {
    Update: {
      TableName: table,
      Key: keyOf(day),
      UpdateExpression: 'SET expiresAt = :expires ADD #dropped :one',
      ExpressionAttributeNames: { '#dropped': DROPPED + band },
      ExpressionAttributeValues: { ':expires': expiryOf(now), ':one': { N: '1' } },
    },
  };
}

/** What became of a day's budget. */
export interface BudgetDay {
  readonly booked: number;
  /** Warnings held back, by band of probability. */
  readonly dropped: ReadonlyMap<string, number>;
}

/**
 * Reads a day's count.
 *
 * @param day local day of the deployment, as `2026-11-24`
 */
export async function readBudgetDay(
  client: DynamoDBClient,
  table: string,
  day: string,
): Promise<BudgetDay> {
  const { Item = {} } = await client.send(
    new GetItemCommand({ TableName: table, Key: keyOf(day), ConsistentRead: true }),
  );
  const dropped = Object.entries(Item)
    .filter(([name]) => name.startsWith(DROPPED))
    .map(([name, value]): [string, number] => [name.slice(DROPPED.length), Number(value.N)]);
  return { booked: Number(Item.booked?.N ?? 0), dropped: new Map(dropped) };
}
