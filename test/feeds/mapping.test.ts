import { describe, expect, it } from 'vitest';
import { MappingError, parseMapping } from '../../lib/feeds/mapping.ts';

const CALLER = { caller: { column: 'a' }, callee: { column: 'b' } };
const START = { start: { column: 't', format: 'seconds' } };

function problemsOf(mapping: unknown): readonly string[] {
  const text = typeof mapping === 'string' ? mapping : JSON.stringify(mapping);
  try {
    parseMapping(text, 'switch.json');
  } catch (error) {
    if (error instanceof MappingError) return error.problems;
    throw error;
  }
  return [];
}

function csv(fields: object, input: object = {}): object {
  return { input: { format: 'csv', ...input }, fields };
}

describe('a mapping file', () => {
  it('may be as small as three columns', () => {
    expect(problemsOf(csv({ ...CALLER, ...START }))).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['text that is not JSON', '{', 'it is not JSON'],
    [
      'a misspelt property',
      { ...csv({ ...CALLER, ...START }), fileds: {} },
      'fileds: there is no such property',
    ],
    ['no start', csv(CALLER), 'fields: start is missing'],
    [
      'an unknown format',
      csv({ ...CALLER, ...START }, { format: 'xml' }),
      'input.format: must be one of "csv", "jsonl"',
    ],
    ['no parties', csv(START), 'fields: name caller and callee'],
    ['half an owner', csv({ ...START, owner: { column: 'a' } }), 'belong together'],
    [
      'caller and owner',
      csv({ ...CALLER, ...START, owner: { column: 'a' } }),
      'do not go together',
    ],
    [
      "an owner's district without owner",
      csv({ ...CALLER, ...START, ownerDistrict: { column: 'a' } }),
      'fields.ownerDistrict: only with owner',
    ],
    [
      'an unknown zone',
      csv({ ...CALLER, start: { column: 't', format: 'iso', zone: 'Asia/Chengdu' } }),
      'fields.start.zone: no such zone',
    ],
    [
      'a pattern without zone',
      csv({ ...CALLER, start: { column: 't', format: 'yyyyMMddHHmm' } }),
      'fields.start.zone: is missing',
    ],
    [
      'a broken pattern',
      csv({ ...CALLER, start: { column: 't', format: 'yyyy' } }),
      'fields.start.format: it needs the month',
    ],
    [
      'a date without time',
      csv({ ...CALLER, start: { date: 't', format: 'iso' } }),
      'fields.start: name either column',
    ],
    [
      'an epoch without offset',
      csv({ ...CALLER, start: { column: 't', format: 'seconds', epoch: '2026-01-01T00:00:00' } }),
      'fields.start.epoch',
    ],
    [
      'an unknown encoding',
      csv({ ...CALLER, ...START }, { encoding: 'klingon' }),
      'input.encoding: no such encoding',
    ],
    [
      'a delimiter for JSON Lines',
      csv({ ...CALLER, ...START }, { format: 'jsonl', delimiter: ';' }),
      'input.delimiter: only for the format csv',
    ],
    [
      'positions in JSON Lines',
      csv({ ...CALLER, start: { column: 3, format: 'seconds' } }, { format: 'jsonl' }),
      'fields.start.column: name a property',
    ],
  ])('is refused with %s', (_name, mapping, problem) => {
    expect(problemsOf(mapping).join('\n')).toContain(problem);
  });

  it('is refused with all its problems at once, and its name', () => {
    const mapping = csv({ ...START, caller: { column: 'a' } }, { encoding: 'klingon' });
    expect(problemsOf(mapping)).toHaveLength(2);
    expect(() => parseMapping(JSON.stringify(mapping), 'switch.json')).toThrow(/switch\.json/);
  });
});
