import type { Leg } from '../domain/leg.ts';
import type { HistoryCall } from './history-call.ts';
import type { NumberRegistry } from './number-registry.ts';

/** One party's leg of a call in a history; it arrives when it becomes news. */
export function legOfHistory(
  call: HistoryCall,
  originating: boolean,
  numbers: NumberRegistry,
): Leg {
  const own = originating ? call.caller : call.callee;
  const other = originating ? call.callee : call.caller;
  return {
    number: numbers.tokenAt(own),
    counterpart: numbers.tokenAt(other),
    originating,
    phase: call.phase,
    call: call.key,
    start: Math.floor(call.startMs / 1000),
    duration: call.duration,
    answered: call.answered,
    counterpartIsService: numbers.isService(other),
    international: call.international,
    district: originating ? call.callerDistrict : call.calleeDistrict,
    handset: originating ? call.handset : 0,
    arrivedAt: call.startMs + (call.duration ?? 0) * 1000,
  };
}
