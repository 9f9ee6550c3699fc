import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  type IGrantable,
  type IPrincipal,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from './acknowledged-findings.ts';
import { handlerBundle } from './handler-bundle.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { FunctionName, StageConfig } from './stage-config.ts';

/** The namespace of all metrics that the functions write. */
export const METRICS_NAMESPACE = 'Forewarn';

export interface PipelineFunctionProps {
  readonly name: FunctionName;
  readonly description: string;
  readonly config: StageConfig;
  readonly key: PipelineKey;
  /** Settings of this function; those that are `undefined` are left out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folders that it reads as they are, by their names beside its code. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * A function of the pipeline with its own role and its own encrypted, expiring log group. The role
 * may write these logs and traces and nothing else until somebody grants it more.
 */
export class PipelineFunction extends Construct implements IGrantable {
  readonly name: FunctionName;
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    const { config, name } = props;
    this.name = name;
    const logGroup = new LogGroup(this, 'Logs', {
      encryptionKey: props.key.key,
      retention: config.retention.logDays,
      removalPolicy:
        config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Forewarn ${config.stage}: what ${name} may do`,
    });
    this.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    const { memoryMb, timeoutSeconds } = config.functions[name];
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: handlerBundle(name, props.files),
      role: this.role,
      logGroup,
      memorySize: memoryMb,
      timeout: Duration.seconds(timeoutSeconds),
      tracing: Tracing.ACTIVE,
      environment: {
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
        POWERTOOLS_LOG_LEVEL: config.logLevel,
        ...present(props.environment),
      },
    });
    acknowledgeWildcard(
      this.role,
      '*',
      'X-Ray takes no resource for the traces of active tracing.',
    );
  }

  get grantPrincipal(): IPrincipal {
    return this.role;
  }
}

function present(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
