import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  type CaseHead,
  type CaseOpening,
  openAsDuplicate,
} from '../../lib/domain/ladder/case-head.ts';
import type { CaseProgress, CaseText } from '../../lib/domain/ladder/case-news.ts';
import { caseTierOf } from '../../lib/domain/ladder/ladder-policy.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Case } from '../../lib/domain/subject/decide.ts';
import type { CaseStore } from '../adapters/cases-table.ts';
import { caseOfItem, isOpenItem, progressOfItem } from '../adapters/subjects-table.ts';
import { type TellCasePorts, tellCase, tellCaseOfOther } from '../adapters/tell-case.ts';

export interface CarryOnPorts extends TellCasePorts {
  readonly cases: CaseStore;
  /** @returns whether it was new */
  readonly start: (opening: CaseOpening, now: number) => Promise<boolean>;
  /** Keeps with the person that a case was one with another. */
  readonly closeAsDuplicate: (opened: Case, now: number) => Promise<void>;
  /** Where the person lives, as their calls tell; empty when unknown. */
  readonly districtOf: (subject: NumberToken) => Promise<string>;
  /** What is known by now of the text of the case's warning. */
  readonly textOf: (opened: Case) => Promise<CaseText | undefined>;
}

async function openingOf(
  opened: Case,
  heard: CaseProgress,
  ports: CarryOnPorts,
): Promise<CaseOpening> {
  return {
    caseId: opened.id,
    subject: opened.subject,
    kind: opened.kind,
    tier: caseTierOf(heard.tier),
    district: await ports.districtOf(opened.subject),
    openedBy: opened.openedBy ?? 'policy',
    policyVersion: opened.policyVersion,
    ladder: opened.ladder,
    utcOffsetMinutes: opened.utcOffsetMinutes,
    reasons: [...new Set([...opened.terms, ...opened.reasons].map(({ id }) => id))],
    heard,
  };
}

/** With what became of a text before its case was opened, unless the case was opened for it. */
async function withText(
  opened: Case,
  progress: CaseProgress,
  ports: CarryOnPorts,
): Promise<CaseProgress> {
  if (progress.undeliverable !== undefined || progress.text !== undefined) return progress;
  const text = await ports.textOf(opened);
  return text === undefined ? progress : { ...progress, text };
}

/** The case of this name; of one that is one with another, that. */
async function earlierCase(
  caseId: string,
  { cases }: Pick<CarryOnPorts, 'cases'>,
): Promise<CaseHead | undefined> {
  const head = await cases.read(caseId);
  return head?.oneWith === undefined ? head : cases.read(head.oneWith);
}

/** What a person is exposed to anew while an earlier case of theirs is under way belongs to that one. */
async function followsLiveCase(
  opened: Case,
  opening: CaseOpening,
  ports: CarryOnPorts,
  now: number,
): Promise<boolean> {
  if (opened.follows === undefined) return false;
  const former = await earlierCase(opened.follows, ports);
  if (former === undefined || former.state === 'closed') return false;
  await tellCaseOfOther(former.caseId, opened.id, opening.heard, ports, now);
  const { changed, events } = openAsDuplicate(opening, former.caseId, now);
  await ports.cases.create(changed, ...events);
  await ports.closeAsDuplicate(opened, now);
  return true;
}

/**
 * Takes up what a person's item of a case says: a new case is opened and its workflow started, a known one told. May
 * be called any number of times for the same image.
 *
 * @param isNew the item is new: its workflow may not have been started, even if the case is there (a crash between)
 * @param now epoch ms
 * @returns whether the case was new
 */
export async function carryOn(
  image: Record<string, AttributeValue> | undefined,
  isNew: boolean,
  ports: CarryOnPorts,
  now: number,
): Promise<boolean> {
  const opened = caseOfItem(image);
  if (image === undefined || opened === undefined) return false;
  const progress = progressOfItem(image, opened);
  // Read only where it may be one with another: most cases follow none.
  const own = opened.follows === undefined ? undefined : await ports.cases.read(opened.id);
  if (own?.oneWith !== undefined) {
    // Nobody works on this one: what the episode has come to since is told to the earlier case.
    await tellCaseOfOther(own.oneWith, opened.id, progress, ports, now);
    // A crash may have come between the opening and this.
    if (isOpenItem(image)) await ports.closeAsDuplicate(opened, now);
    return false;
  }
  if (!isOpenItem(image)) return false;
  if (!isNew) {
    const known = await tellCase(opened.id, progress, ports, now);
    if (known !== undefined) return false;
  }
  const heard = await withText(opened, progress, ports);
  const opening = await openingOf(opened, heard, ports);
  if (await followsLiveCase(opened, opening, ports, now)) return false;
  return ports.start(opening, now);
}
