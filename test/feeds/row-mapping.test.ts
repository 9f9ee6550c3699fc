import { describe, expect, it } from 'vitest';
import { parseMapping } from '../../lib/feeds/mapping.ts';
import type { Mapping } from '../../lib/feeds/mapping-schema.ts';
import {
  compileCsvMapping,
  compileObjectMapping,
  MissingColumnError,
} from '../../lib/feeds/row-mapping.ts';

const PARTIES = { caller: { column: 'a' }, callee: { column: 'b' } };
const START = { start: { column: 't', format: 'milliseconds' } };

function mapping(fields: object, more: object = {}, input: object = {}): Mapping {
  const whole = { input: { format: 'csv', ...input }, fields, ...more };
  return parseMapping(JSON.stringify(whole), 'test');
}

/** Maps one row given as column → cell. */
function mapRow(fields: object, cells: Record<string, string>, more: object = {}, input = {}) {
  const header = ['a', 'b', 't', ...Object.keys(cells)];
  const row = ['13800138000', '13900139000', '1000', ...Object.values(cells)];
  const map = compileCsvMapping(mapping({ ...PARTIES, ...START, ...fields }, more, input), header);
  return map(row);
}

const BASE = { caller: '13800138000', callee: '13900139000', start: 1000 };

describe('mapping a row', () => {
  it('takes columns by name or position, trimmed', () => {
    const byPosition = mapping({
      caller: { column: 2 },
      callee: { column: 1 },
      start: { column: 3, format: 'seconds' },
    });
    expect(compileCsvMapping(byPosition, undefined)([' 110 ', '120', '7'])).toEqual({
      record: { caller: '120', callee: '110', start: 7000 },
    });
    expect(mapRow({}, {})).toEqual({ record: BASE });
  });

  it('strips, pads and prefixes numbers, in this order', () => {
    const number = { column: 'n', strip: ['0086', '00'], padTo: 8, prefix: '+8628' };
    const caller = (n: string) => {
      const mapped = mapRow({ caller: number }, { n });
      return 'record' in mapped ? mapped.record.caller : mapped;
    };
    expect(caller('00865551234')).toBe('+862805551234');
    expect(caller('0085551234')).toBe('+862885551234');
    expect(caller('85551234')).toBe('+862885551234');
    expect(caller('')).toBe('');
  });

  it('swaps the parties by the call type, with their districts and without the handset', () => {
    const owned = mapping({
      owner: { column: 'me' },
      counterpart: { column: 'other' },
      callType: { column: 'type', codes: { '1': 'made', '2': 'received', '3': 'skip' } },
      ownerDistrict: { column: 'cell', codes: { '17': '510104' } },
      ownerImei: { column: 'imei' },
      ...START,
    });
    const map = compileCsvMapping(owned, ['me', 'other', 'type', 'cell', 'imei', 't']);
    const row = (type: string) => ['138', '139', type, '17', '35000000000000', '5'];
    expect(map(row('1'))).toEqual({
      record: {
        caller: '138',
        callee: '139',
        start: 5,
        callerDistrict: '510104',
        imei: '35000000000000',
      },
    });
    expect(map(row('2'))).toEqual({
      record: { caller: '139', callee: '138', start: 5, calleeDistrict: '510104' },
    });
    expect(map(row('3'))).toEqual({ skipped: true });
    expect(map(row('4'))).toMatchObject({ problem: { reason: 'unknown-code', field: 'callType' } });
  });

  it('joins separate columns of date and time', () => {
    const start = { date: 'd', time: 'c', format: 'yyyy-MM-dd HH:mm', zone: '+08:00' };
    expect(mapRow({ start }, { d: '1970-01-01', c: '08:01' })).toEqual({
      record: { ...BASE, start: 60_000 },
    });
    expect(mapRow({ start }, { d: '', c: '' })).toMatchObject({
      problem: { reason: 'missing-field', field: 'start' },
    });
  });

  it.each([
    ['seconds', '61', 61],
    ['milliseconds', '1500', 1.5],
    ['minutes', '1.5', 90],
    ['hh:mm:ss', '01:00:05', 3605],
    ['hh:mm:ss', '2:05', 125],
  ])('reads a duration in %s', (unit, cell, duration) => {
    expect(mapRow({ duration: { column: 'd', unit } }, { d: cell })).toEqual({
      record: { ...BASE, duration },
    });
  });

  it('lets special durations override constants', () => {
    const special = { '-1': { duration: 0, answered: false } };
    const fields = { duration: { column: 'd', special } };
    const constants = { constants: { answered: true, network: 'north' } };
    expect(mapRow(fields, { d: '-1' }, constants)).toEqual({
      record: { ...BASE, duration: 0, answered: false, network: 'north' },
    });
    expect(mapRow(fields, { d: '9' }, constants)).toEqual({
      record: { ...BASE, duration: 9, answered: true, network: 'north' },
    });
  });

  it('leaves out what is empty, so that a call may still be going on', () => {
    const fields = {
      duration: { column: 'd' },
      answered: { column: 'x' },
      callId: { column: 'i' },
    };
    const input = { emptyCells: ['NULL'] };
    expect(mapRow(fields, { d: '', x: 'NULL', i: ' ' }, {}, input)).toEqual({ record: BASE });
  });

  it('decodes flags by the usual words, or by codes alone', () => {
    const usual = (cell: string) => mapRow({ answered: { column: 'x' } }, { x: cell });
    expect(usual('Yes')).toEqual({ record: { ...BASE, answered: true } });
    expect(usual('0')).toEqual({ record: { ...BASE, answered: false } });
    expect(usual('perhaps')).toMatchObject({ problem: { reason: 'unknown-code' } });
    const coded = { column: 'x', codes: { '16': true }, otherwise: false };
    expect(mapRow({ answered: coded }, { x: '16' })).toEqual({
      record: { ...BASE, answered: true },
    });
    expect(mapRow({ answered: coded }, { x: '1' })).toEqual({
      record: { ...BASE, answered: false },
    });
  });

  it('decodes texts by codes, and refuses unlisted ones unless told otherwise', () => {
    const endReason = { column: 'x', codes: { '17': 'busy' } };
    expect(mapRow({ endReason }, { x: '17' })).toEqual({ record: { ...BASE, endReason: 'busy' } });
    expect(mapRow({ endReason }, { x: '18' })).toMatchObject({
      problem: { reason: 'unknown-code', field: 'endReason' },
    });
    expect(mapRow({ endReason: { ...endReason, otherwise: 'other' } }, { x: '18' })).toEqual({
      record: { ...BASE, endReason: 'other' },
    });
  });

  it.each([
    ['start', { start: { column: 'x', format: 'seconds' } }, 'bad-start'],
    ['duration', { duration: { column: 'x' } }, 'bad-duration'],
  ])('tells of an unreadable %s without repeating it', (field, fields, reason) => {
    const mapped = mapRow(fields, { x: 'about 13800138000' });
    expect(mapped).toMatchObject({ problem: { field, reason } });
    expect(JSON.stringify(mapped)).not.toContain('138');
  });

  it('names the columns there are when one is missing', () => {
    const compile = (header: string[] | undefined) =>
      compileCsvMapping(mapping({ ...PARTIES, ...START }), header);
    expect(() => compile(['a', 'c', 't'])).toThrow(MissingColumnError);
    expect(() => compile(['a', 'c', 't'])).toThrow(/fields\.callee\.column.*"b".*a, c, t/);
    expect(() => compile(undefined)).toThrow(/no header/);
  });

  it('steps into objects of JSON Lines, their own properties only', () => {
    const nested = mapping(
      {
        caller: { column: 'party.a' },
        callee: { column: 'party.b' },
        start: { column: 't', format: 'seconds' },
        answered: { column: 'ok' },
        network: { column: 'constructor.name' },
      },
      {},
      { format: 'jsonl' },
    );
    const row = { party: { a: 13800138000, b: '110' }, t: 2, ok: true };
    expect(compileObjectMapping(nested)(row)).toEqual({
      record: { caller: '13800138000', callee: '110', start: 2000, answered: true },
    });
    expect(compileObjectMapping(nested)(null)).toMatchObject({
      problem: { reason: 'missing-field' },
    });
  });
});
