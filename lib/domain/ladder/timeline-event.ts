import type { Step } from './ladder-policy.ts';

export const EVENT_KINDS = [
  'opened',
  'exposure',
  'text',
  'tier-raised',
  'tier-lowered',
  'task-offered',
  'task-claimed',
  'task-released',
  'task-lapsed',
  'task-ended',
  'task-overdue',
  'task-cancelled',
  'late-result',
  'payment-stop',
  'watch-began',
  'reopened',
  'signal',
  'note',
  'handed-over',
  'relative-used',
  'contact-added',
  'revealed',
  'closed',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Something that happened to a case. */
export interface TimelineEvent {
  /** Names it within its case, so that writing it twice is writing it once. */
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly kind: EventKind;
  /** An officer, or the workflow. */
  readonly by: string;
  readonly step?: Step;
  readonly taskId?: string;
  /** Names no person and no number. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** The workflow's own name where a person's would stand. */
export const WORKFLOW = 'workflow';
