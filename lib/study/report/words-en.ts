import type { StudyWords } from './words.ts';

/** The report in English. */
export const EN: StudyWords = {
  title: 'Daily fraud study',
  subtitle: (day, policyVersion) => `${day} · policy version ${policyVersion}`,
  sections: {
    short: { title: 'In short' },
    happened: {
      title: 'What happened',
      lead: 'Calls of callers who were known as risky, and of those whom this study found.',
    },
    where: {
      title: 'Where',
      lead: 'By the district that calls came from: bars show how much there is, the table how dense it is.',
    },
    callers: {
      title: 'Callers found',
      lead: 'Callers whom no single call gave away, the strongest first, of each group its strongest two. They are suspicions with evidence; nobody has confirmed them yet.',
    },
    groups: {
      title: 'Groups',
      lead: 'Numbers that belong together: they share handsets, call the same people, or follow each other.',
    },
    subjects: {
      title: 'People at risk',
      lead: 'People whose calls together look like deception, though no single one does. They are worth a call today.',
    },
    queues: {
      title: 'The work of the day',
      lead: 'Tasks offered that day, and how late they were done.',
    },
    precision: {
      title: 'How right the warnings were',
      lead: 'By what officers found. The range holds the true share in 95 of 100 cases: of few cases little can be said.',
    },
    effect: {
      title: 'What texts changed',
      lead: (hours) =>
        `Risky calls and minutes per person in the ${hours} hours before and after the text.`,
    },
    campaigns: {
      title: 'What campaigns changed',
      lead: 'People texted against people held out by lot, from the start of each campaign. The range holds the true difference in 95 of 100 cases.',
    },
    tomorrow: {
      title: 'Tomorrow',
      lead: (day) => `What to expect on ${day}, if nothing new happens.`,
    },
    trials: {
      title: 'Suggested changes of the policy',
      lead: 'Each change was tried alone on the same calls, beside the policy as it is. Try one as the shadow policy before it goes live.',
    },
    drift: {
      title: 'Are these still the callers that the scorecard knows?',
      lead: (source) => `How the features of the day’s callers spread, against: ${source}.`,
    },
    unknown: { title: 'What is not known' },
  },

  fraudKinds: {
    loan: 'loan',
    'fake-orders': 'fake orders',
    'impersonating-police': 'posing as police or court',
    'romance-investment': 'romance and investment',
    'impersonating-customer-service': 'posing as customer service',
    'impersonating-acquaintance': 'posing as an acquaintance',
    'credit-repair': 'credit repair',
    'gaming-trade': 'game trading',
    other: 'other',
  },
  tiers: { low: 'low', medium: 'medium', high: 'high', urgent: 'urgent' },
  steps: { call: 'police call', relatives: 'relatives', visit: 'visit' },
  features: {
    'calls-made-hour': 'calls made in an hour',
    'calls-made-day': 'calls made in a day',
    'calls-made-month': 'calls made in 36 days',
    'new-contact-share': 'calls to strangers, of a day’s calls',
    'made-share-day': 'calls made, of a day’s calls',
    'answered-share': 'calls answered, of those made',
    'mean-talk-seconds': 'talk per call, a day’s',
    'two-way-share': 'contacts who call back',
    'calls-per-contact': 'calls per contact',
    'made-share': 'calls made, of all',
    'mean-call-seconds': 'talk per call, all',
    'busiest-hour-share': 'calls in the busiest hour',
    'distinct-hours': 'hours of the day with calls',
    'top-contact-share': 'calls with the closest contact',
    handsets: 'handsets',
    places: 'districts called from',
    international: 'calls from abroad',
  },
  sources: { 'case-number': 'case number', officer: 'officers’ outcome' },
  verdicts: { stable: 'stable', shifting: 'shifting', drifted: 'drifted' },
  knobs: {
    riskyAt: 'points from which a caller is risky',
    warnAt: 'points from which a person is warned',
    cooldownHours: 'hours between two texts',
  },
  trialVerdicts: {
    better: 'better',
    worse: 'worse',
    'trade-off': 'gains and loses',
    same: 'no difference',
    unjudged: 'not judged',
  },
  methods: { 'same-weekday': 'same weekday, smoothed', 'last-days': 'last days, smoothed' },
  unknownDistrict: 'unknown',
  and: '; ',
  space: ' ',
  yes: 'yes',
  no: 'no',

  facts: {
    calls: 'Calls',
    callsNote: (answered, people) => `${answered} answered, ${people} people called`,
    risky: 'Calls of risky callers',
    riskyNote: (perTenThousand) => `${perTenThousand} in 10,000 calls`,
    found: 'Callers found by the study',
    foundNote: (groups) => `${groups} groups`,
    atRisk: 'People at risk',
    right: 'Warnings that were right',
    rightNote: (right, judged) => `${right} of ${judged} that officers judged`,
    overdue: 'Tasks done late',
    overdueNote: (opened) => `of ${opened} offered`,
    tomorrow: 'Risky calls tomorrow',
    against: (change, days) => `${change} on the mean of ${days} days before`,
  },
  toKnow: {
    nothing: 'The study found nothing that the live warnings had not shown.',
    kind: (kind, callers, people) =>
      `Most people were aimed at by ${kind}: ${people} people, ${callers} callers.`,
    hour: (hour, share) => `Risky calls came most at ${hour} (${share} of the day’s).`,
    district: (district, calls, perTenThousand, everywhere) =>
      `Most risky calls came from ${district}: ${calls}, or ${perTenThousand} in 10,000 calls (everywhere: ${everywhere}).`,
    group: (group, finding, numbers) =>
      `The largest group found is ${group} (${finding}) with ${numbers} numbers.`,
    missed: (missed, confirmed, found) =>
      `Of ${confirmed} numbers confirmed as fraud, ${missed} had not been warned of; the study finds ${found} of these by itself.`,
    late: (overdue, opened) => `${overdue} of ${opened} tasks were done late, or not yet.`,
    drifted: (features) =>
      `The scorecard sees other callers than it was made for: ${features}. Check the feed first, then fit anew.`,
    better: (change) => `A change of the policy did better on these calls: ${change}.`,
  },
  happened: {
    riskyByHour: 'Calls of risky callers, by hour',
    callsByHour: 'All calls, by hour',
    riskyByDay: 'Calls of risky callers, by day',
    foundByDay: 'Callers found by the study, by day',
    kinds: 'Kinds of fraud',
    hourOfDay: 'hour of the day',
    calls: 'calls',
    numbers: 'numbers',
    callers: 'callers',
    people: 'people',
  },
  where: {
    riskyCalls: 'Calls of risky callers, by district',
    columns: ['district', 'calls', 'risky calls', 'in 10,000 calls', 'people at risk'],
    more: (districts) => `Districts not shown here: ${districts}.`,
  },
  callers: {
    none: 'The study found no caller below the live thresholds.',
    columns: [
      '',
      'how found',
      'suspected of',
      'points',
      'people',
      'calls',
      'minutes',
      'from',
      'what speaks for it',
    ],
    more: (callers) => `Not shown here, but in the study’s file: ${callers}.`,
    byFinding: 'Callers by how they were found',
  },
  groups: {
    none: 'The study found no group.',
    caption: (group, finding, numbers) => `${group}: ${finding}, ${numbers} numbers`,
    shown: (shown, all) => `${shown} of ${all} are drawn, those with most links.`,
    number: 'number',
    person: 'person called',
    lines: 'Lines: handsets shared (dashed), people called in common (solid), a successor (arrow).',
    more: (groups) => `Not shown here, but in the study’s file: ${groups}.`,
  },
  subjects: {
    none: 'The study found nobody whom the live warnings had not reached.',
    columns: ['person', 'lives in', 'callers', 'what speaks for it'],
    more: (people) => `Not shown here, but in the study’s file: ${people}.`,
  },
  queues: {
    columns: ['step', 'offered', 'done', 'late', 'minutes until done, median', 'nine of ten by'],
    chart: 'Tasks offered that day',
    inTime: 'in time',
    late: 'late, or not yet done',
    atEnd: (open, watching, overdue) =>
      `At the end of the day ${open} cases were open and ${watching} watched; ${overdue} tasks were past their time.`,
  },
  precision: {
    byTier: 'Cases that were right, by tier, in percent',
    byTierNote: 'The highest tier that a case rose to.',
    tierColumns: ['', 'right', 'wrong', 'share', 'range'],
    reason: 'what spoke for deception',
    text: 'text sent',
    tier: 'tier',
    unjudged: (cases) =>
      `${cases} closed cases say nothing of the judgement (duplicates, or nothing was learned).`,
    missedTitle: 'Fraud that had not been warned of',
    missedSentence: (warned, confirmed, range) =>
      `Of ${confirmed} numbers confirmed as fraud, somebody had been warned of ${warned} before (${range}).`,
    missedColumns: ['number', 'confirmed by', 'kind', 'people in touch', 'found by this study'],
    more: (numbers) => `Not shown here, but in the study’s file: ${numbers}.`,
  },
  campaigns: {
    columns: [
      'campaign',
      'texted',
      'held out',
      'risky calls per 1,000, difference',
      'minutes with them per 1,000, difference',
      'verdict',
    ],
    verdicts: { fewer: 'fewer calls', more: 'more calls', undecided: 'may be chance' },
  },
  effect: {
    minutes: 'Minutes with risky callers, per person',
    calls: 'Risky calls, per person',
    before: 'before the text',
    after: 'after the text',
    heldOut: 'no text, same hours',
    people: (people) => `${people} people were texted and their hours are over.`,
    change: (minutes, minutesRange, calls, callsRange) =>
      `After the text: ${minutes} minutes (${minutesRange}) and ${calls} calls (${callsRange}) per person.`,
    against: (people, minutes, range) =>
      `Against ${people} people who were not texted: ${minutes} minutes per person (${range}).`,
    sure: 'That is more than chance.',
    unsure: 'That may be chance.',
    flatters:
      'There was no group without texts to compare with. Before and after alone flatters: people are texted because of the calls just before, which mostly would have grown fewer anyway.',
  },
  tomorrow: {
    columns: ['', 'expected', 'nineteen days of twenty', 'off by, in the mean', 'from'],
    calls: 'calls',
    riskyCalls: 'calls of risky callers',
    found: 'callers found by the study',
    chart: 'Calls of risky callers: past days, and tomorrow',
    past: 'came',
    expected: 'expected',
  },
  trials: {
    columns: [
      'change',
      'texts per 100,000 and day',
      'callers found',
      'officer hours a day',
      'right texts',
      'warned in time',
      'verdict',
    ],
    change: (knob, from, to) => `${knob}: ${from} → ${to}`,
    weakReason: (reason, right, judged) =>
      `Look at “${reason}”: only ${right} of ${judged} cases for which it spoke were right.`,
    noneBetter: 'None of the changes tried did better on these calls. Leave the policy as it is.',
    unlabelled:
      'Nothing says which of these calls were fraud. So it shows what each change would cost, and not whether it is right.',
  },
  drift: {
    chart: 'Population stability index, by feature',
    note: 'Under 0.1 is stable, from 0.25 drifted; what chance alone gives is taken off before judging.',
    callers: (callers) => `${callers} callers made enough calls to be judged.`,
    sampled: (callers) =>
      `A sample of ${callers} callers, drawn evenly of all who made enough calls to be judged.`,
    unmeasured: (features) => `Not measured, for the archive does not tell: ${features}.`,
    moved: (feature, verdict, bin, was, is) =>
      `${feature} (${verdict}): ${bin} are ${is} of the callers, and were ${was}.`,
    allStable: 'All features are stable.',
    under: (bound) => `values under ${bound}`,
    from: (bound) => `values from ${bound}`,
    between: (from, below) => `values from ${from} to under ${below}`,
    missing: 'those without such calls',
  },
  unknown: {
    suspicion:
      'Whether the callers and groups found are fraud: the study gives evidence, officers give the answer. Precision of what it finds shows only once their outcomes are in.',
    notMeasured: {
      precision: 'How right the warnings were: the study was given no outcomes of cases.',
      missed: 'What was missed: the study was given no confirmed numbers.',
      drift: 'Whether the callers have changed: features of the day’s callers were not counted.',
      textEffect: 'What texts changed: the study was given no texts whose hours are over.',
      queues: 'How much work there was: the study was given no cases.',
      campaigns:
        'What campaigns changed: none ran in the last weeks, or their people are not counted.',
      trials: 'Which change of the policy would help: none was tried on the day’s calls.',
    },
    noForecast: 'What tomorrow brings: there are too few days to learn from.',
    noDistrict: (share) => `Where ${share} of the calls came from: their records name no district.`,
    labels:
      'Whose numbers these are: C is a caller found, P a person, N another number. The labels hold for this report only; who may see the numbers finds them by the study’s file.',
  },
};
