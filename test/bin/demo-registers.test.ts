import { describe, expect, it } from 'vitest';
import { contactRows, DEMO_STATIONS } from '../../bin/replay/demo-registers.ts';
import { normaliseNumber } from '../../lib/domain/phone-number.ts';
import { readContact, readStation } from '../../lib/domain/registers/register-rows.ts';
import { MORNING_SCENARIO } from '../../lib/simulation/morning-scenario.ts';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';

const morning = simulateMorning({ seed: 1 });
const called = morning.truth.calledByFraud;
const households = morning.householdsOf(called);

describe('the registers of the demonstration', () => {
  it('know a station for every district of the simulated city', () => {
    const stations = DEMO_STATIONS.map(readStation);
    const known = stations.flatMap((one) => ('row' in one ? one.row.districts : []));
    expect(known.sort()).toEqual(MORNING_SCENARIO.districts.map(({ code }) => code).sort());
    const ids = new Set(DEMO_STATIONS.map(({ id }) => id));
    expect(DEMO_STATIONS.every(({ backup = '' }) => ids.has(backup))).toBe(true);
  });

  it('know relatives of most people whom swindlers call, in rows that the register takes', () => {
    const rows = contactRows(households, 1);
    const problems = rows.map((row) => readContact(row, (text) => normaliseNumber(text, 'CN')));
    expect(problems.filter((outcome) => 'problem' in outcome)).toEqual([]);
    const withContacts = new Set(rows.map(({ number }) => number));
    expect(withContacts.size).toBeGreaterThan(0.5 * households.size);
    expect(withContacts.size).toBeLessThan(households.size);
    for (const number of withContacts) expect(called).toContain(number);
  });

  it('are the same for the same seed', () => {
    expect(contactRows(households, 7)).toEqual(contactRows(households, 7));
    expect(contactRows(households, 7)).not.toEqual(contactRows(households, 8));
  });
});
