import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CfnApplication,
  CfnConfigurationProfile,
  CfnDeployment,
  CfnDeploymentStrategy,
  CfnEnvironment,
  CfnHostedConfigurationVersion,
} from 'aws-cdk-lib/aws-appconfig';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from './acknowledged-findings.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { StageConfig } from './stage-config.ts';

/** The two policies that run side by side: one acts, the other is only recorded. */
const TRACKS = ['live', 'shadow'] as const;
export type PolicyTrack = (typeof TRACKS)[number];

/** What the profiles are called, in the console and in the answers of AppConfig. */
const PROFILE_NAMES: Readonly<Record<PolicyTrack, string>> = {
  live: 'policy',
  shadow: 'shadow-policy',
};

/**
 * What a new stack publishes: that the policy is the one its functions bring along, and that there is no
 * shadow. The live one is a pointer and not the document: a document would change with the code, and the
 * next deploy of the stack would publish it over whatever analysts had published since.
 */
const FIRST_DOCUMENTS: Readonly<Record<PolicyTrack, string>> = {
  live: '{"policy":"bundled"}',
  shadow: '{"shadow":"none"}',
};

/** Which setting of a function names the profile. */
const PROFILE_SETTINGS: Readonly<Record<PolicyTrack, string>> = {
  live: 'POLICY_PROFILE_ID',
  shadow: 'SHADOW_POLICY_PROFILE_ID',
};

export interface PolicyDeliveryProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
}

/**
 * Where policies are published, and from where the functions read them: one AppConfig application with a
 * profile for the live policy and one for its shadow. The policy holds nothing about any person, so it is
 * encrypted under AppConfig's own key.
 */
export class PolicyDelivery extends Construct {
  /** Checks every document before it can go live, by the same code that the functions read it with. */
  readonly validator: PipelineFunction;
  readonly applicationId: string;
  readonly environmentId: string;
  readonly profileIds: Readonly<Record<PolicyTrack, string>>;
  /** To everybody at once, then watched for a while. */
  readonly watchedStrategyId: string;
  /** To everybody at once, and done: for taking something back, and for what cannot do harm. */
  readonly immediateStrategyId: string;
  private readonly environment: CfnEnvironment;
  private readonly pollSeconds: number;

  constructor(scope: Construct, id: string, props: PolicyDeliveryProps) {
    super(scope, id);
    const { config, key } = props;
    const { stackName } = Stack.of(this);
    this.pollSeconds = config.policy.pollSeconds;
    this.validator = new PipelineFunction(this, 'Validator', {
      name: 'validate-policy',
      description: 'Forewarn: refuses policy documents that the pipeline could not use',
      config,
      key,
      environment: {},
    });
    this.validator.function.addPermission('AppConfigValidates', {
      principal: new ServicePrincipal('appconfig.amazonaws.com'),
    });
    const application = new CfnApplication(this, 'Application', {
      name: stackName,
      description: 'Forewarn: the policies by which people are warned',
    });
    this.applicationId = application.ref;
    const deletion = {
      deletionProtectionCheck: config.removalPolicy === 'retain' ? 'APPLY' : 'BYPASS',
    };
    this.environment = new CfnEnvironment(this, 'Environment', {
      applicationId: this.applicationId,
      name: config.stage,
      ...deletion,
    });
    this.environmentId = this.environment.ref;
    this.watchedStrategyId = this.strategy('Watched', config.policy.bakeMinutes);
    this.immediateStrategyId = this.strategy('Immediate', 0);
    const profiles = TRACKS.map((track) => {
      const profile = new CfnConfigurationProfile(this, track === 'live' ? 'Live' : 'Shadow', {
        applicationId: this.applicationId,
        name: PROFILE_NAMES[track],
        type: 'AWS.Freeform',
        locationUri: 'hosted',
        validators: [{ type: 'LAMBDA', content: this.validator.function.functionArn }],
        ...deletion,
      });
      // AppConfig must be allowed to ask it by the time of the first document.
      profile.node.addDependency(this.validator);
      return profile;
    });
    this.profileIds = { live: profiles[0]?.ref ?? '', shadow: profiles[1]?.ref ?? '' };
    const documents = this.publishFirst();
    const parts = [application, this.environment, ...profiles, ...documents];
    for (const part of parts) {
      part.applyRemovalPolicy(
        config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      );
    }
  }

  /** The settings that tell a function where its policies are. */
  settings(...tracks: readonly PolicyTrack[]): Record<string, string> {
    return {
      POLICY_APPLICATION_ID: this.applicationId,
      POLICY_ENVIRONMENT_ID: this.environmentId,
      POLICY_POLL_SECONDS: String(this.pollSeconds),
      ...Object.fromEntries(
        tracks.map((track) => [PROFILE_SETTINGS[track], this.profileIds[track]]),
      ),
    };
  }

  /** Lets a function read the policies of some tracks, as they are in this stage. */
  allowReading(reader: PipelineFunction, ...tracks: readonly PolicyTrack[]): void {
    reader.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['appconfig:GetLatestConfiguration', 'appconfig:StartConfigurationSession'],
        resources: tracks.map((track) => this.deployedArn(track)),
      }),
    );
  }

  /** Takes a policy back by itself when an alarm goes off while it is watched. */
  rollBackOn(alarm: Alarm): void {
    const role = new Role(this, 'MonitorRole', {
      assumedBy: new ServicePrincipal('appconfig.amazonaws.com'),
      description: 'Forewarn: lets AppConfig see the alarm that takes a policy back',
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }),
    );
    acknowledgeWildcard(
      role,
      '*',
      'AppConfig asks for the states of alarms in one list, which CloudWatch allows on all resources only.',
    );
    this.environment.node.addDependency(role);
    this.environment.monitors = [{ alarmArn: alarm.alarmArn, alarmRoleArn: role.roleArn }];
  }

  private strategy(id: string, bakeMinutes: number): string {
    const { stackName } = Stack.of(this);
    return new CfnDeploymentStrategy(this, id, {
      name: `${stackName}-${id.toLowerCase()}`,
      deploymentDurationInMinutes: 0,
      finalBakeTimeInMinutes: bakeMinutes,
      growthFactor: 100,
      growthType: 'LINEAR',
      replicateTo: 'NONE',
    }).ref;
  }

  /** A new stack has something published from the start. The documents never change, so no later deploy does. */
  private publishFirst(): CfnHostedConfigurationVersion[] {
    let before: CfnDeployment | undefined;
    return TRACKS.map((track) => {
      const id = track === 'live' ? 'FirstLive' : 'FirstShadow';
      const document = new CfnHostedConfigurationVersion(this, id, {
        applicationId: this.applicationId,
        configurationProfileId: this.profileIds[track],
        content: FIRST_DOCUMENTS[track],
        contentType: 'application/json',
        description: 'As the stack was made',
      });
      const deployment = new CfnDeployment(this, `${id}Deployment`, {
        applicationId: this.applicationId,
        environmentId: this.environmentId,
        configurationProfileId: this.profileIds[track],
        configurationVersion: document.ref,
        deploymentStrategyId: this.immediateStrategyId,
      });
      // An environment takes one deployment at a time.
      if (before !== undefined) deployment.node.addDependency(before);
      before = deployment;
      return document;
    });
  }

  private deployedArn(track: PolicyTrack): string {
    return Stack.of(this).formatArn({
      service: 'appconfig',
      resource: 'application',
      resourceName: `${this.applicationId}/environment/${this.environmentId}/configuration/${this.profileIds[track]}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}
