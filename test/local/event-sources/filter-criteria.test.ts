import { describe, expect, it } from 'vitest';
import { InvalidFilterPatternError } from '../../../lib/local/event-sources/event-source-errors.ts';
import { compileFilterCriteria } from '../../../lib/local/event-sources/filter-criteria.ts';

const criteria = (...patterns: unknown[]) => ({
  Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })),
});

it('lets everything pass without filters', () => {
  expect(compileFilterCriteria(undefined, 'kinesis')({})).toBe(true);
  expect(compileFilterCriteria({ Filters: [] }, 'sqs')({})).toBe(true);
});

describe('Kinesis', () => {
  const record = (data: string) => ({
    kinesis: { partitionKey: '1', data: Buffer.from(data).toString('base64') },
    eventSource: 'aws:kinesis',
  });
  const passes = (data: string, ...patterns: unknown[]) =>
    compileFilterCriteria(criteria(...patterns), 'kinesis')(record(data));

  it('looks into the JSON of the data', () => {
    const pattern = { data: { City: ['Seattle'], Temperature: [{ numeric: ['>', 40] }] } };
    expect(passes('{"City":"Seattle","Temperature":46}', pattern)).toBe(true);
    expect(passes('{"City":"Seattle","Temperature":30}', pattern)).toBe(false);
  });

  it('drops data that is not JSON when a pattern asks for data', () => {
    expect(passes('plain', { data: { City: ['Seattle'] } })).toBe(false);
    expect(passes('{"broken', { data: { City: [{ exists: false }] } })).toBe(false);
  });

  it('looks at the metadata of any data', () => {
    expect(passes('plain', { partitionKey: ['1'] })).toBe(true);
    expect(passes('plain', { partitionKey: ['2'] })).toBe(false);
  });

  it('lets a record pass that one of several filters wants', () => {
    const patterns = [{ partitionKey: ['2'] }, { data: { a: [1] } }];
    expect(passes('{"a":1}', ...patterns)).toBe(true);
    expect(passes('{"a":2}', ...patterns)).toBe(false);
  });
});

describe('DynamoDB', () => {
  const passes = (record: unknown, pattern: unknown) =>
    compileFilterCriteria(criteria(pattern), 'dynamodb')(record);
  const insert = (item: string) => ({
    eventName: 'INSERT',
    dynamodb: { NewImage: { item: { S: item }, count: { N: '3' } } },
  });

  it('looks at the kind of change and into the new image', () => {
    const pattern = {
      eventName: ['INSERT'],
      dynamodb: { NewImage: { item: { S: [{ prefix: 'WARNING#' }] } } },
    };
    expect(passes(insert('WARNING#1'), pattern)).toBe(true);
    expect(passes(insert('CASE#1'), pattern)).toBe(false);
    expect(passes({ ...insert('WARNING#1'), eventName: 'MODIFY' }, pattern)).toBe(false);
  });

  it('takes numbers as the text that they are', () => {
    expect(passes(insert('x'), { dynamodb: { NewImage: { count: { N: ['3'] } } } })).toBe(true);
    const numeric = { dynamodb: { NewImage: { count: { N: [{ numeric: ['>', 1] }] } } } };
    expect(passes(insert('x'), numeric)).toBe(false);
  });
});

describe('SQS', () => {
  it.each([
    ['JSON body, JSON pattern that matches', '{"a":1}', { body: { a: [1] } }, true],
    ['JSON body, JSON pattern that does not', '{"a":2}', { body: { a: [1] } }, false],
    ['plain body, plain pattern that matches', 'hello', { body: ['hello'] }, true],
    ['plain body, plain pattern that does not', 'bye', { body: ['hello'] }, false],
    ['plain body, JSON pattern', 'hello', { body: { a: [{ exists: false }] } }, false],
    ['JSON body, plain pattern', '{"a":1}', { body: [{ 'anything-but': 'hello' }] }, false],
    ['plain body, pattern of metadata', 'hello', { messageId: ['1'] }, true],
    ['JSON body, pattern of metadata', '{}', { messageId: ['1'] }, true],
  ])('%s', (_, body, pattern, expected) => {
    const passes = compileFilterCriteria(criteria(pattern), 'sqs');
    expect(passes({ messageId: '1', body })).toBe(expected);
  });
});

describe('refuses', () => {
  it('patterns that are not JSON', () => {
    expect(() => compileFilterCriteria({ Filters: [{ Pattern: '{' }] }, 'sqs')).toThrow(
      InvalidFilterPatternError,
    );
  });

  it('plain patterns for the data of streams', () => {
    expect(() => compileFilterCriteria(criteria({ data: ['a'] }), 'kinesis')).toThrow(
      InvalidFilterPatternError,
    );
  });
});
