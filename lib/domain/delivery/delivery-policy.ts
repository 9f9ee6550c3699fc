import { type Static, Type } from 'typebox';

/** The ways to a person whom the policy may name, in the order in which they can be tried. */
const CHANNELS = ['sms', 'people'] as const;
type Channel = (typeof CHANNELS)[number];

/**
 * Channels of the section `warnings`: the first is tried, the next because the one before failed for good. `people` is
 * the dissuasion ladder: the person has a case, in any tier.
 */
export const ChannelsSchema = Type.Array(Type.Enum([...CHANNELS]), {
  minItems: 1,
  maxItems: CHANNELS.length,
});

/** How a phone that could not be reached is texted again; section `warnings.resendUnreachable`. */
export const ResendSchema = Type.Object(
  {
    /** Texts more of the same warning, each because the carrier reported that the one before did not arrive. */
    times: Type.Integer({ minimum: 0, maximum: 5 }),
    /** From the report until the next text. A queue holds nothing back for longer than a quarter of an hour. */
    afterMinutes: Type.Number({ exclusiveMinimum: 0, maximum: 15 }),
  },
  { additionalProperties: false },
);
export type ResendPolicy = Static<typeof ResendSchema>;

/** What a schema cannot say of how warnings reach people: every problem, with its place. */
export function deliveryProblems(warnings: {
  readonly channels: readonly Channel[];
  readonly resendUnreachable: ResendPolicy;
  readonly expiresMinutes: number;
}): string[] {
  const { channels, expiresMinutes, resendUnreachable } = warnings;
  const problems: string[] = [];
  const inOrder = CHANNELS.filter((channel) => channels.includes(channel));
  if (inOrder.join() !== channels.join()) {
    problems.push(`/warnings/channels: each stands once, and the order is ${CHANNELS.join(', ')}`);
  }
  if (resendUnreachable.times > 0 && resendUnreachable.afterMinutes >= expiresMinutes) {
    problems.push(
      '/warnings/resendUnreachable/afterMinutes: must be below expiresMinutes, or no text is ever sent again',
    );
  }
  return problems;
}
