import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SealingError } from '../../../functions/adapters/errors.ts';
import {
  createSealer,
  createSealerOnce,
  readSealingKeys,
  type Sealer,
  type SealingKeys,
} from '../../../functions/adapters/sealing.ts';
import type { PartyNumber } from '../../../lib/domain/phone-number.ts';

const KEYS: SealingKeys = { current: '1', secrets: { '1': 'a secret for tests' } };
const OTHER_KEYS: SealingKeys = { current: '1', secrets: { '1': 'another secret for tests' } };

const subscriber = fc
  .stringMatching(/^\+[1-9]\d{2,14}$/)
  .map((number): PartyNumber => ({ kind: 'subscriber', number }));
const service = fc
  .tuple(fc.constantFrom('CN', 'GB', '800'), fc.stringMatching(/^\d{3,12}$/))
  .map(([country, code]): PartyNumber => ({ kind: 'service', number: `${country}:${code}` }));
const party = fc.oneof(subscriber, service);
const imei = fc.option(fc.stringMatching(/^\d{14,16}$/), { nil: undefined });

const CALLER: PartyNumber = { kind: 'subscriber', number: '+8613800138000' };
const BANK: PartyNumber = { kind: 'service', number: 'CN:95588' };

function sealOne(sealer: Sealer, caller: PartyNumber, callee: PartyNumber, handset?: string) {
  const [sealed] = sealer.seal([{ caller, callee, imei: handset }]);
  if (sealed === undefined) throw new Error('nothing was sealed');
  return sealed;
}

describe('a sealed number', () => {
  test('is unsealed to what it was, subscriber or service', () => {
    const sealer = createSealer(KEYS);
    fc.assert(
      fc.property(party, party, imei, (caller, callee, handset) => {
        const sealed = sealOne(sealer, caller, callee, handset);
        expect(sealer.unseal(sealed.caller)).toEqual(caller);
        expect(sealer.unseal(sealed.callee)).toEqual(callee);
      }),
    );
  });

  test('is the same whoever seals it, in whatever place and company', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(party, party, imei), { maxLength: 8 }), (calls) => {
        const together = createSealer(KEYS).seal(
          calls.map(([caller, callee, handset]) => ({ caller, callee, imei: handset })),
        );
        const alone = calls.map(([caller, callee, handset]) =>
          sealOne(createSealer(KEYS), caller, callee, handset),
        );
        expect(together).toEqual(alone);
        const swapped = calls.map(([caller, callee]) =>
          sealOne(createSealer(KEYS), callee, caller),
        );
        expect(swapped.map((sealed) => sealed.callee)).toEqual(alone.map((one) => one.caller));
      }),
    );
  });

  test('is another for another number, of either kind', () => {
    const sealer = createSealer(KEYS);
    fc.assert(
      fc.property(party, party, (one, other) => {
        const sealed = sealOne(sealer, one, other);
        expect(sealed.caller === sealed.callee).toBe(one.number === other.number);
      }),
    );
    const digits = sealOne(
      sealer,
      { kind: 'subscriber', number: '+95588' },
      { kind: 'service', number: 'CN:95588' },
    );
    expect(digits.caller).not.toBe(digits.callee);
    const zeros = sealOne(
      sealer,
      { kind: 'service', number: 'CN:110' },
      { kind: 'service', number: 'CN:1100' },
    );
    expect(zeros.caller).not.toBe(zeros.callee);
  });

  test('begins with its key version and shows nothing of the number', () => {
    const { caller } = sealOne(createSealer(KEYS), CALLER, BANK);
    expect(caller).toMatch(/^1[\w-]{22}$/);
    expect(Buffer.from(caller.slice(1), 'base64url').toString('hex')).not.toContain('138001');
  });

  test('opens under an older key version as long as that is kept', () => {
    const old = sealOne(createSealer(KEYS), CALLER, BANK).caller;
    const rotated = createSealer({ current: '2', secrets: { ...KEYS.secrets, '2': 'the next' } });
    expect(rotated.unseal(old)).toEqual(CALLER);
    expect(sealOne(rotated, CALLER, BANK).caller).toMatch(/^2/);
    const forgotten = createSealer({ current: '2', secrets: { '2': 'the next' } });
    expect(() => forgotten.unseal(old)).toThrow(SealingError);
  });

  test('does not open with another key', () => {
    const other = createSealer(OTHER_KEYS);
    for (let i = 0; i < 2_000; i++) {
      const number = `+86138${String(i).padStart(8, '0')}`;
      const { caller } = sealOne(createSealer(KEYS), { kind: 'subscriber', number }, BANK);
      expect(() => other.unseal(caller)).toThrow(SealingError);
    }
  });

  test.each(['', '1', '1short', `2${'A'.repeat(22)}`, 'A'.repeat(23), `1${'A'.repeat(44)}`])(
    'is refused when it is none: %j',
    (token) => {
      expect(() => createSealer(KEYS).unseal(token)).toThrow(SealingError);
    },
  );

  test('is never made of what does not fit, and the error does not show it', () => {
    const tooLong: PartyNumber = { kind: 'subscriber', number: `+${'1'.repeat(23)}` };
    expect(() => sealOne(createSealer(KEYS), tooLong, BANK)).toThrow(SealingError);
    expect(() => sealOne(createSealer(KEYS), tooLong, BANK)).not.toThrow(/1111/);
  });
});

