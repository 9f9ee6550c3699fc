import type { CampaignEffect } from '../../domain/campaign/effect.ts';
import type { DriftMeasures } from './drift.ts';
import type { MissedMeasures } from './missed.ts';
import type { PolicyTrial } from './policy-trials.ts';
import type { PrecisionMeasures } from './precision.ts';
import type { QueueMeasures } from './queues.ts';
import type { TextEffect } from './text-effect.ts';

/** What became of the people whom a campaign texted, and of those whom it held out. */
export interface CampaignMeasure {
  readonly id: string;
  readonly name: string;
  /** Epoch ms from which on both groups are followed. */
  readonly since: number;
  readonly effect: CampaignEffect;
}

/** What a study measures beside what it finds. What is not given was not measured, and the report says so. */
export interface StudyMeasures {
  readonly precision?: PrecisionMeasures;
  readonly missed?: MissedMeasures;
  readonly drift?: DriftMeasures;
  readonly textEffect?: TextEffect;
  readonly queues?: QueueMeasures;
  readonly trials?: readonly PolicyTrial[];
  /** Of campaigns that ran lately, the newest first. */
  readonly campaigns?: readonly CampaignMeasure[];
}
