import { START } from './draw-history.ts';
import type { Fault, History } from './history.ts';
import type { Violation } from './invariants.ts';
import { violationsOf } from './invariants.ts';
import { POLICIES } from './policies.ts';
import type { Bug } from './product.ts';
import { runHistory } from './run-history.ts';

/** Time since the beginning, as `1:02:03.4`. */
function clock(ms: number): string {
  const tenths = Math.floor(Math.max(0, ms) / 100);
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = Math.floor(tenths / 10);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${h}:${two(m)}:${two(s)}.${tenths % 10}`;
}

const WHAT: Readonly<Record<string, string>> = {
  refused: 'answers with an error, and nothing is done',
  'answer-lost': 'is done, and the answer gets lost',
  late: 'is done late, when nobody waits for it',
  repeated: 'is done twice, for the client tries again after a lost answer',
  partial: 'is done in part',
  conflict: 'meets another write of the item',
  slow: 'takes 8 seconds',
  'crash-before': 'is never sent, for the function dies',
  'crash-after': 'is done, and the function dies',
  hangs: 'is done, and the answer comes too late for the function',
  redelivered: 'is delivered again',
  overlapping: 'goes to two at once',
  straggling: 'is also with a poller that lost the shard, whose function is slow',
  'not-invoked': 'is throttled',
};

/** A fault in words. */
export function wordsOf(fault: Fault): string {
  switch (fault.on) {
    case 'call':
      return `${fault.operation} ${fault.nth} of ${fault.actor} ${WHAT[fault.kind] ?? fault.kind}`;
    case 'batch':
      return `batch ${fault.nth} of ${fault.source} ${WHAT[fault.kind] ?? fault.kind}`;
    case 'reshard':
      return `${clock(fault.at)} the stream ${fault.stream} gets other shards`;
    case 'policy':
      return `${clock(fault.at)} policy ${fault.variant} is published`;
    case 'opt-out':
      return `${clock(fault.at)} person ${fault.person} opts out of texts`;
    case 'supervisor':
      return `a supervisor ${fault.act}s the case whose step is the ${fault.nth}. to begin, ${fault.afterMs} ms later`;
    case 'by-hand':
      return `${clock(fault.at)} an officer opens a case of person ${fault.person}`;
    case 'outage':
      return `${clock(fault.at)} until ${clock(fault.until)} ${fault.service} answers with errors`;
    case 'texts-refused':
      return `${clock(fault.at)} until ${clock(fault.until)} SNS refuses texts: ${fault.error}`;
    case 'spend-limit':
      return `${clock(fault.at)} until ${clock(fault.until)} texts are taken and not delivered: the spend limit`;
  }
}

/** Tells a history that broke a rule: what was planned, what happened, what came of it. */
export async function tellStory(history: History, bug: Bug | undefined): Promise<string> {
  const happened: string[] = [];
  const after = await runHistory(history, {
    bug,
    tell: (at, what) => happened.push(`  ${clock(at - START)}  ${what}`),
  });
  const violations: Violation[] = await violationsOf(after);
  const { faults, records, seed, skewMs, stage, staleMs } = history;
  const lines = records.flatMap((record) =>
    record.lines.map(
      ({ line, rejected }) =>
        `  ${clock(record.at)}  ${line}${rejected === undefined ? '' : `  (not to be taken: ${rejected})`}`,
    ),
  );
  const pushedAgain = records.filter(({ again }) => again !== undefined).length;
  return [
    `Seed ${seed}, settings of ${stage}, policy ${history.policy} of ${POLICIES.length}${bug === undefined ? '' : `, with the bug "${bug.name}"`}.`,
    ...(staleMs > 0 ? [`Reads that are not consistent see what was ${staleMs} ms ago.`] : []),
    ...(skewMs > 0 ? [`Clocks differ by up to ${skewMs} ms.`] : []),
    '',
    `Operators push ${lines.length} lines in ${records.length} records${pushedAgain > 0 ? `, ${pushedAgain} of them twice` : ''}:`,
    ...lines,
    '',
    faults.length === 0 ? 'Nothing goes wrong.' : 'What goes wrong:',
    ...faults.map((fault) => `  ${wordsOf(fault)}`),
    '',
    'What happens:',
    ...happened,
    '',
    violations.length === 0 ? 'Every promise was kept.' : 'What was broken:',
    ...violations.map(({ rule, what }) => `  ${rule}: ${what}`),
  ].join('\n');
}
