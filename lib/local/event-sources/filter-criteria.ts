import { compileEventPattern, type EventPredicate } from './event-pattern.ts';
import { InvalidFilterPatternError } from './event-source-errors.ts';
import type { EventSourceMappingProperties } from './event-source-mapping-properties.ts';
import type { KinesisEventRecord } from './kinesis-event-record.ts';
import type { SqsEventRecord } from './sqs-event-record.ts';

/** The field of a record that holds the application's data, per kind of source. */
const DATA_FIELDS = { kinesis: 'data', dynamodb: 'dynamodb', sqs: 'body' } as const;

type SourceKind = keyof typeof DATA_FIELDS;

/** A record without its data, and the data as it came. */
interface FilterableRecord {
  fields: Record<string, unknown>;
  data: unknown;
}

/**
 * Compiles a mapping's filters: a record passes if any of them matches, and all do without filters.
 * Kinesis data and SQS bodies are decoded if they are JSON; where the formats of record and pattern
 * differ the record is dropped (Lambda developer guide, "Control which events Lambda sends").
 *
 * @returns a predicate over the records of the event
 * @throws InvalidFilterPatternError if a pattern is none
 */
export function compileFilterCriteria(
  criteria: EventSourceMappingProperties['FilterCriteria'],
  kind: SourceKind,
): EventPredicate {
  const filters = (criteria?.Filters ?? []).map((filter) => compileFilter(filter.Pattern, kind));
  if (filters.length === 0) return () => true;
  return (record) => {
    const filterable = toFilterable(record, kind);
    return filters.some((matches) => matches(filterable));
  };
}

function compileFilter(
  text: string | undefined,
  kind: SourceKind,
): (record: FilterableRecord) => boolean {
  const pattern = parsePattern(text);
  const matches = compileEventPattern(pattern);
  const dataField = DATA_FIELDS[kind];
  const dataPattern = (pattern as Record<string, unknown>)[dataField];
  if (Array.isArray(dataPattern) && kind !== 'sqs') {
    throw new InvalidFilterPatternError(`The pattern for "${dataField}" must be an object`);
  }
  return ({ fields, data }) => {
    if (dataPattern !== undefined && isJsonDocument(data) !== !Array.isArray(dataPattern)) {
      return false;
    }
    return matches({ ...fields, [dataField]: data });
  };
}

function parsePattern(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}');
  } catch (cause) {
    throw new InvalidFilterPatternError('A filter pattern is JSON text', { cause });
  }
}

function toFilterable(record: unknown, kind: SourceKind): FilterableRecord {
  switch (kind) {
    case 'kinesis': {
      const { kinesis } = record as KinesisEventRecord;
      const text = Buffer.from(kinesis.data, 'base64').toString();
      return { fields: { ...kinesis }, data: parsedIfJson(text) };
    }
    case 'dynamodb': {
      const fields = record as { dynamodb: unknown };
      return { fields, data: fields.dynamodb };
    }
    case 'sqs': {
      const fields = record as SqsEventRecord;
      return { fields: { ...fields }, data: parsedIfJson(fields.body) };
    }
  }
}

function parsedIfJson(text: string): unknown {
  // Saves a thrown error for each record that is plain text.
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isJsonDocument(data: unknown): boolean {
  return typeof data === 'object' && data !== null;
}
