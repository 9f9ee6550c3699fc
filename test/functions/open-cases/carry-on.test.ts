import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { startCase } from '../../../functions/adapters/start-case.ts';
import { type CarryOnPorts, carryOn } from '../../../functions/open-cases/carry-on.ts';
import type { CaseText } from '../../../lib/domain/ladder/case-news.ts';
import { InMemoryCases } from '../../support/in-memory-ladder-stores.ts';
import { caseOf } from '../adapters/data-layer/subject-decisions.ts';

const NOW = Date.UTC(2026, 10, 24, 1);

function imageOf(changes: Record<string, AttributeValue> = {}): Record<string, AttributeValue> {
  return {
    item: { S: 'CASE#case-1' },
    case: { S: JSON.stringify(caseOf()) },
    tier: { S: 'medium' },
    status: { S: 'open' },
    ...changes,
  };
}

function desk(text?: CaseText) {
  const cases = new InMemoryCases();
  const closed: string[] = [];
  const ports: CarryOnPorts = {
    cases,
    start: (opening, now) => startCase(opening, cases, { send: async () => ({}) }, 'machine', now),
    closeAsDuplicate: async ({ id }) => void closed.push(id),
    districtOf: async () => '',
    textOf: async () => text,
    callOff: async () => {},
    tellNews: async () => {},
  };
  const texts = async () =>
    (await cases.timeline('case-1')).events
      .filter(({ kind }) => kind === 'text')
      .map(({ details }) => details);
  return { cases, closed, ports, texts };
}

describe('a case that is opened', () => {
  test('because no text reaches the person says so on its timeline', async () => {
    const { ports, texts } = desk({ state: 'failed', at: NOW });
    const image = imageOf({ undeliverable: { S: 'spam' } });
    expect(await carryOn(image, true, ports, NOW)).toBe(true);
    expect(await texts()).toEqual([{ state: 'undeliverable', reason: 'spam' }]);
  });

  test('after the text was delivered says so on its timeline', async () => {
    const { ports, texts } = desk({ state: 'delivered', at: NOW - 60_000 });
    await carryOn(imageOf(), true, ports, NOW);
    expect(await texts()).toEqual([{ state: 'delivered' }]);
  });

  test('before any text went out says nothing of one', async () => {
    const { ports, texts } = desk();
    await carryOn(imageOf(), true, ports, NOW);
    expect(await texts()).toEqual([]);
  });

  test('says all of it once, however often it is taken up', async () => {
    const { cases, ports, texts } = desk({ state: 'delivered', at: NOW - 60_000 });
    for (const [i, isNew] of [true, true, false].entries()) {
      await carryOn(imageOf(), isNew, ports, NOW + i);
    }
    expect(await texts()).toHaveLength(1);
    expect((await cases.read('case-1'))?.state).toBe('open');
  });
});

describe('a case under way', () => {
  test('hears what became of a text', async () => {
    const { ports, texts } = desk();
    await carryOn(imageOf(), true, ports, NOW);
    const text: CaseText = { state: 'unreachable', reason: 'unreachable', at: NOW + 1 };
    await carryOn(imageOf({ textState: { S: JSON.stringify(text) } }), false, ports, NOW + 2);
    expect(await texts()).toEqual([{ state: 'unreachable', reason: 'unreachable' }]);
  });

  test('hears that no text reaches the person', async () => {
    const { ports, texts } = desk();
    await carryOn(imageOf(), true, ports, NOW);
    await carryOn(imageOf({ undeliverable: { S: 'unreachable' } }), false, ports, NOW + 2);
    expect(await texts()).toEqual([{ state: 'undeliverable', reason: 'unreachable' }]);
  });
});

describe('a case of a person whose earlier one is under way', () => {
  const LATER = caseOf({ id: 'case-2', follows: 'case-1' });
  const later = (changes: Record<string, AttributeValue> = {}) =>
    imageOf({
      item: { S: 'CASE#case-2' },
      case: { S: JSON.stringify(LATER) },
      ...changes,
    });
  const CLOSED = { status: { S: 'closed' } };

  test('is one with that, which hears of it once, however often it is taken up', async () => {
    const { cases, closed, ports } = desk();
    await carryOn(imageOf(), true, ports, NOW);
    for (const [i, isNew] of [true, true, false].entries()) {
      await carryOn(later(), isNew, ports, NOW + 1 + i);
    }
    expect((await cases.read('case-1'))?.heard.calls).toBe(1);
    expect(await cases.read('case-2')).toMatchObject({ state: 'closed', outcome: 'duplicate' });
    expect(new Set(closed)).toEqual(new Set(['case-2']));
  });

  test('is heard of once, though a crash came before it was closed', async () => {
    const { cases, closed, ports } = desk();
    await carryOn(imageOf(), true, ports, NOW);
    const create = cases.create.bind(cases);
    cases.create = async () => {
      throw new Error('the function was stopped');
    };
    await expect(carryOn(later(), true, ports, NOW + 1)).rejects.toThrow('stopped');
    cases.create = create;
    await carryOn(later(), true, ports, NOW + 2);
    expect((await cases.read('case-1'))?.heard.calls).toBe(1);
    expect(closed).toEqual(['case-2']);
  });

  test('tells that what the person meets with later', async () => {
    const { cases, ports } = desk();
    await carryOn(imageOf(), true, ports, NOW);
    await carryOn(later(), true, ports, NOW + 1);
    await carryOn(later({ ...CLOSED, callsSince: { N: '1' } }), false, ports, NOW + 2);
    const last = later({ ...CLOSED, callsSince: { N: '2' }, tier: { S: 'urgent' } });
    for (const at of [NOW + 3, NOW + 4]) await carryOn(last, false, ports, at);
    expect(await cases.read('case-1')).toMatchObject({ tier: 'urgent', heard: { calls: 3 } });
    const { events } = await cases.timeline('case-1');
    expect(events.filter(({ kind }) => kind === 'exposure')).toHaveLength(3);
  });

  test('and whose last one was one with that, is one with it too', async () => {
    const { cases, ports } = desk();
    await carryOn(imageOf(), true, ports, NOW);
    await carryOn(later(), true, ports, NOW + 1);
    const third = later({
      item: { S: 'CASE#case-3' },
      case: { S: JSON.stringify(caseOf({ id: 'case-3', follows: 'case-2' })) },
    });
    expect(await carryOn(third, true, ports, NOW + 2)).toBe(false);
    expect(await cases.read('case-3')).toMatchObject({ state: 'closed', oneWith: 'case-1' });
    expect((await cases.read('case-1'))?.heard.calls).toBe(2);
  });

  test('has a workflow of its own where that has ended', async () => {
    const { cases, ports } = desk();
    await carryOn(imageOf(), true, ports, NOW);
    const head = await cases.read('case-1');
    if (head !== undefined) await cases.update({ ...head, state: 'closed' }, []);
    expect(await carryOn(later(), true, ports, NOW + 1)).toBe(true);
    await carryOn(later({ callsSince: { N: '1' } }), false, ports, NOW + 2);
    expect(await cases.read('case-2')).toMatchObject({ state: 'open', heard: { calls: 1 } });
  });
});
