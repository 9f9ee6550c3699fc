import type { Readable } from 'node:stream';
import type { CallRecordContext } from '../domain/call-record.ts';
import type { Exposure, Track } from '../domain/exposure.ts';
import type { Leg, NumberToken } from '../domain/leg.ts';
import type { PartyNumber } from '../domain/phone-number.ts';
import type { Policy } from '../domain/policy.ts';
import {
  createMemoryFolder,
  type FoldLeg,
  type FoldNews,
  type Judgement,
} from '../domain/profile/fold-legs.ts';
import { Profile, SMALLEST_ROOM } from '../domain/profile/profile.ts';
import type { Mapping } from '../feeds/mapping-schema.ts';
import type { TruthFile } from '../simulation/truth-file.ts';
import type { HistoryCall } from './history-call.ts';
import { NumberRegistry } from './number-registry.ts';
import { PolicyTrack } from './policy-track.ts';
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
  /** Other tokens than the registry's own. */
  readonly tokenOf?: (party: PartyNumber) => NumberToken;
}

const CACHE_LINE = 64;
const ROOM_STRIDE = Math.ceil(SMALLEST_ROOM / CACHE_LINE) * CACHE_LINE;
/** Profiles that share one piece of memory: a piece for each would cost more to keep. */
const ROOMS_TOGETHER = 1024;

/** A leg that is filled anew for each call; the fold keeps none. */
type LegDraft = { -readonly [Field in keyof Leg]: Leg[Field] };

