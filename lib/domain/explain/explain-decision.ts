import type { Reason } from '../exposure.ts';
import type { Policy, TextLanguage } from '../policy.ts';
import type { Judgement } from '../profile/fold-legs.ts';
import type { RememberedCall } from '../profile/remembered-calls.ts';
import type { Grounds } from '../subject/decide.ts';
import { reasonInWords } from './reason-words.ts';

/** One line of a sum: what, and how many points. */
export interface SumLine {
  readonly id: string;
  readonly words: string;
  readonly points: number;
}

/** A sum that can be read out: its lines add up to its points, to the last bit. */
export interface ReadableSum {
  readonly points: number;
  readonly probability: number;
  readonly lines: readonly SumLine[];
}

/** Which feature each term of a policy's scorecard looks at. */
export function featuresOfTerms(scoring: Policy['scoring']): ReadonlyMap<string, string> {
  const terms = [...scoring.scorecard.terms, ...(scoring.burst?.scorecard.terms ?? [])];
  return new Map(terms.map(({ id, feature }) => [id, feature]));
}

const BASE: Readonly<Record<TextLanguage, string>> = {
  en: 'where every caller starts',
  'zh-CN': '起始分',
};

/** The score of a caller, term by term, in the order in which it was summed. */
export function explainCaller(
  judgement: Pick<Judgement, 'base' | 'features' | 'points' | 'terms'> & {
    readonly finding: Pick<Judgement['finding'], 'probability'>;
  },
  featureOf: ReadonlyMap<string, string>,
  language: TextLanguage,
): ReadableSum {
  const inWords = ({ id, points }: Reason): SumLine => {
    // A fitted term is named after its feature, so that it can be read out without its policy.
    const feature = featureOf.get(id) ?? id;
    return { id, points, words: reasonInWords(id, feature, judgement.features[feature], language) };
  };
  return {
    points: judgement.points,
    probability: judgement.finding.probability,
    lines: [
      { id: 'base', words: BASE[language], points: judgement.base },
      ...judgement.terms.map(inWords),
    ],
  };
}

/** What a decision about a person weighed, term by term. */
export function explainEpisode(
  { points, probability, terms }: Pick<Grounds, 'points' | 'probability' | 'terms'>,
  language: TextLanguage,
): ReadableSum {
  const lines = terms.map((term) => ({
    ...term,
    words: reasonInWords(term.id, undefined, undefined, language),
  }));
  return { points, probability, lines };
}

/** A call behind a judgement, in words. */
export function callInWords(call: RememberedCall, language: TextLanguage): string {
  const english = language === 'en';
  const abroad = call.international ? (english ? ', international' : '，国际') : '';
  if (call.answered === false) return (english ? 'not answered' : '未接听') + abroad;
  if (call.duration === undefined) return (english ? 'still on the line' : '通话中') + abroad;
  const time = english ? `${call.duration} s on the line` : `通话${call.duration}秒`;
  return time + abroad;
}
