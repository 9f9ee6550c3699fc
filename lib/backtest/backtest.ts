import type { Readable } from 'node:stream';
import type { CallRecordContext } from '../domain/call-record.ts';
import type { Exposure, Track } from '../domain/exposure.ts';
import { heldDuration, type Leg, type NumberToken } from '../domain/leg.ts';
import type { PartyNumber } from '../domain/phone-number.ts';
import type { Policy } from '../domain/policy.ts';
import {
  createMemoryFolder,
  type FoldLegAtHand,
  type FoldNews,
  type Judgement,
} from '../domain/profile/fold-legs.ts';
import { DURATION_UNKNOWN } from '../domain/profile/layout.ts';
import { Profile } from '../domain/profile/profile.ts';
import type { Mapping } from '../feeds/mapping-schema.ts';
import type { TruthFile } from '../simulation/truth-file.ts';
import type { HistoryCall } from './history-call.ts';
import { LegBlock, LegInMemory } from './leg-block.ts';
import { NumberRegistry } from './number-registry.ts';
import { PolicyTrack } from './policy-track.ts';
import { ProfileRooms } from './profile-rooms.ts';
import { type HistoryReader, historyContext, readHistory } from './read-history.ts';
import { TruthIndex } from './truth-index.ts';

/** What a backtest is given beside the history. */
export interface BacktestOptions {
  readonly policy: Policy;
  /** Another policy, tried on the same history in the same pass. */
  readonly against?: Policy | undefined;
  readonly truth?: TruthFile | undefined;
  /** Country of national numbers. */
  readonly country: string;
  /** Whom the day's budget of texts is for; undefined: as many as the truth says, else as the policy says. */
  readonly people?: number | undefined;
  readonly mapping?: Mapping | undefined;
  /**
   * Epoch ms: calls before only fill the memory, and nothing that comes of them counts. Default: where the truth
   * says that the measured span begins.
   */
  readonly countFromMs?: number | undefined;
  /** Other tokens than the registry's own. */
  readonly tokenOf?: (party: PartyNumber) => NumberToken;
}

/** A leg of which only its duration is asked, filled anew for each record. */
type LegDraft = { -readonly [Field in keyof Leg]: Leg[Field] };

function emptyLeg(): LegDraft {
  return {
    number: '',
    counterpart: '',
    originating: true,
    phase: 'complete',
    call: 0,
    start: 0,
    duration: undefined,
    answered: undefined,
    counterpartIsService: false,
    international: false,
    district: 0,
    handset: 0,
    arrivedAt: 0,
  };
}

/** The profiles of one fold. */
interface FoldState {
  readonly fold: FoldLegAtHand;
  readonly rooms: ProfileRooms;
  /** Which policy's findings it makes, by track. */
  readonly tracks: Readonly<Partial<Record<Track, PolicyTrack>>>;
}

/** What a leg brought to light. */
interface Event extends FoldNews {
  /** The leg in its block: what a record brings to light is decided on in the order of records. */
  readonly leg: number;
  readonly state: FoldState;
}

/** Runs the pipeline's own domain code over calls in memory, under one policy or two. */
export class Backtest implements HistoryReader {
  readonly numbers: NumberRegistry;
  readonly context: CallRecordContext;
  readonly truth: TruthIndex | undefined;
  /** The policy's, and that of the one it is held against. */
  readonly tracks: readonly PolicyTrack[];
  readonly rejected = new Map<string, number>();
  readonly countFromMs: number;
  records = 0;
  /** Calls as far as records tell: all records but those of an end. */
  calls = 0;
  /** Epoch ms of the earliest start and of the latest news. */
  fromMs = Number.POSITIVE_INFINITY;
  toMs = 0;
  private readonly folds: readonly FoldState[];
  private readonly block = new LegBlock();
  /** By record of the block: what it tells of those who are known for fraudsters. */
  private readonly planted: { readonly record: number; readonly call: HistoryCall }[] = [];
  private readonly leg: LegInMemory;
  private readonly profile = new Profile();
  private readonly draft = emptyLeg();

  /** @throws ScorecardError */
  constructor(options: BacktestOptions) {
    const { policy, against, truth, country, tokenOf } = options;
    this.context = historyContext(country);
    const { normaliseNumber } = this.context;
    this.numbers = new NumberRegistry({
      normaliseNumber,
      country,
      ...(tokenOf !== undefined && { tokenOf }),
    });
    this.truth = truth === undefined ? undefined : new TruthIndex(truth, this.numbers);
    const people = options.people ?? truth?.people;
    const policies = against === undefined ? [policy] : [policy, against];
    this.countFromMs = options.countFromMs ?? truth?.from ?? Number.NEGATIVE_INFINITY;
    this.tracks = policies.map(
      (own) => new PolicyTrack(own, this.numbers, this.truth, people, this.countFromMs),
    );
    this.leg = new LegInMemory(this.numbers);
    this.folds = foldsOf(this.tracks, this.leg);
  }

