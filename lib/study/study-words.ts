import type { TextLanguage } from '../domain/policy.ts';
import type { Evidence, FindingKind } from './study-result.ts';

type Words = Readonly<Record<TextLanguage, string>>;
type Form = 'count' | 'share' | 'minutes' | 'seconds' | 'figure' | 'none';

const KIND_WORDS: Readonly<Record<FindingKind, Words>> = {
  'slow-campaign': { en: 'slow campaign', 'zh-CN': '低频长线诈骗' },
  farm: { en: 'number farm', 'zh-CN': '猫池号码群' },
  successor: { en: 'successor of a silent number', 'zh-CN': '接替停用号码' },
  'callback-trap': { en: 'callback trap', 'zh-CN': '响一声诱回拨' },
  precursor: { en: 'calls before known fraud', 'zh-CN': '诈骗前置联系' },
};

/** What each kind of evidence says, with `{value}` for its figure. */
const EVIDENCE_WORDS: Readonly<Record<string, { readonly words: Words; readonly form: Form }>> = {
  rarity: {
    words: { en: 'such findings are rare among all numbers', 'zh-CN': '此类情况在全部号码中罕见' },
    form: 'none',
  },
  'contacts-strange-to-each-other': {
    words: {
      en: '{value} contacts, none of whom has to do with another',
      'zh-CN': '{value}个联系人彼此毫无往来',
    },
    form: 'count',
  },
  'contacts-of-one-circle': {
    words: { en: '{value} of its contacts know each other', 'zh-CN': '{value}的联系人彼此有往来' },
    form: 'share',
  },
  'dials-first': {
    words: {
      en: 'dialled {value} of its contacts first',
      'zh-CN': '{value}的联系由该号码首先拨打',
    },
    form: 'share',
  },
  'people-who-call-it-first': {
    words: {
      en: '{value} people called it of their own accord',
      'zh-CN': '{value}人主动拨打该号码',
    },
    form: 'count',
  },
  'nobody-calls-it': {
    words: { en: 'nobody calls it', 'zh-CN': '无人拨打该号码' },
    form: 'none',
  },
  'called-back-by': {
    words: { en: '{value} of those it dialled call it, too', 'zh-CN': '被叫中{value}会回拨' },
    form: 'share',
  },
  'holds-strangers-again': {
    words: {
      en: 'talked long and again with {value} strangers',
      'zh-CN': '与{value}名陌生人多次长时间通话',
    },
    form: 'count',
  },
  'longest-talk-with-a-stranger': {
    words: { en: 'longest talk with a stranger: {value}', 'zh-CN': '与陌生人最长通话{value}' },
    form: 'seconds',
  },
  'talks-grow': {
    words: { en: 'talks with {value} people grew longer', 'zh-CN': '与{value}人的通话越来越长' },
    form: 'count',
  },
  'new-people-dialled-a-day': {
    words: { en: 'dials {value} new people a day', 'zh-CN': '平均每天拨打{value}名新联系人' },
    form: 'figure',
  },
  'calls-on-busiest-day': {
    words: { en: '{value} calls on its busiest day', 'zh-CN': '最忙一天呼出{value}次' },
    form: 'count',
  },
  'days-of-calling': {
    words: { en: 'called on {value} days', 'zh-CN': '在{value}天内有呼出' },
    form: 'count',
  },
  'hours-known': {
    words: { en: 'first heard of {value} hours ago', 'zh-CN': '首次出现于{value}小时前' },
    form: 'figure',
  },
  'days-of-history': {
    words: { en: 'only {value} days are on record', 'zh-CN': '仅有{value}天记录' },
    form: 'count',
  },
  'dials-whom-suspects-dial': {
    words: {
      en: '{value} of the people it dialled were dialled by other suspects',
      'zh-CN': '{value}名被叫也被其他可疑号码拨打',
    },
    form: 'count',
  },
  'bound-to-group': {
    words: {
      en: 'shares handsets or people with a group of {value} numbers',
      'zh-CN': '与{value}个号码组成的群体共用手机或联系人',
    },
    form: 'count',
  },
  'rings-without-talk': {
    words: {
      en: '{value} of its calls were not meant to be answered',
      'zh-CN': '{value}的呼叫未接通即挂断',
    },
    form: 'share',
  },
  'missed-calls-called-back': {
    words: { en: '{value} people called back a missed call', 'zh-CN': '{value}人回拨了未接来电' },
    form: 'count',
  },
  'seconds-per-call-back': {
    words: {
      en: '{value} on the line per person who called back',
      'zh-CN': '回拨者人均通话{value}',
    },
    form: 'seconds',
  },
  'people-rung-up': {
    words: { en: 'rang up {value} people', 'zh-CN': '拨打了{value}人' },
    form: 'count',
  },
  'across-the-border': {
    words: { en: 'calls across the border', 'zh-CN': '跨境通话' },
    form: 'none',
  },
  'people-led-to-risky-numbers': {
    words: {
      en: '{value} people were reached by a risky number within a day after it',
      'zh-CN': '{value}人在与其联系后一天内接到可疑号码来电',
    },
    form: 'count',
  },
  'share-of-contacts-led': {
    words: { en: 'which is {value} of its contacts', 'zh-CN': '占其联系人的{value}' },
    form: 'share',
  },
  'linked-numbers': {
    words: { en: '{value} numbers bound to each other', 'zh-CN': '{value}个号码相互关联' },
    form: 'count',
  },
  'strength-of-links': {
    words: {
      en: 'each link outweighs chance by {value} (log-odds)',
      'zh-CN': '每条关联的对数几率平均为{value}',
    },
    form: 'figure',
  },
  'pairs-on-one-handset': {
    words: {
      en: '{value} pairs called from the same handset',
      'zh-CN': '{value}对号码共用同一手机',
    },
    form: 'count',
  },
  'pairs-calling-the-same-people': {
    words: { en: '{value} pairs dialled the same people', 'zh-CN': '{value}对号码拨打相同的人' },
    form: 'count',
  },
  'numbers-taking-turns': {
    words: {
      en: '{value} times a number began where another fell silent',
      'zh-CN': '{value}次一号停用后另一号接替',
    },
    form: 'count',
  },
  'strangers-dialled': {
    words: { en: 'dialled {value} people between them', 'zh-CN': '合计拨打{value}人' },
    form: 'count',
  },
  'caller-suspicious': {
    words: {
      en: 'the most suspicious caller has {value} points',
      'zh-CN': '最可疑来电号码得分{value}',
    },
    form: 'figure',
  },
  'minutes-with-new-numbers': {
    words: { en: '{value} min on the line with them', 'zh-CN': '与其通话共{value}分钟' },
    form: 'minutes',
  },
  'talks-with-new-numbers': {
    words: { en: '{value} talks with them', 'zh-CN': '与其通话{value}次' },
    form: 'count',
  },
  'several-new-numbers': {
    words: { en: 'reached by {value} of them', 'zh-CN': '被{value}个此类号码联系' },
    form: 'count',
  },
  'calls-new-numbers-itself': {
    words: { en: 'called them {value} times', 'zh-CN': '主动拨打{value}次' },
    form: 'count',
  },
};