describe('a handset', () => {
  test('is a fingerprint of 16 bits, never 0, and 0 where it is unknown', () => {
    const sealer = createSealer(KEYS);
    const seen = new Set<number>();
    for (let i = 0; i < 3_000; i++) {
      const { handset } = sealOne(sealer, CALLER, BANK, `86${String(i).padStart(13, '0')}`);
      expect(handset).toBeGreaterThan(0);
      expect(handset).toBeLessThanOrEqual(0xffff);
      seen.add(handset);
    }
    expect(seen.size).toBeGreaterThan(2_800);
    expect(sealOne(sealer, CALLER, BANK).handset).toBe(0);
  });
});

function secretsManager(answers: (string | Error)[]) {
  const asked: unknown[] = [];
  const send = async (command: unknown) => {
    asked.push(command);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return { SecretString: answer };
  };
  return { asked, client: { send } as unknown as SecretsManagerClient };
}

describe('the sealing secret', () => {
  test('holds the current version and a text for each', async () => {
    const { client } = secretsManager(['{"current":"1","1":"abc","0":"old"}']);
    expect(await readSealingKeys(client, 'arn')).toEqual({
      current: '1',
      secrets: { '1': 'abc', '0': 'old' },
    });
  });

  test.each(['', 'not json: s3cret', 'null', '[]', '{"1":"s3cret"}', '{"current":"1","1":7}'])(
    'is refused when it is none, and never quoted: %s',
    async (text) => {
      const { client } = secretsManager([text]);
      const failed = readSealingKeys(client, 'arn');
      await expect(failed).rejects.toThrow(SealingError);
      await expect(failed).rejects.not.toThrow(/s3cret/);
    },
  );

  test('is refused without the key of its current version', () => {
    expect(() => createSealer({ current: '2', secrets: KEYS.secrets })).toThrow(SealingError);
    expect(() => createSealer({ current: '12', secrets: { '12': 'x' } })).toThrow(SealingError);
  });

  test('is read once, and again only after a failure', async () => {
    const { asked, client } = secretsManager([new Error('throttled'), '{"current":"1","1":"abc"}']);
    const sealer = createSealerOnce(() => client, 'arn');
    await expect(sealer()).rejects.toThrow('throttled');
    const [first, second] = await Promise.all([sealer(), sealer()]);
    expect(second).toBe(first);
    expect(await sealer()).toBe(first);
    expect(asked).toHaveLength(2);
  });
});
