import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import type {
  ProfileStore,
  ProfileWrite,
  StoredProfile,
} from '../../functions/adapters/profiles-table.ts';
import type { QuarantineObject } from '../../functions/adapters/quarantine-bucket.ts';
import { createSealer, type Sealer } from '../../functions/adapters/sealing.ts';
import type { StoredSubject, SubjectStore } from '../../functions/adapters/subjects-table.ts';
import { processCalls } from '../../functions/intake/process-calls.ts';
import { type LegCounts, processLegs } from '../../functions/score-numbers/process-legs.ts';
import {
  type Deciders,
  processExposures,
} from '../../functions/score-subjects/process-exposures.ts';
import type { CallRecordContext, RejectReason } from '../../lib/domain/call-record.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Track } from '../../lib/domain/exposure.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import {
  createLegFolder,
  type FoldLegs,
  type Judgement,
} from '../../lib/domain/profile/fold-legs.ts';
import {
  type Case,
  createDecider,
  type Decision,
  type Warning,
} from '../../lib/domain/subject/decide.ts';
import type { Frame } from '../../lib/wire/frames.ts';

/** Thrown by a store or stream where a test wants the function to die. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Called before and after every effect; throws a Crash to end the invocation there. */
export type CrashPoint = (effect: string) => void;

export const TEST_SEALER: Sealer = createSealer({
  current: '1',
  secrets: { '1': 'a secret for tests, of no use anywhere else' },
});

export const TEST_CONTEXT: CallRecordContext = {
  normaliseNumber: createNumberNormaliser('CN'),
  nowMs: Date.UTC(2030, 0, 1),
  retentionMs: Date.UTC(2030, 0, 1),
  maxFutureMs: 0,
};

