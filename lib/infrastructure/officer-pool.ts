import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRecovery,
  ClientAttributes,
  FeaturePlan,
  Mfa,
  StandardThreatProtectionMode,
  StringAttribute,
  UserPool,
  type UserPoolClient,
  UserPoolGroup,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { OFFICER_GROUPS, type OfficerGroup } from '../api/officer.ts';
import { acknowledge } from './acknowledged-findings.ts';
import type { StageConfig } from './stage-config.ts';

const GROUP_DESCRIPTIONS: Readonly<Record<OfficerGroup, string>> = {
  'call-desk': 'Phones people who are being deceived; sees the whole city',
  station: 'Works the tasks of one police station; sees its districts',
  analyst: 'Reads cases and statistics',
  supervisor: 'Works every queue, closes cases',
  auditor: 'Reads who looked at which number',
};

/** Attributes beside the standard ones; in a token they are called `custom:<name>`. */
const STATION = 'station';
const DISTRICTS = 'districts';

export interface OfficerPoolProps {
  readonly config: StageConfig;
}

/** The officers' accounts. Administrators make them; nobody signs up by himself. */
export class OfficerPool extends Construct {
  readonly pool: UserPool;
  /** Of the command line and the officers' page: neither could keep a secret. */
  readonly client: UserPoolClient;

  constructor(scope: Construct, id: string, props: OfficerPoolProps) {
    super(scope, id);
    const { officers, removalPolicy, stage } = props.config;
    const retained = removalPolicy === 'retain';
    const isProtected = officers.threatProtection === 'enforced';
    this.pool = new UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      signInAliases: { username: true },
      signInCaseSensitive: false,
      passwordPolicy: {
        minLength: 14,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        passwordHistorySize: 10,
        tempPasswordValidity: Duration.days(3),
      },
      mfa: officers.mfa === 'required' ? Mfa.REQUIRED : Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      customAttributes: {
        [STATION]: new StringAttribute({ mutable: true, maxLen: 32 }),
        [DISTRICTS]: new StringAttribute({ mutable: true, maxLen: 2_048 }),
      },
      featurePlan: isProtected ? FeaturePlan.PLUS : FeaturePlan.ESSENTIALS,
      ...(isProtected && {
        standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      }),
      deletionProtection: retained,
      removalPolicy: retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    if (officers.mfa === 'optional') {
      acknowledge(
        this.pool,
        'COG2',
        'Whether officers must use a second factor is the setting officers.mfa: many stations have no ' +
          'telephones for an authenticator app at the desk.',
      );
    }
    if (!isProtected) {
      acknowledge(
        this.pool,
        'COG8',
        'The plan that this rule asks for is priced by user and is not in every region, so it can be ' +
          'left out by the setting officers.threatProtection.',
      );
    }
    for (const groupName of OFFICER_GROUPS) {
      new UserPoolGroup(this, groupName, {
        userPool: this.pool,
        groupName,
        description: GROUP_DESCRIPTIONS[groupName],
      });
    }
    const own = new ClientAttributes().withStandardAttributes({ locale: true });
    this.client = this.pool.addClient('Client', {
      userPoolClientName: `Forewarn-${stage}`,
      generateSecret: false,
      authFlows: { userPassword: true, userSrp: true },
      disableOAuth: true,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      idTokenValidity: Duration.minutes(officers.idTokenMinutes),
      accessTokenValidity: Duration.minutes(officers.idTokenMinutes),
      refreshTokenValidity: Duration.hours(officers.refreshHours),
      // Where nothing is named, Cognito leaves the custom attributes out of tokens …
      readAttributes: own.withCustomAttributes(STATION, DISTRICTS),
      // … and lets everybody write the standard ones, the address by which an account is recovered too.
      writeAttributes: own,
    });
  }

  /** What tokens name as their issuer. */
  get issuer(): string {
    return `https://${this.pool.userPoolProviderName}`;
  }
}
