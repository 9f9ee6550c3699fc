import { type Campaign, parseCampaign } from '../../lib/domain/campaign/campaign.ts';
import {
  type CampaignStage,
  CampaignStateError,
  NoCampaignError,
} from '../../lib/domain/campaign/campaign-run.ts';
import {
  addPerson,
  type CampaignEffect,
  effectOf,
  emptyGroup,
  type GroupSums,
  type PersonAfter,
} from '../../lib/domain/campaign/effect.ts';
import type { AudienceMember, EligibilityContext } from '../../lib/domain/campaign/eligibility.ts';
import { UNKNOWN_STANDING } from '../../lib/domain/campaign/eligibility.ts';
import { type CampaignPlan, createAudienceSorter } from '../../lib/domain/campaign/plan.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Policy, TextLanguage } from '../../lib/domain/policy.ts';
import type { SubjectState } from '../../lib/domain/subject/subject-state.ts';
import type { CampaignLists } from '../adapters/campaign-lists.ts';
import { type CampaignStore, changeRun } from '../adapters/campaigns-table.ts';
import type { AudienceStore } from '../adapters/registers-table.ts';
import { PEOPLE_A_READ, type StandingReader } from '../adapters/standing-tables.ts';
import { STATES_A_READ } from '../adapters/subject-states.ts';

/** What is asked about a campaign's people. */
export type AudienceRequest =
  /** A dry run: whom a document would reach, and what it would cost. Nothing is kept. */
  | { readonly act: 'plan'; readonly document: unknown }
  /** By the workflow: draws the audience of a campaign that was started, once for all its stages. */
  | { readonly act: 'list'; readonly campaignId: string; readonly stage: CampaignStage }
  | { readonly act: 'effect'; readonly campaignId: string };

/** What the workflow goes on with. */
export interface ListAnswer {
  readonly key: string;
  /** How many people are on it. */
  readonly people: number;
  /** Batches worked on at the same time. */
  readonly concurrency: number;
}

export interface EffectAnswer {
  readonly stage: CampaignStage;
  /** Epoch ms from which calls are counted. */
  readonly since: number;
  readonly effect: CampaignEffect;
}

export interface AudiencePorts {
  readonly audience: Pick<AudienceStore, 'audienceOf'>;
  readonly standing: StandingReader;
  readonly campaigns: CampaignStore;
  readonly lists: CampaignLists;
  readonly policy: Policy;
  readonly language: TextLanguage;
  readonly maxPriceUsd: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** So many people fit the memory of the function that draws them; a larger campaign is one for each of its districts. */
export const MOST_PEOPLE = 1_000_000;
/** Requests for people’s standing that are under way at the same time. */
const READS_AT_ONCE = 16;
/** Texts a second that one batch sends: SNS answers in some 50 ms, so two of ten need no two connections. */
export const TEXTS_A_SECOND_A_BATCH = 10;

/** The register has more people in a campaign's districts than one campaign may have. */
export class CampaignTooLargeError extends Error {
  readonly code = 'CAMPAIGN_TOO_LARGE';
  override readonly name = 'CampaignTooLargeError';