/** A kind of finding, as people call it. */
export function kindInWords(kind: FindingKind, language: TextLanguage): string {
  return KIND_WORDS[kind][language];
}

/** Evidence in words, its figure in them; the id itself where there are none. */
export function evidenceInWords({ id, value }: Evidence, language: TextLanguage): string {
  const known = EVIDENCE_WORDS[id];
  if (known === undefined) return id;
  return known.words[language].replace('{value}', spoken(value, known.form, language));
}

/** What speaks most for something, strongest first, in one line. */
export function mainEvidenceInWords(
  evidence: readonly Evidence[],
  language: TextLanguage,
  most = 3,
): string {
  return evidence
    .filter(({ points }) => points > 0)
    .toSorted((a, b) => b.points - a.points)
    .slice(0, most)
    .map((one) => evidenceInWords(one, language))
    .join(language === 'en' ? '; ' : '；');
}

function spoken(value: number, form: Form, language: TextLanguage): string {
  switch (form) {
    case 'share':
      return `${Math.round(value * 100)} %`;
    case 'seconds':
      return `${Math.round(value)} ${language === 'en' ? 's' : '秒'}`;
    case 'minutes':
      return String(Math.round(value));
    case 'figure':
      return String(Math.round(value * 10) / 10);
    case 'count':
    case 'none':
      return String(value);
  }
}