/** A Kinesis event record as Lambda hands it over. */
export function kinesisRecord(
  data: Uint8Array | string,
  sequenceNumber: string,
  arrivedAtMs = Date.UTC(2030, 0, 1),
): KinesisStreamRecord {
  return {
    awsRegion: 'us-east-1',
    eventID: `shardId-000000000000:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/test',
    eventVersion: '1.0',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/test',
    kinesis: {
      approximateArrivalTimestamp: arrivedAtMs / 1000,
      data: Buffer.from(data as Uint8Array).toString('base64'),
      kinesisSchemaVersion: '1.0',
      partitionKey: '0',
      sequenceNumber,
    },
  };
}

export class InMemoryProfiles implements ProfileStore {
  readonly items = new Map<NumberToken, StoredProfile>();
  private readonly crashPoint: CrashPoint;

  constructor(crashPoint: CrashPoint = () => {}) {
    this.crashPoint = crashPoint;
  }

  async read(numbers: readonly NumberToken[]): Promise<Map<NumberToken, StoredProfile>> {
    const found = new Map<NumberToken, StoredProfile>();
    for (const number of numbers) {
      const item = this.items.get(number);
      if (item !== undefined) found.set(number, item);
    }
    return found;
  }

  async write(writes: readonly ProfileWrite[]): Promise<NumberToken[]> {
    const moved: NumberToken[] = [];
    for (const { number, readAt, listingRead, sequenceNumber, profile } of writes) {
      this.crashPoint('before profile write');
      const stored = this.items.get(number);
      const listing = stored?.listing;
      const isSame = stored?.sequenceNumber === readAt && listing?.text === listingRead;
      if (isSame) this.items.set(number, { sequenceNumber, profile, ...(listing && { listing }) });
      else moved.push(number);
      this.crashPoint('after profile write');
    }
    return moved;
  }
}

export class InMemorySubjects implements SubjectStore {
  readonly items = new Map<NumberToken, StoredSubject>();
  readonly warnings = new Map<string, Warning>();
  readonly cases = new Map<string, Case>();
  /** What a shadow policy came to, apart from all the others. */
  shadow: InMemorySubjects | undefined;
  /** Ids written although they existed: each would be a text or a case too many. */
  readonly repeated: string[] = [];
  private readonly crashPoint: CrashPoint;

  constructor(crashPoint: CrashPoint = () => {}) {
    this.crashPoint = crashPoint;
  }

  private of(track: Track): InMemorySubjects {
    if (track === 'live') return this;
    this.shadow ??= new InMemorySubjects(this.crashPoint);
    return this.shadow;
  }

  async read(subject: NumberToken, track: Track): Promise<StoredSubject | undefined> {
    return this.of(track).items.get(subject);
  }

  async write(
    subject: NumberToken,
    track: Track,
    readAt: string | undefined,
    sequenceNumber: string,
    decision: Decision,
  ): Promise<boolean> {
    return this.of(track).take(subject, readAt, sequenceNumber, decision);
  }

  private take(
    subject: NumberToken,
    readAt: string | undefined,
    sequenceNumber: string,
    decision: Decision,
  ): boolean {
    this.crashPoint('before subject write');
    if (this.items.get(subject)?.version !== readAt) return false;
    this.items.set(subject, { sequenceNumber, version: sequenceNumber, state: decision.state });
    for (const warning of decision.warnings) {
      if (this.warnings.has(warning.id)) this.repeated.push(warning.id);
      this.warnings.set(warning.id, warning);
    }
    for (const one of decision.cases) {
      if (this.cases.has(one.id)) this.repeated.push(one.id);
      this.cases.set(one.id, one);
    }
    for (const { caseId, tier } of decision.raised) {
      const open = this.cases.get(caseId);
      if (open !== undefined) this.cases.set(caseId, { ...open, tier });
    }
    this.crashPoint('after subject write');
    return true;
  }
}

/** The pipeline's own code from calls to decisions, joined by arrays instead of streams. */
export class InMemoryPipeline {
  readonly profiles: InMemoryProfiles;
  readonly subjects: InMemorySubjects;
  readonly quarantine = new Map<string, QuarantineObject>();
  readonly rejected = new Map<RejectReason, number>();
  readonly legFrames: KinesisStreamRecord[] = [];
  readonly exposureFrames: KinesisStreamRecord[] = [];
  readonly findings = new Map<string, Judgement>();
  accepted = 0;
  readonly legCounts: LegCounts = {
    applied: 0,
    duplicates: 0,
    late: 0,
    redelivered: 0,
    findings: 0,
    shadowFindings: 0,
    exposures: 0,
  };
  private sequence = 0n;
  private readonly context: CallRecordContext;
  private readonly sealer: Sealer;
  private readonly deciders: Deciders;
  private readonly fold: FoldLegs;
  private readonly crashPoint: CrashPoint;

  constructor(
    policy: Policy = loadDefaultPolicy(),
    crashPoint: CrashPoint = () => {},
    sealer: Sealer = TEST_SEALER,
    context: CallRecordContext = TEST_CONTEXT,
    shadow?: Policy,
  ) {
    this.context = context;
    this.sealer = sealer;
    this.deciders = {
      live: createDecider(policy),
      shadow: shadow === undefined ? undefined : createDecider(shadow),
    };
    this.crashPoint = crashPoint;
    this.fold = createLegFolder(policy, shadow);
    this.profiles = new InMemoryProfiles(crashPoint);
    this.subjects = new InMemorySubjects(crashPoint);
  }

  /** The next sequence number; they grow a digit now and then, as real ones do. */
  nextSequence(): string {
    this.sequence += 1n;
    return String(this.sequence);
  }

  private put(frames: readonly Frame[], into: KinesisStreamRecord[], arrivedAt: number): void {
    for (const frame of frames) {
      this.crashPoint('before put');
      into.push(kinesisRecord(frame.data, this.nextSequence(), arrivedAt));
      this.crashPoint('after put');
    }
  }

  async intake(event: KinesisStreamEvent): Promise<void> {
    await processCalls(event, this.context, this.sealer, {
      putLegs: async (frames) => this.put(frames, this.legFrames, Date.UTC(2030, 0, 1)),
      putQuarantine: async (object) => {
        this.quarantine.set(`${object.shardId}-${object.sequenceNumber}`, object);
      },
      count: ({ accepted, rejected }) => {
        this.accepted += accepted;
        for (const [reason, count] of rejected) {
          this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + count);
        }
      },
      onFailure: () => {},
    });
  }

  async scoreNumbers(event: KinesisStreamEvent): Promise<void> {
    await processLegs(event, this.fold, 86_400, {
      profiles: this.profiles,
      putExposures: async (frames) => this.put(frames, this.exposureFrames, Date.UTC(2030, 0, 1)),
      keepFindings: async (findings) => {
        for (const { judgement } of findings) {
          this.crashPoint('before finding write');
          const { caller, finding, track } = judgement;
          this.findings.set(`${caller}#${track}#${finding.at}`, judgement);
          this.crashPoint('after finding write');
        }
      },
      count: (counts) => {
        for (const name of Object.keys(counts) as (keyof LegCounts)[]) {
          this.legCounts[name] += counts[name];
        }
      },
    });
  }

  async scoreSubjects(event: KinesisStreamEvent): Promise<void> {
    await processExposures(event, this.deciders, 86_400, {
      subjects: this.subjects,
      careGroupOf: async () => undefined,
      count: () => {},
    });
  }

  /** Pushes lines as records of some lines each, and lets every stage take all that is there. */
  async run(lines: readonly string[], linesPerRecord = 100): Promise<void> {
    for (let i = 0; i < lines.length; i += linesPerRecord) {
      const data = lines.slice(i, i + linesPerRecord).join('\n');
      await this.intake({ Records: [kinesisRecord(data, this.nextSequence())] });
      await this.scoreNumbers({ Records: this.legFrames.splice(0) });
      await this.scoreSubjects({ Records: this.exposureFrames.splice(0) });
    }
  }
}