  constructor() {
    super(
      `more than ${MOST_PEOPLE.toLocaleString('en')} people are registered in these districts: ` +
        'make a campaign for some of the districts each',
    );
  }
}

function* chunks<Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** Works on chunks of items, some at once; the answers come in the order of the items. */
async function inChunks<Item, Answer>(
  items: readonly Item[],
  size: number,
  work: (chunk: readonly Item[]) => Promise<Answer>,
  use: (chunk: readonly Item[], answer: Answer) => void,
): Promise<void> {
  for (const wave of chunks([...chunks(items, size)], READS_AT_ONCE)) {
    const answers = await Promise.all(wave.map(work));
    wave.forEach((chunk, i) => {
      use(chunk, answers[i] as Answer);
    });
  }
}

interface Drawn {
  readonly plan: CampaignPlan;
  readonly first: NumberToken[];
  readonly rest: NumberToken[];
  readonly 'held-out': NumberToken[];
}

/** Reads the register of the campaign's districts and sorts its people. @throws {CampaignTooLargeError} */
async function draw(campaign: Campaign, ports: AudiencePorts): Promise<Drawn> {
  const { audience, language, maxPriceUsd, policy, standing } = ports;
  const now = ports.now();
  const context: EligibilityContext = {
    now,
    language,
    utcOffsetMinutes: policy.subjects.utcOffsetMinutes,
  };
  const sorter = createAudienceSorter(campaign, context);
  const drawn: Omit<Drawn, 'plan'> = { first: [], rest: [], 'held-out': [] };
  let waiting: AudienceMember[] = [];
  let listed = 0;
  const flush = async (): Promise<void> => {
    const members = waiting;
    waiting = [];
    await inChunks(
      members,
      PEOPLE_A_READ,
      (chunk) =>
        standing.standings(
          chunk.map(({ person }) => person),
          now,
          false,
        ),
      (chunk, standings) => {
        for (const member of chunk) {
          const lot = sorter.sort(member, standings.get(member.person) ?? UNKNOWN_STANDING);
          if (lot !== undefined) drawn[lot].push(member.person);
        }
      },
    );
  };
  for (const district of campaign.districts) {
    for await (const member of audience.audienceOf(district)) {
      listed += 1;
      if (listed > MOST_PEOPLE) throw new CampaignTooLargeError();
      waiting.push(member);
      if (waiting.length === PEOPLE_A_READ * READS_AT_ONCE) await flush();
    }
  }
  await flush();
  return { ...drawn, plan: sorter.plan(policy.warnings.budget, maxPriceUsd) };
}

/** Batches that work side by side, so that together they keep the campaign's pace. */
export function concurrencyOf({ perSecond }: Pick<Campaign, 'perSecond'>): number {
  return Math.ceil(perSecond / TEXTS_A_SECOND_A_BATCH);
}

/**
 * Draws the audience of a campaign and keeps the lists. Once: what comes in its second stage, and what its effect is
 * counted over, are the people who were drawn in the first, whatever the register says by then.
 */
async function listPeople(
  id: string,
  stage: CampaignStage,
  ports: AudiencePorts,
): Promise<ListAnswer> {
  const { campaigns, lists } = ports;
  const stored = await campaigns.read(id);
  if (stored === undefined) throw new NoCampaignError(id);
  const answer = ({ lots, texts }: CampaignPlan): ListAnswer => ({
    key: lists.keyOf(id, stage),
    people: stage === 'first' ? lots.first : texts,
    concurrency: concurrencyOf(stored.campaign),
  });
  if (stored.run.plan !== undefined) return answer(stored.run.plan);
  const { first, 'held-out': heldOut, plan, rest } = await draw(stored.campaign, ports);
  await lists.put(id, 'held-out', heldOut);
  await lists.put(id, 'first', first);
  await lists.put(id, 'all', [...first, ...rest]);
  // After the lists, so that a crash in between draws again: nobody was texted yet.
  await changeRun(campaigns, id, ({ run }) => (run.plan === undefined ? { ...run, plan } : run));
  return answer(plan);
}

/** What a person met with since a moment. @param since epoch ms */
function after(state: SubjectState | undefined, since: number): PersonAfter {
  const risky = (state?.exposures ?? []).filter(
    ({ answered, start }) => answered && start * 1000 >= since,
  );
  const seconds = risky.reduce((sum, { duration }) => sum + Math.max(0, duration), 0);
  return { exposures: risky.length, talkMinutes: seconds / 60 };
}

async function measure(id: string, ports: AudiencePorts): Promise<EffectAnswer> {
  const { campaigns, lists, standing } = ports;
  const stored = await campaigns.read(id);
  if (stored === undefined) throw new NoCampaignError(id);
  const { plan, since, stage } = stored.run;
  const from = since[stage];
  if (plan === undefined || from === undefined) {
    throw new CampaignStateError(`the audience of ${id} is not drawn yet: ask again in a moment`);
  }
  const sum = async (people: readonly NumberToken[]): Promise<GroupSums> => {
    const sums = emptyGroup();
    await inChunks(people, STATES_A_READ, standing.states, (chunk, states) => {
      for (const person of chunk) addPerson(sums, after(states.get(person), from));
    });
    return sums;
  };
  const texted = await sum(await lists.read(id, stage));
  const heldOut = await sum(await lists.read(id, 'held-out'));
  return { stage, since: from, effect: effectOf(texted, heldOut) };
}

/**
 * Answers who a campaign's people are, and what became of them.
 *
 * @throws {CampaignError} for a document that is not valid
 * @throws {CampaignTooLargeError} {@link NoCampaignError} {@link CampaignStateError}
 */
export async function answerAudience(
  request: AudienceRequest,
  ports: AudiencePorts,
): Promise<CampaignPlan | ListAnswer | EffectAnswer> {
  switch (request.act) {
    case 'plan':
      return (await draw(parseCampaign(request.document), ports)).plan;
    case 'list':
      return listPeople(request.campaignId, request.stage, ports);
    case 'effect':
      return measure(request.campaignId, ports);
  }
}
