import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { placeOf, randomLike } from '../draw.ts';
import type { CallFault, CallFaultKind } from '../history.ts';
import type { Privacy } from '../privacy.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Environment } from './lambda.ts';
import type { Queue } from './queue.ts';
import type { Place, Stream } from './stream.ts';
import type { Tables, TableTrouble } from './tables.ts';
import type { Texts } from './texts.ts';
import type { Workflows } from './workflows.ts';

/** The clients of an environment: the real classes, with their way to the network taken away. */
export interface Clients {
  readonly dynamoDB: DynamoDBClient;
  readonly kinesis: KinesisClient;
  readonly s3: S3Client;
  readonly sfn: SFNClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

export interface CloudOptions {
  readonly scheduler: Scheduler;
  readonly seed: number;
  readonly faults: readonly CallFault[];
  readonly outages: readonly {
    readonly service: keyof Clients;
    readonly from: number;
    readonly until: number;
  }[];
  readonly tables: Tables;
  readonly texts: Texts;
  readonly workflows: () => Workflows;
  readonly queues: Readonly<Record<string, () => Queue>>;
  readonly streams: Readonly<Record<string, Stream>>;
  readonly privacy: Privacy;
  readonly tell: (what: string) => void;
}

interface Command {
  readonly input: Record<string, unknown>;
}

/** A request to a service, as the fakes take it. */
interface Request {
  readonly service: keyof Clients;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

const SLOW_MS = 8_000;
/** After which a client gives a connection up. */
const CLIENT_TIMEOUT_MS = 10_000;
/** After its caller has given up, a request is on its way for at most so long. */
const LATEST_MS = 60_000;
const LONGEST_LATENCY_MS = 30;

const REFUSALS: Readonly<Record<keyof Clients, readonly [string, ...string[]]>> = {
  dynamoDB: ['ProvisionedThroughputExceededException', 'InternalServerError', 'ECONNRESET'],
  kinesis: ['InternalFailure', 'ProvisionedThroughputExceededException'],
  s3: ['SlowDown', 'InternalError'],
  sfn: ['ThrottlingException', 'ServiceUnavailable'],
  sns: ['ThrottledException', 'InternalErrorException'],
  sqs: ['RequestThrottled', 'InternalError'],
};

/** The hash of a partition key, 0 to 1. */
const hashOf = (key: string): number => placeOf(key) / 2 ** 32;
const fractions = new Map<string, number>();

/** Where an explicit hash key of 128 bits lies, 0 to 1. */
function fractionOf(explicit: string): number {
  const known = fractions.get(explicit) ?? Number(BigInt(explicit) >> 75n) / 2 ** 53;
  fractions.set(explicit, known);
  return known;
}

function kinesisEvent(data: Uint8Array, partitionKey: string, place: Place): unknown {
  return {
    eventID: `${place.shardId}:${place.sequenceNumber}`,
    kinesis: {
      approximateArrivalTimestamp: place.arrivalMs / 1000,
      data: Buffer.from(data).toString('base64'),
      partitionKey,
      sequenceNumber: place.sequenceNumber,
    },
  };
}

/** Puts a record into a stream of Kinesis. */
export function putRecord(
  stream: Stream,
  data: Uint8Array,
  partitionKey: string,
  explicitHashKey: string | undefined,
  now: number,
): Place {
  const hash = explicitHashKey === undefined ? hashOf(partitionKey) : fractionOf(explicitHashKey);
  return stream.put(partitionKey, hash, now, (place) => kinesisEvent(data, partitionKey, place));
}

/** All services behind the clients of one history, and what goes wrong between them and their callers. */
export class Cloud {
  /** Objects of the quarantine bucket by their key. */
  readonly objects = new Map<string, string>();
  readonly #options: CloudOptions;
  readonly #faults = new Map<string, CallFaultKind>();
  readonly #calls = new Map<string, number>();
  /** Faults that came about. */
  readonly fired = new Set<string>();
  #tokens = 0;

  constructor(options: CloudOptions) {
    this.#options = options;
    for (const { actor, kind, nth, operation } of options.faults) {
      this.#faults.set(`${actor} ${operation} ${nth}`, kind);
    }
  }

  clientsFor(environment: Environment): Clients {
    const make = <Client extends object>(service: keyof Clients, type: { prototype: Client }) => {
      // An instance of the class, which paginators of the SDK ask for, without the cost of building one.
      const client = Object.create(type.prototype) as Client;
      const send = (command: Command) => this.#send(environment, service, command);
      Object.defineProperty(client, 'send', { value: send });
      return client;
    };
    return {
      dynamoDB: make('dynamoDB', DynamoDBClient),
      kinesis: make('kinesis', KinesisClient),
      s3: make('s3', S3Client),
      sfn: make('sfn', SFNClient),
      sns: make('sns', SNSClient),
      sqs: make('sqs', SQSClient),
    };
  }

  /** How often each function made each request, by the names of both. */
  get made(): ReadonlyMap<string, number> {
    return this.#calls;
  }

