import { describe, expect, test } from 'vitest';
import type { StoredDecision } from '../../../functions/adapters/decisions-index.ts';
import { createSealer } from '../../../functions/adapters/sealing.ts';
import {
  type ExplainRequest,
  ExplainRequestError,
  explainNumber,
} from '../../../functions/explain-number/explain-number.ts';
import type { Track } from '../../../lib/domain/exposure.ts';
import type { NumberToken } from '../../../lib/domain/leg.ts';
import type { PartyNumber } from '../../../lib/domain/phone-number.ts';
import type { Judgement } from '../../../lib/domain/profile/fold-legs.ts';
import { CALLER, findingOf, MORNING, SUBJECT } from '../../domain/factories.ts';
import { caseOf, GROUNDS, warningOf } from '../adapters/data-layer/subject-decisions.ts';

const SEALER = createSealer({ current: '1', secrets: { '1': 'a secret for tests' } });
const NUMBER = '13800138000';

function tokenOfNumber(number: string, kind: PartyNumber['kind'] = 'subscriber'): NumberToken {
  const party = { kind, number };
  const [sealed] = SEALER.seal([{ caller: party, callee: party, imei: undefined }]);
  return sealed?.caller ?? '';
}

const TOKEN = tokenOfNumber(`+86${NUMBER}`);

function judgementOf(at: number, track: Track = 'live', caller = CALLER): Judgement {
  return {
    track,
    caller,
    finding: findingOf({ at }),
    points: 3.5,
    base: 1.5,
    terms: [{ id: 'calls-strangers', points: 2 }],
    features: { handsets: 1 },
    calls: [],
  };
}

const warned = (changes: Parameters<typeof warningOf>[0] = {}): StoredDecision => ({
  what: 'warning',
  track: 'live',
  status: 'sent',
  warning: warningOf({ subject: TOKEN, ...changes }),
});

/** What is kept, and what was asked of it, in order. */
function desk(
  kept: { findings?: Judgement[]; decisions?: Record<NumberToken, StoredDecision[]> } = {},
) {
  const steps: string[] = [];
  const audited: unknown[] = [];
  const ask = (request: Partial<ExplainRequest> = {}, country = 'CN') =>
    explainNumber(
      { number: NUMBER, by: 'officer-7', purpose: 'complaint 12', ...request },
      {
        sealer: SEALER,
        country,
        readFindings: async (caller) => {
          steps.push(`findings ${caller}`);
          return (kept.findings ?? []).filter((one) => one.caller === caller);
        },
        readDecisions: async (subject) => {
          steps.push(`decisions ${subject}`);
          return kept.decisions?.[subject] ?? [];
        },
        audit: (entry) => {
          steps.push('audit');
          audited.push(entry);
        },
      },
    );
  return { ask, steps, audited };
}

describe('a number that is asked for', () => {
  test.each([
    ['13800138000', 'CN', TOKEN],
    ['+86 138-0013-8000', 'CN', TOKEN],
    ['0086 13800138000', 'GB', TOKEN],
    ['95588', 'CN', tokenOfNumber('CN:95588', 'service')],
  ])('is sealed as intake seals it: %s in %s', async (number, country, token) => {
    const { ask, steps } = desk();
    expect((await ask({ number }, country)).token).toBe(token);
    expect(steps).toEqual(['audit', `findings ${token}`, `decisions ${token}`]);
  });

  test('leaves a trace before anything is read: its token, who asked and what for', async () => {
    const { ask, audited, steps } = desk();
    await ask();
    expect(steps[0]).toBe('audit');
    expect(audited).toEqual([{ token: TOKEN, by: 'officer-7', purpose: 'complaint 12' }]);
  });

  test('appears neither in the trace nor in the answer', async () => {
    const { ask, audited } = desk({
      findings: [judgementOf(MORNING, 'live', TOKEN), judgementOf(MORNING - 60)],
      decisions: { [TOKEN]: [warned()] },
    });
    const said = JSON.stringify([await ask(), audited]);
    expect(said).not.toContain(NUMBER);
    expect(said).not.toContain(NUMBER.slice(-8));
  });

  test('stays out of the trace though it is part of the purpose, or of who asks', async () => {
    const { ask, audited } = desk();
    await ask({ by: 'officer +86 13800138000', purpose: 'the owner of 138 0013 8000 complained' });
    expect(audited).toEqual([
      {
        token: TOKEN,
        by: 'officer +86********8000',
        purpose: 'the owner of *********8000 complained',
      },
    ]);
  });

  test('of which nothing is kept has no findings and no decisions', async () => {
    expect(await desk().ask()).toEqual({ token: TOKEN, findings: [], decisions: [] });
  });
});

