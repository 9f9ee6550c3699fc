import { Construct } from 'constructs';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineStream } from './pipeline-stream.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import type { SealingSecret } from './sealing-secret.ts';
import type { StageConfig } from './stage-config.ts';
import { StreamSource } from './stream-source.ts';

export interface IntakeProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly calls: PipelineStream;
  readonly legs: PipelineStream;
  readonly quarantine: QuarantineBucket;
  readonly sealing: SealingSecret;
}

/** Calls in, sealed legs out, refused records to quarantine. */
export class Intake extends Construct {
  readonly function: PipelineFunction;
  readonly source: StreamSource;

  constructor(scope: Construct, id: string, props: IntakeProps) {
    super(scope, id);
    const { calls, config, key, legs, quarantine, sealing } = props;
    this.function = new PipelineFunction(this, 'Intake', {
      name: 'intake',
      description: 'Forewarn: validates and seals call records, and splits them into legs',
      config,
      key,
      environment: {
        LEGS_STREAM_NAME: legs.stream.streamName,
        QUARANTINE_BUCKET_NAME: quarantine.bucket.bucketName,
        SEALING_SECRET_ARN: sealing.secret.secretArn,
        DEFAULT_COUNTRY: config.defaultCountry,
        RECORD_RETENTION_HOURS: String(config.retention.recordHours),
        MAX_FUTURE_SECONDS: String(config.maxFutureSeconds),
        CLOCK: config.clock,
      },
    });
    legs.allowWriting(this.function);
    quarantine.allowRejecting(this.function.role);
    sealing.allowReading(this.function.role);
    this.source = new StreamSource(this, 'Calls', {
      name: 'calls',
      config,
      from: calls,
      consumer: this.function,
      abandonTo: quarantine,
    });
  }
}
