/**
 * What a terminal would act on, or what makes text read otherwise than it is: controls, zero-width characters, marks
 * of writing direction, separators of lines and paragraphs.
 */
export const ACTING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const ESCAPE = 0x1b;
const BELL = 0x07;
const BACKSLASH = 0x5c;
const STRING_TERMINATOR = 0x9c;
/** A control of C1 is an escape and the character this far below it: `ESC [` is U+009B. */
const C1_DISTANCE = 0x40;
const CONTROL_SEQUENCE = '['.charCodeAt(0);
/** They open a text for the terminal (ECMA-48, 5.6): DCS, SOS, OSC, PM, APC. */
const STRING_OPENERS: ReadonlySet<number> = new Set(
  ['P', 'X', ']', '^', '_'].map((letter) => letter.charCodeAt(0)),
);

const isBetween = (unit: number, low: number, high: number) => unit >= low && unit <= high;

/** Where the units of a kind end that begin at `at`. */
function endOf(text: string, at: number, low: number, high: number): number {
  let end = at;
  while (isBetween(text.charCodeAt(end), low, high)) end++;
  return end;
}

/** Behind the end of a text for the terminal; -1 when it has none. */
function endOfString(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === BELL || unit === STRING_TERMINATOR) return i + 1;
    if (unit === ESCAPE && text.charCodeAt(i + 1) === BACKSLASH) return i + 2;
  }
  return -1;
}

/**
 * A text without the sequences that a terminal acts on (ECMA-48), parameters and all. In one pass: what Node has for it
 * takes time with the square of the length of texts that open sequences and never close them.
 */
function withoutSequences(text: string): string {
  let kept = '';
  let from = 0;
  let isOpenEnded = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isEscape = unit === ESCAPE;
    if (!isEscape && !isBetween(unit, 0x80, 0x9f)) continue;
    const kind = isEscape ? text.charCodeAt(i + 1) : unit - C1_DISTANCE;
    const body = isEscape ? i + 2 : i + 1;
    let end = -1;
    if (kind === CONTROL_SEQUENCE) {
      const parameters = endOf(text, body, 0x20, 0x3f);
      end = isBetween(text.charCodeAt(parameters), 0x40, 0x7e) ? parameters + 1 : -1;
    } else if (STRING_OPENERS.has(kind) && !isOpenEnded) {
      end = endOfString(text, body);
      // Where the rest closes nothing, it closes nothing that is opened later either.
      isOpenEnded = end < 0;
    }
    if (end < 0) continue;
    kept += text.slice(from, i);
    from = end;
    i = end - 1;
  }
  return kept + text.slice(from);
}

/** A text of strangers as one line that no terminal acts on. */
export function plainText(text: string): string {
  // Halves of a character first: once what parts them is gone, they would be one, which nobody looked at.
  const whole = text.toWellFormed().replace(/[\r\n\t]+/g, ' ');
  // Then whole sequences, or their parameters would be left behind as text.
  return withoutSequences(whole).replace(ACTING, '');
}

const LONGEST_QUOTE = 120;

/** What strangers wrote, as an error may quote it: one line, and not all of a long one. */
export function quoted(text: string): string {
  const line = plainText(text.slice(0, 2 * LONGEST_QUOTE));
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

/** What a parser says of text that is no JSON; it quotes the place where it stumbled. */
export function jsonFault(cause: unknown): string {
  return quoted(cause instanceof Error ? cause.message : String(cause));
}

/**
 * Whether a spreadsheet takes a cell for a formula. Full-width signs count too: in an East Asian locale they begin one
 * as well (OWASP, "CSV Injection").
 */
export function beginsAsFormula(text: string): boolean {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text);
}
