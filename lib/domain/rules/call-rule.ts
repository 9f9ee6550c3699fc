/** One call, as the person called saw it. */
export interface CallCircumstances {
  /** Seconds; undefined while the call goes on. */
  readonly duration: number | undefined;
  readonly international: boolean;
  /** International calls that the person had taken before, as far as remembered (at most 255). */
  readonly internationalBefore: number;
  /** The person was not in touch with the caller before, as far as remembered. */
  readonly stranger: boolean;
}

/** A hand rule on one call, from the called person's side. Parameters stand in the policy. */
export type CallRule<Parameters> = (call: CallCircumstances, parameters: Parameters) => boolean;
