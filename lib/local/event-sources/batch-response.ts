/** What a function's answer says about its batch. */
export type BatchResponse =
  | { type: 'success' }
  /** Nothing in the batch counts as done. */
  | { type: 'failure' }
  /** These items failed, all others are done. */
  | { type: 'partial'; failed: ReadonlySet<string> };

const SUCCESS: BatchResponse = { type: 'success' };
const FAILURE: BatchResponse = { type: 'failure' };

/**
 * Reads the answer of a function whose mapping has `ReportBatchItemFailures`, by "success and
 * failure conditions" of the Lambda developer guide: a null or empty answer or list is a success; an
 * item identifier that is empty, null, under another name, or of no item in the batch fails the
 * whole batch.
 *
 * @param payload the function's answer
 * @param isInBatch tells whether an identifier is a record's (sequence number or message id)
 */
export function readBatchResponse(
  payload: unknown,
  isInBatch: (identifier: string) => boolean,
): BatchResponse {
  if (payload === null || payload === undefined) return SUCCESS;
  if (typeof payload !== 'object' || Array.isArray(payload)) return FAILURE;
  const { batchItemFailures } = payload as { batchItemFailures?: unknown };
  if (batchItemFailures === null || batchItemFailures === undefined) return SUCCESS;
  if (!Array.isArray(batchItemFailures)) return FAILURE;
  const failed = new Set<string>();
  for (const item of batchItemFailures as unknown[]) {
    const identifier = (item as { itemIdentifier?: unknown } | null)?.itemIdentifier;
    if (typeof identifier !== 'string' || !isInBatch(identifier)) return FAILURE;
    failed.add(identifier);
  }
  return failed.size === 0 ? SUCCESS : { type: 'partial', failed };
}
