import { parse } from 'csv-parse/sync';
import { entriesAsCsv } from '../../../bin/officers/list-words.ts';
import { plainLines, plainValue, safeJson } from '../../../bin/terminal/plain-text.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { FRAUD_KINDS } from '../../../lib/domain/fraud-kind.ts';
import { maskNumbersIn } from '../../../lib/domain/mask-numbers.ts';
import { numberTail } from '../../../lib/domain/phone-number.ts';
import { beginsAsFormula } from '../../../lib/domain/plain-text.ts';
import { TEXT_LANGUAGES } from '../../../lib/domain/policy.ts';
import { fitsOnePart, textProblems, warningText } from '../../../lib/domain/warning-text.ts';
import { bullets, facts, figure, htmlPage, paragraph, table } from '../../../lib/reports/page.ts';
import type { Decoder, Outcome } from '../decoder.ts';
import { fromTexts } from '../seeds.ts';

const { texts } = loadDefaultPolicy();
const NUMBERS = ['+8613800138000', '+442071838750', 'CN:95588', '13800138000', '+1'];
const TAIL = /^[0-9]{0,4}$/;

/** Tails whose texts are known to be well formed. */
const wellFormed = new Set<string>();

function steered(number: string, tail: string): string | undefined {
  for (const language of TEXT_LANGUAGES) {
    for (const kind of FRAUD_KINDS) {
      const text = warningText(texts, language, kind, number);
      const isSteered = text !== texts[language][kind]?.split('{tail}').join(tail);
      const isMalformed = () => !fitsOnePart(text) || textProblems(text).length > 0;
      if (isSteered || (!wellFormed.has(tail) && isMalformed())) {
        return `${JSON.stringify(number)} makes ${JSON.stringify(text)}`;
      }
    }
  }
  wellFormed.add(tail);
  return undefined;
}

/** A caller chooses the number that he shows, and with it nothing of a text but the digits of its tail. */
const warning: Decoder = {
  name: 'warning-text',
  reads: 'lib/domain/warning-text.ts',
  make: fromTexts(NUMBERS),
  decode: (input): Outcome => {
    const number = Buffer.from(input).toString('utf8');
    const tail = numberTail(number);
    const broken = TAIL.test(tail) ? steered(number, tail) : `the tail is ${JSON.stringify(tail)}`;
    return { isAccepted: tail !== '', lines: [tail], ...(broken !== undefined && { broken }) };
  },
};

const pageWith = (text: string): string =>
  htmlPage({
    title: text,
    subtitle: text,
    language: text,
    sections: [
      {
        title: text,
        lead: text,
        content: [
          paragraph(text),
          bullets([text]),
          facts([{ label: text, value: text, note: text }]),
          table([{ header: text }, { header: text, align: 'right' }], [[text, text]]),
          figure('<svg></svg>', text, text),
        ],
      },
    ],
  });

/** The marks that make markup, without what stands between them. */
const skeletonOf = (html: string): string => html.replace(/[^<>"']/g, '');
const SKELETON = skeletonOf(pageWith('x'));

function csvBroken(text: string): string | undefined {
  const entry = {
    id: text,
    number: text,
    kind: 'loan',
    reference: text,
    reason: text,
    by: text,
    at: 0,
    until: 0,
    version: 1,
  };
  const csv = entriesAsCsv(plainValue([entry]) as Parameters<typeof entriesAsCsv>[0]);
  const rows: string[][] = parse(csv);
  if (rows.length !== 2 || rows[1]?.length !== 9) return 'a cell broke out of its place';
  return rows[1].some(beginsAsFormula) ? 'a cell begins as a formula' : undefined;
}

/** What strangers wrote, on its way to a terminal, a page, a table and a log. */
const shown: Decoder = {
  name: 'shown-text',
  reads: 'bin/terminal/plain-text.ts, lib/reports/page.ts, bin/officers/list-words.ts',
  make: fromTexts(['a text', 'call +86 138 0013 8000 now', '锦江派出所', '']),
  decode: (input): Outcome => {
    const text = Buffer.from(input).toString('utf8');
    const json = safeJson({ [text]: text });
    const isLossless =
      json === 'null' || JSON.stringify(JSON.parse(json)) === JSON.stringify({ [text]: text });
    const broken =
      csvBroken(text) ??
      (skeletonOf(pageWith(text)) === SKELETON
        ? undefined
        : 'a text broke out of its place on a page') ??
      (isLossless ? undefined : 'JSON reads back to something else') ??
      (/\p{Nd}{7}/u.test(maskNumbersIn(text)) ? 'a number was not masked' : undefined);
    return {
      isAccepted: true,
      lines: [json, ...Object.values(plainValue({ text }))],
      printed: [plainLines(text)],
      ...(broken !== undefined && { broken }),
    };
  },
};

export const TEXT_DECODERS: readonly Decoder[] = [warning, shown];
