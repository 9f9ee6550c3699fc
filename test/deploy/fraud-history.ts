/** Calls of about two hours, ending now: one caller phones strangers, others phone those they know. */
export interface FraudHistory {
  /** In the format of docs/records.md. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly fraudCaller: string;
  /** The strangers who picked up. */
  readonly victims: readonly string[];
  /** Talked for a quarter of an hour: a case for an officer. */
  readonly longestVictim: string;
  /** People with nothing but ordinary calls. */
  readonly others: readonly string[];
}

const STRANGERS = 24;
/** Which stranger stays on the line. */
const LONGEST = 12;
const LONG_TALK_SECONDS = 900;
const SHORT_TALK_SECONDS = 420;
/** More than the policy's settleSeconds: each call settles the one before. */
const PAUSE_SECONDS = 75;
const FRIENDS = 8;
const ORDINARY_CALLS = 40;
const HANDSET = '356938035643809';
const DISTRICT = '510104';

/** @param nowMs when the last call ended, epoch milliseconds */
export function fraudHistory(nowMs: number): FraudHistory {
  const fraudCaller = '+8613912340001';
  const others = Array.from({ length: FRIENDS }, (_, i) => `+86137000020${10 + i}`);
  const strangers = Array.from({ length: STRANGERS }, (_, i) => {
    const talk = i === LONGEST ? LONG_TALK_SECONDS : i % 2 === 0 ? 0 : SHORT_TALK_SECONDS;
    return { number: `+86138000010${10 + i}`, talk };
  });
  const seconds = strangers.reduce((sum, { talk }) => sum + talk + PAUSE_SECONDS, 0);
  const beginMs = nowMs - seconds * 1000;

  let startMs = beginMs;
  const fraudCalls = strangers.map(({ number, talk }) => {
    const call = {
      caller: fraudCaller,
      callee: number,
      start: startMs,
      duration: talk,
      answered: talk > 0,
      imei: HANDSET,
      callerDistrict: DISTRICT,
    };
    startMs += (talk + PAUSE_SECONDS) * 1000;
    return call;
  });
  const ordinaryCalls = Array.from({ length: ORDINARY_CALLS }, (_, i) => ({
    caller: others[i % FRIENDS],
    callee: others[(i + 1 + (i % 3)) % FRIENDS],
    start: beginMs + Math.floor((i * seconds * 1000) / ORDINARY_CALLS),
    duration: 30 + i,
    answered: true,
  }));
  return {
    records: [...fraudCalls, ...ordinaryCalls].toSorted((a, b) => a.start - b.start),
    fraudCaller,
    victims: strangers.filter(({ talk }) => talk > 0).map(({ number }) => number),
    longestVictim: strangers[LONGEST]?.number ?? '',
    others,
  };
}