  #send(environment: Environment, service: keyof Clients, command: Command): Promise<unknown> {
    const operation = command.constructor.name.replace(/Command\d*$/, '');
    const call = `${environment.actor} ${operation}`;
    const nth = (this.#calls.get(call) ?? 0) + 1;
    this.#calls.set(call, nth);
    const { scheduler, seed } = this.#options;
    const request: Request = { service, operation, input: command.input };
    const place = placeOf(call) + nth;
    const latency = 1 + Math.floor(randomLike(seed, place) * LONGEST_LATENCY_MS);
    return new Promise((resolve, reject) => {
      if (environment.isDead()) return;
      const kind = this.#faultOf(`${call} ${nth}`);
      if (kind === 'crash-before') {
        environment.die(`before its ${operation} ${nth}`);
        return;
      }
      if (kind === 'late') {
        const lateMs = CLIENT_TIMEOUT_MS + randomLike(place, 13) * LATEST_MS;
        scheduler.after(lateMs, () => this.#answer(request, kind, place));
        scheduler.after(CLIENT_TIMEOUT_MS, () =>
          environment.resume(() => reject(errorNamed('TimeoutError'))),
        );
        return;
      }
      const delay = environment.lag() + (kind === 'slow' ? SLOW_MS : latency);
      scheduler.after(delay, () => {
        const answer = this.#answer(request, kind ?? this.#outage(service, place), place);
        if (kind === 'crash-after') environment.die(`after its ${operation} ${nth}`);
        const isLost = kind === 'answer-lost' || kind === 'hangs';
        const wait = kind === 'hangs' ? 60 * CLIENT_TIMEOUT_MS : isLost ? CLIENT_TIMEOUT_MS : 0;
        const go = () =>
          environment.resume(() => {
            if (isLost) reject(errorNamed('TimeoutError'));
            else if ('error' in answer) reject(answer.error);
            else resolve(answer.output);
          });
        if (wait > 0) scheduler.after(wait, go);
        else go();
      });
    });
  }

  #faultOf(place: string): CallFaultKind | undefined {
    if (this.#faults.size === 0) return undefined;
    const kind = this.#faults.get(place);
    if (kind !== undefined) {
      this.fired.add(place);
      this.#options.tell(`${place}: ${kind}`);
    }
    return kind;
  }

  #outage(service: keyof Clients, place: number): CallFaultKind | undefined {
    const { now } = this.#options.scheduler;
    const isOut = this.#options.outages.some(
      (outage) => outage.service === service && outage.from <= now && now < outage.until,
    );
    if (!isOut) return undefined;
    return randomLike(place, 11) < 0.5 ? 'partial' : 'refused';
  }

  #answer(
    request: Request,
    kind: CallFaultKind | undefined,
    place: number,
  ): { readonly output: unknown } | { readonly error: unknown } {
    const { service } = request;
    const isRefused =
      kind === 'refused' ||
      (kind === 'partial' && !request.operation.startsWith('Batch') && service !== 'kinesis') ||
      (kind === 'conflict' && service !== 'dynamoDB');
    const phone = request.input.PhoneNumber ?? request.input.phoneNumber;
    if (kind !== undefined && request.operation === 'CheckIfPhoneNumberIsOptedOut') {
      this.#options.texts.couldNotAsk(String(phone));
    }
    if (isRefused) {
      const names = REFUSALS[service];
      const name = names[Math.floor(randomLike(place, 7) * names.length)] ?? names[0];
      // Some services quote what they were given.
      return {
        error: errorNamed(name, phone === undefined ? name : `${name} for ${String(phone)}`),
      };
    }
    const trouble: TableTrouble = kind === 'partial' || kind === 'conflict' ? kind : undefined;
    // What the client's own retry repeats bears the same token, by which a transaction is known.
    const input = { ClientRequestToken: `request-${++this.#tokens}`, ...request.input };
    try {
      const output = this.#execute({ ...request, input }, trouble);
      // A text is not repeated by its client: see the sender.
      return {
        output:
          kind === 'repeated' && phone === undefined
            ? this.#execute({ ...request, input }, trouble)
            : output,
      };
    } catch (error) {
      return { error };
    }
  }

  #execute({ input, operation, service }: Request, trouble: TableTrouble): unknown {
    const { privacy, queues, tables, texts, workflows } = this.#options;
    switch (service) {
      case 'dynamoDB':
        return tables.execute(operation, input, trouble);
      case 'kinesis':
        return this.#putRecords(input, trouble);
      case 's3': {
        const { Body, ...open } = input;
        this.objects.set(String(input.Key), String(Body));
        privacy.saw('an object’s name', JSON.stringify(open));
        return {};
      }
      case 'sfn':
        return workflows().execute(operation, input);
      case 'sns': {
        const { PhoneNumber: _to, phoneNumber: _whose, ...said } = input;
        privacy.saw('a text or a notice', JSON.stringify(said));
        return texts.execute(operation, input);
      }
      case 'sqs':
        privacy.saw('a queued message', String(input.MessageBody));
        return queues[String(input.QueueUrl)]?.().execute(input);
    }
  }

  #putRecords(input: Record<string, unknown>, trouble: TableTrouble): unknown {
    const { privacy, scheduler, streams } = this.#options;
    const stream = streams[String(input.StreamName)];
    if (stream === undefined) throw errorNamed('ResourceNotFoundException');
    const records = input.Records as {
      readonly Data: Uint8Array;
      readonly PartitionKey: string;
      readonly ExplicitHashKey?: string;
    }[];
    return {
      Records: records.map(({ Data, ExplicitHashKey, PartitionKey }, i) => {
        if (trouble === 'partial' && i % 2 === 0) {
          return { ErrorCode: 'ProvisionedThroughputExceededException' };
        }
        privacy.saw('a partition key', PartitionKey);
        privacy.sawBytes('a frame', Data);
        const place = putRecord(stream, Data, PartitionKey, ExplicitHashKey, scheduler.now);
        return { SequenceNumber: place.sequenceNumber };
      }),
    };
  }
}

function errorNamed(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
