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
  const ports: CarryOnPorts = {
    cases,
    start: (opening, now) => startCase(opening, cases, { send: async () => ({}) }, 'machine', now),
    closeAsDuplicate: async () => {},
    districtOf: async () => '',
    textOf: async () => text,
    callOff: async () => {},
    tellNews: async () => {},
  };
  const texts = async () =>
    (await cases.timeline('case-1')).events
      .filter(({ kind }) => kind === 'text')
      .map(({ details }) => details);
  return { cases, ports, texts };
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