describe('the history of a number', () => {
  test('has the findings on it as a caller, of both tracks', async () => {
    const findings = [judgementOf(1, 'live', TOKEN), judgementOf(2, 'shadow', TOKEN)];
    const { ask } = desk({ findings: [...findings, judgementOf(1)] });
    expect((await ask()).findings).toEqual(findings);
  });

  test('has its decisions, each with the finding on the caller that led to it', async () => {
    const opened: StoredDecision = {
      what: 'case',
      track: 'live',
      status: 'open',
      tier: 'high',
      case: caseOf({ subject: TOKEN, finding: { ...GROUNDS.finding, foundAt: MORNING } }),
    };
    const decisions = [opened, warned()];
    const first = judgementOf(MORNING - 60);
    const second = judgementOf(MORNING);
    const { ask } = desk({
      findings: [first, second, judgementOf(MORNING, 'live', SUBJECT)],
      decisions: { [TOKEN]: decisions, [SUBJECT]: [warned({ id: 'of somebody else' })] },
    });
    expect((await ask()).decisions).toEqual([
      { decision: opened, judgement: second },
      { decision: decisions[1], judgement: first },
    ]);
  });

  test('joins findings of the decision’s own track only', async () => {
    const shadowed: StoredDecision = {
      what: 'warning',
      track: 'shadow',
      status: 'pending',
      warning: warningOf({ subject: TOKEN, finding: { ...GROUNDS.finding, track: 'shadow' } }),
    };
    const live = judgementOf(MORNING - 60);
    const shadow = judgementOf(MORNING - 60, 'shadow');
    const decisions = { [TOKEN]: [warned(), shadowed] };

    const both = await desk({ findings: [live, shadow], decisions }).ask();
    expect(both.decisions.map(({ judgement }) => judgement)).toEqual([live, shadow]);

    const alone = await desk({ findings: [live], decisions }).ask();
    expect(alone.decisions).toEqual([
      { decision: warned(), judgement: live },
      { decision: shadowed },
    ]);
  });

  test('has decisions whose finding is kept no longer, or came of the call itself, without one', async () => {
    const ofTheCall = warned({
      finding: { ...GROUNDS.finding, foundAt: MORNING, side: 'subject' },
    });
    const decisions = [warned(), ofTheCall];
    const { ask } = desk({
      // One of the very second of the call says nothing of the call.
      findings: [judgementOf(MORNING - 3_600), judgementOf(MORNING)],
      decisions: { [TOKEN]: decisions },
    });
    expect((await ask()).decisions).toEqual(decisions.map((decision) => ({ decision })));
  });

  test('is not answered when something cannot be read', async () => {
    const failed = explainNumber(
      { number: NUMBER, by: 'officer-7', purpose: 'complaint 12' },
      {
        sealer: SEALER,
        country: 'CN',
        readFindings: async () => {
          throw new Error('the table is away');
        },
        readDecisions: async () => [],
        audit: () => undefined,
      },
    );
    await expect(failed).rejects.toThrow('the table is away');
  });
});

describe('a request', () => {
  const refusalOf = async (request: Partial<Record<keyof ExplainRequest, unknown>>) => {
    const { ask, steps } = desk();
    const refusal: unknown = await ask(request as Partial<ExplainRequest>).catch(
      (error: unknown) => error,
    );
    // Nothing is read, and nothing was looked at that would have to leave a trace.
    expect(steps).toEqual([]);
    if (!(refusal instanceof ExplainRequestError)) throw new Error('was not refused');
    expect(refusal.code).toBe('BAD_EXPLAIN_REQUEST');
    return refusal.message;
  };

  test.each([
    ['purpose', undefined],
    ['purpose', ''],
    ['purpose', ' \t'],
    ['purpose', 'x'.repeat(201)],
    ['purpose', 7],
    ['by', undefined],
    ['by', '  '],
    ['number', undefined],
    ['number', ''],
    ['number', 13_800_138_000],
  ])('is refused where %s is %j, and says so', async (field, value) => {
    const message = await refusalOf({ [field]: value });
    expect(message).toContain(field);
    expect(message).not.toContain(NUMBER);
  });

  test.each([
    '12',
    'call me',
    '13800138000x',
    '1380013800013800138000',
    '+86 138 0013 80001234567',
  ])('with %j for a number is refused without repeating it', async (number) => {
    const message = await refusalOf({ number });
    expect(message).toContain('no phone number');
    expect(message).not.toContain(number);
    expect(message).not.toMatch(/\d/);
  });

  test('that is refused for its purpose does not repeat its number either', async () => {
    expect(await refusalOf({ purpose: '' })).not.toContain(NUMBER);
  });
});
