/** The largest state that a window may carry: 1 MB of JSON. */
const MAXIMUM_STATE_BYTES = 1024 * 1024;

/** An open tumbling window of one shard: its time and what the function aggregated so far. */
export interface TumblingWindow {
  startMs: number;
  endMs: number;
  state: unknown;
}

/** The part of the event that a mapping with a tumbling window adds to the records. */
export interface TumblingWindowEvent {
  window: { start: string; end: string };
  state: unknown;
  shardId: string;
  eventSourceARN: string;
  isFinalInvokeForWindow: boolean;
  isWindowTerminatedEarly: boolean;
}

/** Opens the window that a record belongs to: by its time of arrival, with an empty state. */
export function windowOf(arrivalMs: number, lengthMs: number): TumblingWindow {
  const startMs = Math.floor(arrivalMs / lengthMs) * lengthMs;
  return { startMs, endMs: startMs + lengthMs, state: {} };
}

/**
 * Tells whether a window takes a record. Arrival times are approximate: one a little too early still
 * belongs to the window that is open, as order is by sequence number.
 */
export function takesRecord(window: TumblingWindow, arrivalMs: number): boolean {
  return arrivalMs < window.endMs;
}

/**
 * Reads the state out of a function's answer.
 *
 * @returns undefined without a `state` property, which Lambda counts as a failed invocation
 */
export function stateOfResponse(payload: unknown): { state: unknown } | undefined {
  if (typeof payload !== 'object' || payload === null || !('state' in payload)) return undefined;
  return { state: payload.state };
}

/** Tells whether a state is so large that Lambda ends the window early. */
export function isStateTooLarge(state: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(state) ?? '') > MAXIMUM_STATE_BYTES;
}

/** Writes the window's part of an event. */
export function tumblingWindowEvent(
  window: TumblingWindow,
  origin: { shardId: string; eventSourceArn: string },
  last: 'not-last' | 'last' | 'ended-early',
): TumblingWindowEvent {
  return {
    window: { start: isoSecond(window.startMs), end: isoSecond(window.endMs) },
    state: window.state,
    shardId: origin.shardId,
    eventSourceARN: origin.eventSourceArn,
    isFinalInvokeForWindow: last !== 'not-last',
    isWindowTerminatedEarly: last === 'ended-early',
  };
}

function isoSecond(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}
