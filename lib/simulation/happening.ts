/** What an operator's network notices of a call. `complete`: a call that is over, in one piece. */
export const MOMENTS = ['complete', 'started', 'ended'] as const;

/** Places in `MOMENTS`. */
export const MOMENT = { complete: 0, started: 1, ended: 2 } as const;

export type Moment = (typeof MOMENT)[keyof typeof MOMENT];
