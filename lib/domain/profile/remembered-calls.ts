import type { Exposure } from '../exposure.ts';
import { DURATION_UNKNOWN, ENTRY, ENTRY_FLAG } from './layout.ts';
import type { Parties } from './leg-at-hand.ts';
import { type Profile, readCall } from './profile.ts';

/** A call, as a profile remembers it; the subject is the other party. */
export type RememberedCall = Pick<
  Exposure,
  'subject' | 'call' | 'start' | 'duration' | 'answered' | 'international'
>;

/**
 * The calls with people since then, as far as a profile remembers them; one of each call.
 *
 * @param since epoch seconds
 * @param which those that the number made, or those that it took too
 */
export function rememberedCalls(
  profile: Profile,
  parties: Pick<Parties, 'read'>,
  since: number,
  which: 'made' | 'all',
): RememberedCall[] {
  const { view, bytes } = profile;
  const count = profile.entryCount();
  const calls = new Map<number, RememberedCall>();
  for (let i = 0; i < count; i++) {
    const entry = profile.entryAt(i);
    const flags = view.getUint8(entry + ENTRY.flags);
    if ((flags & ENTRY_FLAG.service) !== 0) continue;
    if (which === 'made' && (flags & ENTRY_FLAG.originating) === 0) continue;
    const stored = view.getUint16(entry + ENTRY.duration);
    const duration = stored === DURATION_UNKNOWN ? undefined : stored;
    const start = view.getUint32(entry + ENTRY.time) - (duration ?? 0);
    if (start < since) continue;
    const call = readCall(view, entry);
    calls.set(call, {
      subject: parties.read(bytes, entry + ENTRY.counterpart),
      call,
      start,
      duration,
      answered:
        (flags & ENTRY_FLAG.answerUnknown) !== 0 ? undefined : (flags & ENTRY_FLAG.answered) !== 0,
      international: (flags & ENTRY_FLAG.international) !== 0,
    });
  }
  return [...calls.values()];
}