function emptyLeg(originating: boolean): LegDraft {
  return {
    number: '',
    counterpart: '',
    originating,
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

/** The profiles of one fold, by place in the registry. */
interface FoldState {
  readonly fold: FoldLeg;
  readonly profiles: (Profile | undefined)[];
  /** Which policy's findings it makes, by track. */
  readonly tracks: Readonly<Partial<Record<Track, PolicyTrack>>>;
}

/** Runs the pipeline's own domain code over calls in memory, under one policy or two. */
export class Backtest implements HistoryReader {
  readonly numbers: NumberRegistry;
  readonly context: CallRecordContext;
  readonly truth: TruthIndex | undefined;
  /** The policy's, and that of the one it is held against. */
  readonly tracks: readonly PolicyTrack[];
  readonly rejected = new Map<string, number>();
  records = 0;
  /** Calls as far as records tell: all records but those of an end. */
  calls = 0;
  /** Epoch ms of the earliest start and of the latest news. */
  fromMs = Number.POSITIVE_INFINITY;
  toMs = 0;
  private readonly folds: readonly FoldState[];
  private readonly made = emptyLeg(true);
  private readonly taken = emptyLeg(false);
  private readonly news: FoldNews = { exposures: [], findings: [] };
  private slab = new Uint8Array(0);
  private slabAt = 0;
  private readonly rooms: Uint8Array[] = [];
  /** Of no meaning; kept so that nobody takes the fetching for idle. */
  private fetched = 0;
  private readonly service: boolean[] = [];

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
    this.tracks = policies.map((own) => new PolicyTrack(own, this.numbers, this.truth, people));
    this.folds = foldsOf(this.tracks);
  }

  reject(reason: string): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }

  take(calls: readonly HistoryCall[], count: number): void {
    this.fetch(calls, count);
    for (let i = 0; i < count; i++) this.takeOne(calls[i] as HistoryCall);
  }

  /**
   * Touches every part of the profiles that the calls are about to change. There are far more profiles than caches
   * hold, and the fold has to wait for one part after the other; here nothing waits for anything, so that the
   * processor fetches many at a time.
   */
  private fetch(calls: readonly HistoryCall[], count: number): void {
    const { rooms } = this;
    for (const { profiles } of this.folds) {
      let known = 0;
      for (let i = 0; i < count; i++) {
        const { caller, callee } = calls[i] as HistoryCall;
        const ofCaller = profiles[caller];
        if (ofCaller !== undefined) rooms[known++] = ofCaller.bytes;
        const ofCallee = profiles[callee];
        if (ofCallee !== undefined) rooms[known++] = ofCallee.bytes;
      }
      let sum = 0;
      for (let i = 0; i < known; i++) {
        const bytes = rooms[i] as Uint8Array;
        for (let at = 0; at < SMALLEST_ROOM; at += CACHE_LINE) sum ^= bytes[at] as number;
      }
      this.fetched ^= sum;
    }
  }

  /** Folds the legs of a record, and decides on what they bring to light. */
  private takeOne(call: HistoryCall): void {
    this.records++;
    if (call.phase !== 'ended') this.calls++;
    if (call.startMs < this.fromMs) this.fromMs = call.startMs;
    // A record arrives when it becomes news: a start when it happens, all else when the call is over.
    const newsMs = call.startMs + (call.duration ?? 0) * 1000;
    if (newsMs > this.toMs) this.toMs = newsMs;
    this.truth?.note(call);
    this.fillLegs(call);
    const { made, taken, folds } = this;
    const callerIsService = this.isService(call.caller);
    const calleeIsService = this.isService(call.callee);
    for (const state of folds) {
      const { news } = this;
      if (!callerIsService) {
        made.counterpartIsService = calleeIsService;
        state.fold(this.profileOf(state, call.caller), made.number, made, news);
      }
      if (!calleeIsService) {
        taken.counterpartIsService = callerIsService;
        state.fold(this.profileOf(state, call.callee), taken.number, taken, news);
      }
      if (news.findings.length > 0) noteFindings(state, news.findings.splice(0), this.toMs);
      if (news.exposures.length > 0) decide(state, news.exposures.splice(0));
    }
  }

  private profileOf({ profiles }: FoldState, place: number): Profile {
    const known = profiles[place];
    if (known !== undefined) return known;
    while (profiles.length <= place) profiles.push(undefined);
    const profile = new Profile(this.room());
    profiles[place] = profile;
    return profile;
  }

  private room(): Uint8Array {
    if (this.slabAt + ROOM_STRIDE > this.slab.length) {
      this.slab = new Uint8Array(ROOMS_TOGETHER * ROOM_STRIDE);
      this.slabAt = 0;
    }
    const room = new Uint8Array(this.slab.buffer, this.slabAt, SMALLEST_ROOM);
    this.slabAt += ROOM_STRIDE;
    return room;
  }

  /** Numbers of people and lines, not of services, that were in a call. */
  get subscribersSeen(): number {
    return this.folds[0]?.profiles.filter((profile) => profile !== undefined).length ?? 0;
  }

  private isService(place: number): boolean {
    const { service } = this;
    while (service.length <= place) service.push(this.numbers.isService(service.length));
    return service[place] as boolean;
  }

  /** As `legsOfCall` of the domain makes them. */
  private fillLegs(call: HistoryCall): void {
    const { made, taken } = this;
    const { tokens } = this.numbers;
    const start = Math.floor(call.startMs / 1000);
    made.number = tokens[call.caller] as string;
    made.counterpart = tokens[call.callee] as string;
    made.district = call.callerDistrict;
    made.handset = call.handset;
    taken.number = made.counterpart;
    taken.counterpart = made.number;
    taken.district = call.calleeDistrict;
    for (const leg of [made, taken]) {
      leg.phase = call.phase;
      leg.call = call.key;
      leg.start = start;
      leg.duration = call.duration;
      leg.answered = call.answered;
      leg.international = call.international;
      leg.arrivedAt = this.toMs;
    }
  }
}

/** Both policies share a fold, as live and shadow do in the pipeline, unless they settle calls at different times. */
function foldsOf(tracks: readonly PolicyTrack[]): FoldState[] {
  const [live, shadow] = tracks;
  if (live === undefined) return [];
  const settle = ({ policy }: PolicyTrack) => policy.scoring.settleSeconds;
  if (shadow !== undefined && settle(live) === settle(shadow)) {
    const fold = createMemoryFolder(live.policy, shadow.policy);
    return [{ fold, profiles: [], tracks: { live, shadow } }];
  }
  return tracks.map((track) => ({
    fold: createMemoryFolder(track.policy),
    profiles: [],
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
  return backtest;
}
