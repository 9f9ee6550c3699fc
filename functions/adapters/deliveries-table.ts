import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { DeliveryState } from '../../lib/domain/delivery/text-delivery.ts';
import type { CaseText } from '../../lib/domain/ladder/case-news.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Warning } from '../../lib/domain/subject/decide.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { TableError } from './errors.ts';
import {
  CASE_PREFIX,
  keyOf,
  WARNING_PREFIX,
  type WarningStatus,
  warningOfItem,
} from './subjects-table.ts';
import { type WarningRef, warningOfText } from './text-pointers.ts';
import { transact } from './transact.ts';

/** A warning, and what is known of its text. */
export interface StoredDelivery {
  readonly warning: Warning;
  readonly status: WarningStatus;
  readonly state: DeliveryState;
  /** Of its newest text. */
  readonly messageId: string;
  readonly resends: number;
  /** Epoch seconds. */
  readonly keptUntil: number;
}

/** What a report makes of a warning. */
export interface DeliveryMark {
  readonly status: WarningStatus;
  readonly state: DeliveryState;
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
  /** The carrier's name. */
  readonly carrier?: string;
  readonly priceUsd?: number;
  /** One text more of it is sent. */
  readonly isResent: boolean;
}

/** What record-delivery needs of the subjects table. */
export interface DeliveryStore {
  /** The warning of a text; undefined for a text that is not ours, or not recorded yet. */
  find(messageId: string): Promise<WarningRef | undefined>;
  read(ref: WarningRef): Promise<StoredDelivery | undefined>;
  /**
   * Writes what became of a warning that was read, and tells its case of it, if it has one: both or neither.
   *
   * @param toCase what the case is told; undefined for nothing
   * @returns false when the warning changed since it was read
   */
  mark(
    ref: WarningRef,
    before: StoredDelivery,
    mark: DeliveryMark,
    toCase: CaseText | undefined,
  ): Promise<boolean>;
}

const FAILED = 'ConditionalCheckFailed';

function markWrite(
  table: string,
  { id, subject }: WarningRef,
  before: StoredDelivery,
  { at, carrier, isResent, priceUsd, reason, state, status }: DeliveryMark,
): TransactWriteItem {
  const optional: Record<string, AttributeValue> = {
    ...(carrier !== undefined && { carrier: { S: carrier } }),
    ...(priceUsd !== undefined && { priceUsd: { N: String(priceUsd) } }),
  };
  const sets = Object.keys(optional).map((name) => `, ${name} = :${name}`);
  return {
    Update: {
      TableName: table,
      Key: keyOf(subject, WARNING_PREFIX + id),
      UpdateExpression: `SET #status = :status, delivery = :state, deliveryAt = :at, deliveryReason = :reason${sets.join('')}${isResent ? ' ADD resends :one' : ''}`,
      ConditionExpression:
        '#status = :wasStatus AND delivery = :wasState AND messageId = :wasMessage',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':status': { S: status },
        ':state': { S: state },
        ':at': { N: String(at) },
        ':reason': { S: reason },
        ':wasStatus': { S: before.status },
        ':wasState': { S: before.state },
        ':wasMessage': { S: before.messageId },
        ...(isResent && { ':one': { N: '1' } }),
        ...Object.fromEntries(Object.entries(optional).map(([name, value]) => [`:${name}`, value])),
      },
    },
  };
}

/** What becomes of texts, on the items of their warnings and cases. */
export function createDeliveriesTable(
  client: DynamoDBClient,
  table: string,
  patience: Patience = DEFAULT_PATIENCE,
): DeliveryStore {
  return {
    find: (messageId) => warningOfText(client, table, messageId),
    async read({ id, subject }) {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: keyOf(subject, WARNING_PREFIX + id),
          ConsistentRead: true,
        }),
      );
      const warning = warningOfItem(Item);
      if (warning === undefined) return undefined;
      return {
        warning,
        status: Item?.status?.S as WarningStatus,
        state: (Item?.delivery?.S ?? 'accepted') as DeliveryState,
        messageId: Item?.messageId?.S ?? '',
        resends: Number(Item?.resends?.N ?? 0),
        keptUntil: Number(Item?.expiresAt?.N ?? 0),
      };
    },
    async mark(ref, before, mark, toCase) {
      const onWarning = markWrite(table, ref, before, mark);
      const onCase: TransactWriteItem = {
        Update: {
          TableName: table,
          Key: keyOf(ref.subject, CASE_PREFIX + before.warning.caseId),
          UpdateExpression: 'SET textState = :text',
          ExpressionAttributeValues: { ':text': { S: JSON.stringify(toCase) } },
          // Most people who are warned have no case: telling one must not make a fragment of one.
          ConditionExpression: 'attribute_exists(subject)',
        },
      };
      let writes = toCase === undefined ? [onWarning] : [onWarning, onCase];
      for (let attempt = 0; attempt < patience.attempts; attempt++) {
        const codes = await transact(client, writes);
        if (codes.length === 0) return true;
        if (codes[0] === FAILED) return false;
        if (codes[1] === FAILED) writes = [onWarning];
        // The person's next call, or another report, is being written.
        else await patience.delay(backoffMs(attempt, patience.random));
      }
      throw new TableError('a warning stayed busy');
    },
  };
}

/** What is known of the newest text of a case's warnings; undefined while there was none. */
export async function textOfCase(
  client: DynamoDBClient,
  table: string,
  subject: NumberToken,
  caseId: string,
): Promise<CaseText | undefined> {
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      KeyConditionExpression: 'subject = :subject AND begins_with(#item, :warning)',
      ExpressionAttributeNames: { '#item': 'item' },
      ExpressionAttributeValues: { ':subject': { S: subject }, ':warning': { S: WARNING_PREFIX } },
      // A report that came before the case was there could tell it nothing: it must be found here.
      ConsistentRead: true,
    },
  );
  let newest: CaseText | undefined;
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      const state = item.delivery?.S as DeliveryState | undefined;
      if (state === undefined || warningOfItem(item)?.caseId !== caseId) continue;
      const at = Number(item.deliveryAt?.N ?? 0);
      const reason = item.deliveryReason?.S ?? '';
      if (at >= (newest?.at ?? 0)) newest = { state, at, ...(reason !== '' && { reason }) };
    }
  }
  return newest;
}
