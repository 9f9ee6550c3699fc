import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import type { Step } from '../../lib/domain/ladder/ladder-policy.ts';
import { maskNumber } from '../../lib/domain/phone-number.ts';
import type { SmsText } from '../../lib/local/services/sms-inbox.ts';

/** What the moving part of the screen shows. */
export interface ScreenState {
  /** 0 to 1; undefined when the end is not known. */
  readonly done: number | undefined;
  readonly pushed: number;
  readonly perSecond: number;
  readonly secondsLeft: number | undefined;
  readonly texts: number;
  readonly cases: number;
  /** Of these, under way: neither closed nor watched. */
  readonly openCases: number;
  readonly riskyCallers: number;
}

/** Something that happened to a task. */
export interface TaskLine {
  readonly caseId: string;
  readonly step: Step;
  /** Who did it; nobody where time passed or the workflow called it off. */
  readonly by?: string;
  readonly what: string;
}

export interface ReplayScreen {
  step(text: string): void;
  text(sms: SmsText): void;
  caseOpened(tier: string, caseId: string): void;
  /** What became of a task, in a word or two. */
  task(line: TaskLine): void;
  caseEnded(caseId: string, end: string): void;
  update(state: ScreenState): void;
  say(text: string): void;
  /** Leaves what is shown and lets go of the terminal. */
  done(): void;
}

const STEP_SIGNS: Readonly<Record<Step, string>> = { call: '☎', relatives: '♥', visit: '⌂' };
/** Enough of a case's name to tell it from the others. */
const SHORT_NAME = 8;
const BAR_WIDTH = 28;
const REFRESH_MS = 120;
/** Without a terminal there is no bar: a line now and then says how it goes. */
const PLAIN_REFRESH_MS = 10_000;

function shortName(caseId: string): string {
  return caseId.slice(0, SHORT_NAME);
}

function bar(share: number): string {
  const filled = Math.round(share * BAR_WIDTH);
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function progressLine(state: ScreenState): string {
  const share =
    state.done === undefined ? '' : `${bar(state.done)} ${Math.floor(state.done * 100)} %  `;
  const left = state.secondsLeft === undefined ? '' : `  ${clock(state.secondsLeft)} left`;
  return `${share}${state.pushed} records  ${Math.round(state.perSecond)}/s${left}`;
}

function countLine(state: ScreenState): string {
  const { cases, openCases, riskyCallers, texts } = state;
  return `risky callers ${riskyCallers}   texts ${texts}   cases ${cases}, ${openCases} under way`;
}

const SILENT: ReplayScreen = {
  step: () => undefined,
  text: () => undefined,
  caseOpened: () => undefined,
  task: () => undefined,
  caseEnded: () => undefined,
  update: () => undefined,
  say: () => undefined,
  done: () => undefined,
};

/**
 * The living picture of a replay on standard output. Control characters cannot come through: texts are ours,
 * and numbers are masked.
 */
export function createReplayScreen(
  quiet: boolean,
  output: NodeJS.WriteStream = process.stdout,
): ReplayScreen {
  if (quiet) return SILENT;
  const live = output.isTTY === true;
  const log = createLogUpdate(output);
  let shownAt = 0;
  let bottom = '';
  const above = (line: string) => {
    if (live) log.clear();
    output.write(`${line}\n`);
    if (live && bottom !== '') log(bottom);
  };
  return {
    step: (text) => above(styleText('dim', `… ${text}`)),
    text: ({ phoneNumber, message }) =>
      above(`${styleText('yellow', '✉')}  ${maskNumber(phoneNumber)}  ${message}`),
    caseOpened: (tier, caseId) =>
      above(
        `${styleText('red', '⚑')}  case ${shortName(caseId)}  ${styleText('bold', tier)}: opened`,
      ),
    task: ({ by, caseId, step, what }) =>
      above(
        `${styleText('blue', STEP_SIGNS[step])}  case ${shortName(caseId)}  ${step}: ${what}${by === undefined ? '' : styleText('dim', ` by ${by}`)}`,
      ),
    caseEnded: (caseId, end) =>
      above(`${styleText('green', '✓')}  case ${shortName(caseId)}  ${styleText('bold', end)}`),
    update(state) {
      const now = performance.now();
      if (now - shownAt < (live ? REFRESH_MS : PLAIN_REFRESH_MS)) return;
      shownAt = now;
      bottom = `${progressLine(state)}\n${countLine(state)}`;
      if (live) log(bottom);
      else output.write(`${bottom.replace('\n', '  ')}\n`);
    },
    say: (text) => above(text),
    done() {
      if (live) log.clear();
      bottom = '';
      log.done();
    },
  };
}
