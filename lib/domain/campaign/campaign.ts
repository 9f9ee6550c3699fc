import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { FRAUD_KINDS } from '../fraud-kind.ts';
import { jsonFault } from '../plain-text.ts';
import { TEXT_LANGUAGES, type TextLanguage } from '../policy.ts';
import { AUDIENCE_GROUPS } from '../registers/audience.ts';
import { schemaProblems } from '../schema-problems.ts';
import { textProblems } from '../warning-text.ts';

/** The form of the document; another form is another number. */
export const CAMPAIGN_SCHEMA = 'forewarn-campaign/1';

const text = Type.String({ minLength: 1, maxLength: 160 });
const line = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const time = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' });
const share = Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 });
const days = Type.Integer({ minimum: 1, maximum: 365 });

/** An education campaign: who is told what, when, and how much of it people are asked to bear. */
export const CampaignSchema = Type.Object(
  {
    schema: Type.Literal(CAMPAIGN_SCHEMA),
    /** Names the campaign for ever: the draw of its hold-out group hangs on it. */
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$' }),
    name: line(80),
    kind: Type.Enum([...FRAUD_KINDS]),
    /** By language; people whose language has no text are left out. */
    texts: Type.Object(
      Object.fromEntries(TEXT_LANGUAGES.map((language) => [language, Type.Optional(text)])) as {
        [Language in TextLanguage]: ReturnType<typeof Type.Optional<typeof text>>;
      },
      { additionalProperties: false, minProperties: 1 },
    ),
    /** Six-digit division codes (GB/T 2260). */
    districts: Type.Array(Type.String({ pattern: '^\\d{6}$' }), {
      minItems: 1,
      maxItems: 32,
      uniqueItems: true,
    }),
    /** People who belong to any of these. */
    groups: Type.Array(Type.Enum([...AUDIENCE_GROUPS]), { minItems: 1, uniqueItems: true }),
    /** Groups of the register of people in care to whom no text is sent: they need somebody to talk to. */
    withoutCareGroups: Type.Array(Type.String({ pattern: '^[a-z0-9-]{1,40}$' }), { maxItems: 32 }),
    author: line(80),
    reason: line(400),
    /** Share of those who could be texted that never is: what the effect is measured against. */
    holdOutShare: Type.Number({ minimum: 0.01, maximum: 0.5 }),
    /** Share of those who are to be texted that is texted first. */
    firstStageShare: share,
    /** Local time in which nobody is texted; it may go over midnight. */
    quietHours: Type.Object({ from: time, to: time }, { additionalProperties: false }),
    perSecond: Type.Integer({ minimum: 1, maximum: 50 }),
    /** Days for which a person is left alone after each. */
    silence: Type.Object(
      {
        afterWarningDays: days,
        /** Of the police or anybody else of the ladder. */
        afterContactDays: days,
        afterNoticeDays: days,
      },
      { additionalProperties: false },
    ),
    budget: Type.Object(
      {
        textsPerDay: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
        /**
         * Notices go out only while fewer than this share of the day's texts did, warnings included: the rest is
         * kept for warnings.
         */
        shareOfBurden: Type.Number({ exclusiveMinimum: 0, maximum: 0.9 }),
      },
      { additionalProperties: false },
    ),
    /** Nobody is texted later than this. */
    expires: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
);
export type Campaign = Static<typeof CampaignSchema>;

/** A campaign document was refused: every problem, with its place in the document. */
export class CampaignError extends Error {
  readonly code = 'BAD_CAMPAIGN';
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(
      `the campaign document is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      options,
    );
    this.name = 'CampaignError';
    this.problems = problems;
  }
}

const compiledSchema = Compile(CampaignSchema);

/** What invites an answer. Advice not to answer ("do not reply", "别扫码") is what notices are for, and passes. */
const INVITES_REPLY =
  /@|请[^，。；]{0,6}(?:回复|致电|拨打|扫码|添加)|回复\s?[A-Z\d]|\breply\s+(?:yes|no|stop|with|[a-z]\b)|\bcall us\b/i;

function noticeProblems(language: string, notice: string): string[] {
  const place = `texts.${language}`;
  return [
    ...textProblems(notice).map((problem) => `${place}: ${problem}`),
    ...(INVITES_REPLY.test(notice.normalize('NFKC'))
      ? [`${place}: asks for a reply, which scammers copy`]
      : []),
    ...(/[{}]/.test(notice)
      ? [`${place}: holds a placeholder, but a notice is the same for everybody`]
      : []),
  ];
}

/**
 * Checks a campaign document in all ways that the pipeline relies on.
 *
 * @throws {CampaignError} naming every problem
 */
export function parseCampaign(value: unknown): Campaign {
  if (!compiledSchema.Check(value)) {
    throw new CampaignError(schemaProblems([...compiledSchema.Errors(value)], 'the campaign'));
  }
  const { expires, quietHours, texts } = value;
  const problems = [
    // A second 60 is a time by RFC 3339 and none that can be compared: such a campaign would never expire.
    ...(Number.isNaN(Date.parse(expires)) ? ['expires: must have seconds from 0 to 59'] : []),
    ...Object.entries(texts).flatMap(([language, notice]) => noticeProblems(language, notice)),
    ...(quietHours.from === quietHours.to
      ? ['quietHours: begin and end at the same time; give the hours of the night']
      : []),
  ];
  if (problems.length > 0) throw new CampaignError(problems);
  return value;
}

/** Reads a campaign from a file's text. @throws {CampaignError} */
export function readCampaign(document: string): Campaign {
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch (cause) {
    throw new CampaignError([`the campaign: not JSON (${jsonFault(cause)})`], { cause });
  }
  return parseCampaign(value);
}

/** The text that a person reads, undefined where the campaign has none in their language. */
export function noticeFor(
  { texts }: Pick<Campaign, 'texts'>,
  language: TextLanguage,
): string | undefined {
  return texts[language];
}

/** Whether it is too late to text anybody. @param now epoch ms */
export function isExpired({ expires }: Pick<Campaign, 'expires'>, now: number): boolean {
  return now >= Date.parse(expires);
}
