import { describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { type CaseHead, openCase } from '../../../lib/domain/ladder/case-head.ts';
import {
  type CaseProgress,
  type CaseText,
  hearNews,
  nothingHeard,
} from '../../../lib/domain/ladder/case-news.ts';
import { SUBJECT } from '../factories.ts';

const NOW = Date.UTC(2026, 10, 24, 1);
const NOTHING = nothingHeard('medium');

function caseThatHeard(heard: CaseProgress): CaseHead {
  const opening = {
    caseId: 'c',
    subject: SUBJECT,
    kind: 'loan',
    district: '',
    tier: 'medium',
    openedBy: 'policy',
    policyVersion: 6,
    ladder: loadDefaultPolicy().ladder,
    utcOffsetMinutes: 480,
    reasons: [],
    heard,
  } as const;
  return openCase(opening, NOW).changed;
}

const withText = (text: CaseText): CaseProgress => ({ ...NOTHING, text });
const unreachable = withText({ state: 'unreachable', reason: 'unreachable', at: NOW });

describe('what a case hears of its warning’s text', () => {
  test('stands on its timeline with the reason', () => {
    const heard = hearNews(caseThatHeard(NOTHING), unreachable, NOW + 1);
    expect(heard?.events).toEqual([
      {
        id: `c-text-unreachable-${NOW}`,
        at: NOW + 1,
        kind: 'text',
        by: 'workflow',
        details: { state: 'unreachable', reason: 'unreachable' },
      },
    ]);
    expect(heard?.changed.heard).toEqual(unreachable);
  });

  test('is heard once, and again when it has changed', () => {
    const told = caseThatHeard(unreachable);
    expect(hearNews(told, unreachable, NOW + 1)).toBeUndefined();
    const delivered = withText({ state: 'delivered', at: NOW + 5 });
    expect(hearNews(told, delivered, NOW + 6)?.events.map(({ details }) => details)).toEqual([
      { state: 'delivered' },
    ]);
  });

  test('calls nothing off and reopens nothing', () => {
    const watched: CaseHead = { ...caseThatHeard(NOTHING), state: 'watching', watchUntil: NOW + 9 };
    const { changed } = hearNews(watched, unreachable, NOW + 1) ?? {};
    expect(changed).toEqual({ ...watched, heard: unreachable });
  });
});
