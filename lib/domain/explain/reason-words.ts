import type { Feature } from '../features.ts';
import type { TextLanguage } from '../policy.ts';

type Words = Readonly<Record<TextLanguage, string>>;
type Form = 'count' | 'share' | 'seconds' | 'ratio' | 'yes-no';

/** How each feature is read out, and in what form its value. */
const FEATURE_WORDS: Readonly<Record<Feature, { readonly words: Words; readonly form: Form }>> = {
  'calls-made-hour': {
    words: { en: 'calls made within an hour', 'zh-CN': '一小时内呼出' },
    form: 'count',
  },
  'calls-made-day': {
    words: { en: 'calls made within a day', 'zh-CN': '一天内呼出' },
    form: 'count',
  },
  'calls-made-month': {
    words: { en: 'calls made within 36 days', 'zh-CN': '36天内呼出' },
    form: 'count',
  },
  'new-contact-share': {
    words: { en: 'of the day’s calls went to strangers', 'zh-CN': '当天呼出中打给陌生号码' },
    form: 'share',
  },
  'made-share-day': {
    words: { en: 'of the day’s calls were made, not received', 'zh-CN': '当天通话中主动呼出' },
    form: 'share',
  },
  'answered-share': {
    words: { en: 'of the day’s calls were answered', 'zh-CN': '当天呼出被接听' },
    form: 'share',
  },
  'mean-talk-seconds': {
    words: { en: 'on the line per answered call, today', 'zh-CN': '当天平均每次通话' },
    form: 'seconds',
  },
  'two-way-share': {
    words: { en: 'of recent contacts call back', 'zh-CN': '近期联系人会回拨' },
    form: 'share',
  },
  'calls-per-contact': {
    words: { en: 'calls per contact', 'zh-CN': '平均每个联系人通话次数' },
    form: 'ratio',
  },
  'made-share': {
    words: { en: 'of all calls were made, not received', 'zh-CN': '全部通话中主动呼出' },
    form: 'share',
  },
  'mean-call-seconds': {
    words: { en: 'on the line per call', 'zh-CN': '平均每次通话' },
    form: 'seconds',
  },
  'busiest-hour-share': {
    words: { en: 'of calls fall into the busiest hour', 'zh-CN': '通话集中在最忙的一小时' },
    form: 'share',
  },
  'distinct-hours': {
    words: { en: 'hours of the day have calls', 'zh-CN': '个小时段有通话' },
    form: 'count',
  },
  'top-contact-share': {
    words: { en: 'of calls are with the closest contact', 'zh-CN': '通话是与最常联系的人' },
    form: 'share',
  },
  handsets: { words: { en: 'handsets used', 'zh-CN': '部手机使用过' }, form: 'count' },
  places: { words: { en: 'districts called from', 'zh-CN': '个区县出现过' }, form: 'count' },
  international: {
    words: { en: 'calls from abroad', 'zh-CN': '境外来电' },
    form: 'yes-no',
  },
};

/** Hand rules, and the parts of an episode's sum. */
const REASON_WORDS: Readonly<Record<string, Words>> = {
  'rotates-handsets': {
    en: 'one number in many handsets within few calls',
    'zh-CN': '短期内一号多机',
  },
  'dials-strangers-from-abroad': {
    en: 'rings up strangers from abroad',
    'zh-CN': '从境外连续拨打陌生号码',
  },
  'holds-strangers-long': {
    en: 'keeps strangers on the line for long',
    'zh-CN': '与陌生人长时间通话',
  },
  'pesters-briefly': {
    en: 'rings the same people again and again, and is never listened to for long',
    'zh-CN': '反复拨打相同号码且通话短',
  },
  'first-international-call': {
    en: 'a long call from abroad, to somebody who never has any',
    'zh-CN': '从无境外来电者接到境外长通话',
  },
  'long-call-from-stranger': {
    en: 'a very long call from a stranger',
    'zh-CN': '陌生来电通话时间很长',
  },
  'case-number': {
    en: 'a number that police confirmed as fraudulent',
    'zh-CN': '公安确认的涉案号码',
  },
  clues: { en: 'reported by independent people', 'zh-CN': '多名群众独立举报' },
  study: { en: 'found by the daily study', 'zh-CN': '每日研判发现' },
  caller: { en: 'the caller’s own score', 'zh-CN': '来电号码自身得分' },
  'caller-unknown': { en: 'nothing is known of the caller', 'zh-CN': '来电号码尚无记录' },
  hour: { en: 'the hour of the call', 'zh-CN': '通话时段' },
  'on-the-line': { en: 'told of while the call went on', 'zh-CN': '通话进行中' },
  'longest-call': { en: 'the longest call with a risky caller', 'zh-CN': '与可疑号码最长一次通话' },
  calls: { en: 'repeated calls', 'zh-CN': '反复来电' },
  'callers-in-concert': {
    en: 'several risky callers one after the other',
    'zh-CN': '多个可疑号码接连来电',
  },
  'care-group': { en: 'belongs to a group that needs care', 'zh-CN': '属于需要关照的人群' },
};

/** The value of a feature as it is read out; empty for none. */
function spokenValue(form: Form, value: number | null, language: TextLanguage): string {
  const english = language === 'en';
  if (value === null) return english ? '(no such call)' : '（无此类通话）';
  switch (form) {
    case 'share':
      return `${Math.round(value * 100)} %`;
    case 'seconds':
      return `${Math.round(value)} ${english ? 's' : '秒'}`;
    case 'ratio':
      return value.toFixed(2);
    case 'yes-no':
      return value === 0 ? (english ? 'no' : '无') : english ? 'yes:' : '有';
    case 'count':
      return String(value);
  }
}

/**
 * A reason in words. A term of a scorecard is read out by its feature and the value that it had.
 *
 * @param value undefined where the reason is not about a feature; null where the feature had none
 */
export function reasonInWords(
  id: string,
  feature: string | undefined,
  value: number | null | undefined,
  language: TextLanguage,
): string {
  const known = FEATURE_WORDS[feature as Feature] as (typeof FEATURE_WORDS)[Feature] | undefined;
  if (known !== undefined && value !== undefined) {
    const spoken = spokenValue(known.form, value, language);
    return language === 'en' ? `${spoken} ${known.words.en}` : `${known.words['zh-CN']} ${spoken}`;
  }
  return REASON_WORDS[id]?.[language] ?? id;
}
