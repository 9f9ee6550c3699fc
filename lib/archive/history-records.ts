import {
  BIGINT,
  BOOLEAN,
  type DuckDBAppender,
  DuckDBDataChunk,
  INTEGER,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import type { HistoryCall } from '../backtest/history-call.ts';
import type { NumberRegistry } from '../backtest/number-registry.ts';
import type { HistoryReader } from '../backtest/read-history.ts';
import type { CallPhase } from '../domain/call-record.ts';
import { archiveBucket } from './archived-call.ts';
import type { DuckDbArchive } from './duckdb-archive.ts';

/** Rows that the engine takes at a time. */
const CHUNK_ROWS = 2_048;
const PHASES: readonly CallPhase[] = ['complete', 'started', 'ended'];

const RECORD_TYPES = [
  BIGINT,
  INTEGER,
  INTEGER,
  BIGINT,
  INTEGER,
  BOOLEAN,
  BOOLEAN,
  INTEGER,
  INTEGER,
  UTINYINT,
];

type Columns = unknown[][];

const emptyColumns = (): Columns => RECORD_TYPES.map(() => []);

/**
 * Records of a history on their way into an archive: numbers are their places in the registry until the end, since a
 * token of 23 characters for each row would cost more than all else.
 */
export class HistoryRecords implements HistoryReader {
  readonly rejected = new Map<string, number>();
  records = 0;
  private readonly archive: DuckDbArchive;
  private readonly numbers: NumberRegistry;
  private readonly appender: DuckDBAppender;
  private columns = emptyColumns();
  private finished = false;

  private constructor(archive: DuckDbArchive, numbers: NumberRegistry, appender: DuckDBAppender) {
    this.archive = archive;
    this.numbers = numbers;
    this.appender = appender;
  }

  static async begin(archive: DuckDbArchive, numbers: NumberRegistry): Promise<HistoryRecords> {
    await archive.run(
      `CREATE OR REPLACE TEMP TABLE placed_records (call BIGINT, caller INTEGER, callee INTEGER, start BIGINT,
        duration INTEGER, answered BOOLEAN, international BOOLEAN, district INTEGER, handset INTEGER, phase UTINYINT)`,
    );
    return new HistoryRecords(
      archive,
      numbers,
      await archive.connection.createAppender('placed_records', null, 'temp'),
    );
  }

  reject(reason: string): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }

  take(calls: readonly HistoryCall[], count: number): void {
    for (let i = 0; i < count; i++) this.takeOne(calls[i] as HistoryCall);
  }

  private takeOne(call: HistoryCall): void {
    this.records++;
    const values = [
      BigInt(call.key),
      call.caller,
      call.callee,
      BigInt(Math.floor(call.startMs / 1000)),
      call.duration ?? null,
      call.answered ?? null,
      call.international,
      call.callerDistrict,
      call.handset,
      PHASES.indexOf(call.phase),
    ];
    for (let i = 0; i < values.length; i++) this.columns[i]?.push(values[i]);
    if (this.columns[0]?.length === CHUNK_ROWS) this.handOn();
  }

  private handOn(): void {
    const chunk = DuckDBDataChunk.create(RECORD_TYPES);
    chunk.setColumns(this.columns as never);
    this.appender.appendDataChunk(chunk);
    this.columns = emptyColumns();
  }

  /** Makes the table `call_records` of all that was taken, for this connection. */
  async finish(utcOffsetMinutes: number): Promise<void> {
    if ((this.columns[0]?.length ?? 0) > 0) this.handOn();
    this.appender.closeSync();
    this.finished = true;
    await this.keepNumbers();
    const phases = PHASES.map((phase) => `'${phase}'`).join(', ');
    const localDay = `strftime(epoch_ms((start + ${utcOffsetMinutes * 60}) * 1000), '%Y-%m-%d')`;
    await this.archive.run(
      `CREATE OR REPLACE TEMP VIEW call_records AS
       SELECT call, a.token AS caller, b.token AS callee, start, duration, answered, international,
         a.service AS caller_is_service, b.service AS callee_is_service, district, handset,
         [${phases}][phase + 1] AS phase, ${localDay} AS day, a.bucket AS bucket
       FROM placed_records JOIN placed_numbers a ON a.place = caller JOIN placed_numbers b ON b.place = callee`,
    );
  }

  /** Takes away what was taken, and with it the table `call_records` of this connection. */
  async forget(): Promise<void> {
    if (!this.finished) this.appender.closeSync();
    await this.archive.run('DROP VIEW IF EXISTS temp.call_records');
    await this.archive.run('DROP TABLE IF EXISTS placed_records');
    await this.archive.run('DROP TABLE IF EXISTS placed_numbers');
  }

  private async keepNumbers(): Promise<void> {
    await this.archive.run(
      'CREATE OR REPLACE TEMP TABLE placed_numbers (place INTEGER, token VARCHAR, service BOOLEAN, bucket INTEGER)',
    );
    const appender = await this.archive.connection.createAppender('placed_numbers', null, 'temp');
    const { size } = this.numbers;
    for (let first = 0; first < size; first += CHUNK_ROWS) {
      const places = Array.from(
        { length: Math.min(CHUNK_ROWS, size - first) },
        (_, i) => first + i,
      );
      const tokens = places.map((place) => this.numbers.tokenAt(place));
      const chunk = DuckDBDataChunk.create([INTEGER, VARCHAR, BOOLEAN, INTEGER]);
      chunk.setColumns([
        places,
        tokens,
        places.map((place) => this.numbers.isService(place)),
        tokens.map(archiveBucket),
      ]);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }
}