  reject(reason: string): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }

  take(calls: readonly HistoryCall[], count: number): void {
    for (let i = 0; i < count; i++) this.takeOne(calls[i] as HistoryCall);
  }

  /** Folds what is left, once all records have been taken. */
  finish(): void {
    const { block, folds } = this;
    block.sort(this.numbers.size);
    const events = folds.flatMap((state) => this.foldBlock(state));
    this.decideAll(events);
    block.count = 0;
    this.planted.length = 0;
  }

  private takeOne(call: HistoryCall): void {
    this.records++;
    if (call.phase !== 'ended') this.calls++;
    if (call.startMs < this.fromMs) this.fromMs = call.startMs;
    // A record arrives when it becomes news: a start when it happens, all else when the call is over.
    const newsMs = call.startMs + (call.duration ?? 0) * 1000;
    if (newsMs > this.toMs) this.toMs = newsMs;
    const { block } = this;
    if (this.truth?.concerns(call)) this.planted.push({ record: block.count, call: { ...call } });
    block.add(
      call,
      this.heldOf(call),
      this.toMs,
      this.numbers.isService(call.caller),
      this.numbers.isService(call.callee),
    );
    if (block.isFull) this.finish();
  }

  private heldOf(call: HistoryCall): number {
    const { draft } = this;
    draft.phase = call.phase;
    draft.start = Math.floor(call.startMs / 1000);
    draft.duration = call.duration;
    draft.arrivedAt = this.toMs;
    return heldDuration(draft) ?? DURATION_UNKNOWN;
  }

  /**
   * Folds the block number by number. No number's profile has to do with another's, so this comes to the same as
   * record by record; but there are far more profiles than caches hold, and so each is fetched but once for all
   * its legs. Returns what came to light.
   */
  private foldBlock(state: FoldState): Event[] {
    const { block, leg, profile } = this;
    const { fold, rooms } = state;
    const events: Event[] = [];
    let news: FoldNews = { exposures: [], findings: [] };
    let position = 0;
    for (let place = 0; place < this.numbers.size; place++) {
      const end = block.endOf(place);
      if (position === end) continue;
      block.fetch(position, end);
      rooms.takeUp(place, profile);
      for (; position < end; position++) {
        const at = block.legAt(position);
        block.read(at, leg);
        fold(profile, news);
        if (news.exposures.length > 0 || news.findings.length > 0) {
          events.push({ ...news, leg: at, state });
          news = { exposures: [], findings: [] };
        }
      }
      rooms.keep(place, profile);
    }
    return events;
  }

  /** Decides on what the block brought to light, record by record. */
  private decideAll(events: readonly Event[]): void {
    const { block, planted, truth } = this;
    const byRecord = Map.groupBy(
      events.toSorted((a, b) => a.leg - b.leg),
      ({ leg }) => leg >> 1,
    );
    let noted = 0;
    const noteUntil = (record: number) => {
      while (noted < planted.length && (planted[noted]?.record ?? 0) <= record) {
        const note = planted[noted++];
        if (note !== undefined) truth?.note(note.call);
      }
    };
    for (const [record, own] of byRecord) {
      noteUntil(record);
      for (const state of this.folds) {
        const ofState = own.filter((event) => event.state === state);
        noteFindings(
          state,
          ofState.flatMap(({ findings }) => findings),
          block.arrivedAt(record),
        );
        const exposures = ofState.flatMap((event) => event.exposures);
        if (exposures.length > 0) decide(state, exposures);
      }
    }
    noteUntil(block.count);
  }

  /** Numbers of people and lines, not of services, that were in a call. */
  get subscribersSeen(): number {
    return this.folds[0]?.rooms.count ?? 0;
  }
}

/** Both policies share a fold, as live and shadow do in the pipeline, unless they settle calls at different times. */
function foldsOf(tracks: readonly PolicyTrack[], leg: LegInMemory): FoldState[] {
  const [live, shadow] = tracks;
  if (live === undefined) return [];
  const settle = ({ policy }: PolicyTrack) => policy.scoring.settleSeconds;
  if (shadow !== undefined && settle(live) === settle(shadow)) {
    const fold = createMemoryFolder(leg, leg, live.policy, shadow.policy);
    return [{ fold, rooms: new ProfileRooms(), tracks: { live, shadow } }];
  }
  return tracks.map((track) => ({
    fold: createMemoryFolder(leg, leg, track.policy),
    rooms: new ProfileRooms(),
    tracks: { live: track },
  }));
}

function noteFindings({ tracks }: FoldState, found: readonly Judgement[], arrivedAt: number): void {
  for (const judgement of found) tracks[judgement.track]?.noteFinding(judgement, arrivedAt);
}

function decide({ tracks }: FoldState, exposures: readonly Exposure[]): void {
  const { live, shadow } = tracks;
  if (shadow === undefined) {
    live?.take(exposures);
    return;
  }
  const ofLive = exposures.filter(({ track }) => track === 'live');
  if (ofLive.length > 0) live?.take(ofLive);
  const ofShadow = exposures.filter(({ track }) => track === 'shadow');
  if (ofShadow.length > 0) shadow.take(ofShadow);
}

/**
 * Runs a whole history through a backtest.
 *
 * @throws {FeedError} when the input cannot be read on
 */
export async function runBacktest(
  input: Readable,
  options: BacktestOptions,
  watch: { onProgress?: (bytesRead: number, records: number) => void; signal?: AbortSignal } = {},
): Promise<Backtest> {
  const backtest = new Backtest(options);
  const { numbers, context } = backtest;
  await readHistory(input, backtest, {
    numbers,
    context,
    mapping: options.mapping,
    onProgress: (bytesRead) => watch.onProgress?.(bytesRead, backtest.records),
    signal: watch.signal,
  });
  backtest.finish();
  return backtest;
}
