import { describe, expect, it } from 'vitest';
import { readBatchResponse } from '../../../lib/local/event-sources/batch-response.ts';

const read = (payload: unknown) =>
  readBatchResponse(payload, (identifier) => ['1', '2', '3'].includes(identifier));
const items = (...itemIdentifiers: unknown[]) => ({
  batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('counts as a success', () => {
  it.each([
    ['a null answer', null],
    ['no answer', undefined],
    ['an empty answer', {}],
    ['an answer about something else', { statusCode: 200 }],
    ['an empty list', { batchItemFailures: [] }],
    ['a null list', { batchItemFailures: null }],
  ])('%s', (_, payload) => {
    expect(read(payload)).toEqual({ type: 'success' });
  });
});

describe('counts as a failure of the whole batch', () => {
  it.each([
    ['an empty identifier', items('')],
    ['a null identifier', items(null)],
    ['an identifier that is a number', items(1)],
    ['an identifier of no item in the batch', items('4')],
    ['one bad identifier among good ones', items('1', '')],
    ['an item under a wrong key', { batchItemFailures: [{ sequenceNumber: '1' }] }],
    ['a null item', { batchItemFailures: [null] }],
    ['a list that is none', { batchItemFailures: 'all' }],
    ['an answer that is text', 'done'],
    ['an answer that is an array', []],
  ])('%s', (_, payload) => {
    expect(read(payload)).toEqual({ type: 'failure' });
  });
});

it('names the items that failed', () => {
  expect(read(items('3', '2', '3'))).toEqual({ type: 'partial', failed: new Set(['2', '3']) });
});
