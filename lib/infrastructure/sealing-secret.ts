import { RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledged-findings.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { StageConfig } from './stage-config.ts';

/** The characters of a generated key: more than 256 bits of chance without punctuation. */
const KEY_LENGTH = 64;

export interface SealingSecretProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
}

/**
 * The key that turns phone numbers into number tokens and back. Only the roles named by
 * {@link allowReading} can read it: the secret refuses everybody else, administrators included,
 * until somebody changes this policy, which leaves a trace.
 */
export class SealingSecret extends Construct {
  readonly secret: Secret;
  private readonly key: PipelineKey;
  private readonly readerArns: string[] = [];

  constructor(scope: Construct, id: string, props: SealingSecretProps) {
    super(scope, id);
    this.key = props.key;
    this.secret = new Secret(this, 'Secret', {
      description: 'Forewarn: seals phone numbers into number tokens',
      encryptionKey: props.key.reference,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ current: '1' }),
        generateStringKey: '1',
        passwordLength: KEY_LENGTH,
        excludePunctuation: true,
      },
      removalPolicy:
        props.config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(
      this.secret,
      'SMG4',
      'Tokens are table keys: a new sealing key gives every number a new token, so key versions are ' +
        'added on purpose, side by side, and never replaced on a schedule.',
    );
  }

  /** Lets one role unseal numbers. */
  allowReading(role: IRole): void {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [this.secret.secretArn],
      }),
    );
    this.key.allowThrough('secretsmanager', role, 'kms:Decrypt');
    this.readerArns.push(role.roleArn);
  }

  /** Shuts the secret to every role that {@link allowReading} has not named by now. */
  refuseEverybodyElse(): void {
    new CfnResourcePolicy(this, 'ReadersOnly', {
      secretId: this.secret.secretArn,
      blockPublicPolicy: true,
      resourcePolicy: {
        Version: '2012-10-17',
        Statement: [
          new PolicyStatement({
            sid: 'OnlyTheseFunctionsReadTheKey',
            effect: Effect.DENY,
            principals: [new AnyPrincipal()],
            actions: ['secretsmanager:GetSecretValue'],
            resources: ['*'],
            conditions: { ArnNotEquals: { 'aws:PrincipalArn': this.readerArns } },
          }).toStatementJson(),
        ],
      },
    });
  }
}
