import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AlarmTopic } from './alarm-topic.ts';
import { Archive } from './archive.ts';
import { ArchiveCompaction } from './archive-compaction.ts';
import { Campaigns } from './campaigns.ts';
import { ContactSearch } from './contact-search.ts';
import { DailyStudy } from './daily-study.ts';
import { DeliveryLog } from './delivery-log.ts';
import { Dissuasion } from './dissuasion.ts';
import { ExplainNumber } from './explain-number.ts';
import { Intake } from './intake.ts';
import { LiveUpdates } from './live-updates.ts';
import { NumberLists } from './number-lists.ts';
import { OfficerPool } from './officer-pool.ts';
import { OfficersApi } from './officers-api.ts';
import { OpenCases } from './open-cases.ts';
import { PipelineAlarms } from './pipeline-alarms.ts';
import { PipelineDashboards } from './pipeline-dashboards.ts';
import { PipelineKey } from './pipeline-key.ts';
import { PipelineStream } from './pipeline-stream.ts';
import { WORKFLOWS, workflowArn } from './pipeline-workflow.ts';
import { PolicyDelivery } from './policy-delivery.ts';
import { QuarantineBucket } from './quarantine-bucket.ts';
import { RecordDelivery } from './record-delivery.ts';
import { Registers } from './registers.ts';
import { ScoreNumbers } from './score-numbers.ts';
import { ScoreSubjects } from './score-subjects.ts';
import { SealingSecret } from './sealing-secret.ts';
import { SendWarnings } from './send-warnings.ts';
import type { StageConfig, StageName, StreamName } from './stage-config.ts';

/** The name of a stage's stack. */
function stackName(stage: StageName): string {
  return `Forewarn-${stage}`;
}

/** The whole pipeline of one stage. */
export class ForewarnStack extends Stack {
  constructor(scope: Construct, config: StageConfig) {
    super(scope, stackName(config.stage), {
      description: 'Forewarn: warns people while a phone fraudster is talking to them',
      env: {
        ...(config.account !== undefined && { account: config.account }),
        ...(config.region !== undefined && { region: config.region }),
      },
      terminationProtection: config.removalPolicy === 'retain',
    });
    const key = new PipelineKey(this, 'Key', {
      config,
      stateMachineArns: WORKFLOWS.map((name) => workflowArn(this, name)),
    });
    const stream = (id: string, name: StreamName) =>
      new PipelineStream(this, id, { name, config, key, measuresShards: name === 'calls' });
    const calls = stream('Calls', 'calls');
    const legs = stream('Legs', 'legs');
    const exposures = stream('Exposures', 'exposures');
    const quarantine = new QuarantineBucket(this, 'Quarantine', { config, key });
    const sealing = new SealingSecret(this, 'Sealing', { config, key });

    const registers = new Registers(this, 'Registers', { config, key, sealing });
    const policies = new PolicyDelivery(this, 'Policy', { config, key });

    const intake = new Intake(this, 'Intake', { config, key, calls, legs, quarantine, sealing });
    const scoreNumbers = new ScoreNumbers(this, 'ScoreNumbers', {
      config,
      key,
      legs,
      exposures,
      quarantine,
      policies,
    });
    const scoreSubjects = new ScoreSubjects(this, 'ScoreSubjects', {
      config,
      key,
      exposures,
      quarantine,
      policies,
      registers: registers.table,
    });
    const { subjects } = scoreSubjects;
    scoreNumbers.keepFindingsIn(subjects);
    const sendWarnings = new SendWarnings(this, 'SendWarnings', {
      config,
      key,
      subjects,
      quarantine,
      policies,
      sealing,
    });
    const deliveryLog = new DeliveryLog(this, 'DeliveryLog', { config, key });
    const recordDelivery = new RecordDelivery(this, 'RecordDelivery', {
      config,
      key,
      log: deliveryLog,
      subjects,
      quarantine,
      policies,
      retries: sendWarnings.retries,
      deadLetters: sendWarnings.deadLetters,
    });
    const dissuasion = new Dissuasion(this, 'Dissuasion', {
      config,
      key,
      subjects,
      registers: registers.table,
    });
    const openCases = new OpenCases(this, 'OpenCases', {
      config,
      key,
      subjects,
      profiles: scoreNumbers.profiles,
      registers: registers.table,
      dissuasion,
      quarantine,
    });
    const explainNumber = new ExplainNumber(this, 'ExplainNumber', {
      config,
      key,
      subjects,
      sealing,
    });
    const campaigns = new Campaigns(this, 'Campaigns', {
      config,
      key,
      subjects,
      registers: registers.table,
      quarantine,
      policies,
      sealing,
    });
    const officers = new OfficerPool(this, 'Officers', { config });
    const live = new LiveUpdates(this, 'LiveUpdates', { config, key, tasks: dissuasion.tasks });
    const numberLists = new NumberLists(this, 'NumberLists', { config, key });
    const archive = new Archive(this, 'Archive', { config, key, legs, quarantine });
    const contacts = new ContactSearch(this, 'Contacts', {
      config,
      key,
      archive,
      exposures,
      profiles: scoreNumbers.profiles,
      policies,
    });
    const officersApi = new OfficersApi(this, 'OfficersApi', {
      config,
      key,
      officers,
      live,
      dissuasion,
      subjects,
      registers: registers.table,
      policies,
      sealing,
      profiles: scoreNumbers.profiles,
      exposures,
      numberLists,
      campaigns,
      contacts,
    });
    sealing.refuseEverybodyElse();
    const compaction = new ArchiveCompaction(this, 'Compaction', { config, key, archive });
    const study = new DailyStudy(this, 'Study', {
      config,
      key,
      archive,
      subjects,
      profiles: scoreNumbers.profiles,
      policies,
      dissuasion,
      numberLists,
      campaigns,
    });

    const alarmTopic = new AlarmTopic(this, 'AlarmTopic', { config, key });
    const watched = {
      config,
      calls,
      // Not the validator: it fails whenever it refuses a document, and tells whoever published it.
      functions: [
        intake.function,
        scoreNumbers.function,
        scoreSubjects.function,
        sendWarnings.function,
        recordDelivery.function,
        openCases.function,
        dissuasion.planMove,
        dissuasion.offerTask,
        dissuasion.settleTask,
        dissuasion.awaitNews,
        dissuasion.closeCase,
        ...Object.values(officersApi.functions),
        live.connect,
        live.push,
        campaigns.audience,
        campaigns.keep,
        campaigns.send,
        archive.function,
        compaction.clearDay,
        study.function,
        contacts.function,
      ],
      sources: [
        { source: intake.source, consumer: intake.function },
        { source: scoreNumbers.source, consumer: scoreNumbers.function },
        { source: scoreSubjects.source, consumer: scoreSubjects.function },
        { source: sendWarnings.source, consumer: sendWarnings.function },
        { source: openCases.source, consumer: openCases.function },
        { source: live.source, consumer: live.push },
        { source: archive.source, consumer: archive.function },
      ],
      tables: {
        profiles: scoreNumbers.profiles,
        subjects,
        cases: dissuasion.cases,
        tasks: dissuasion.tasks,
        requests: officersApi.requests,
        audit: officersApi.audit,
        lists: numberLists.lists,
        clues: numberLists.clues,
        connections: live.connections,
        campaigns: campaigns.table,
      },
      retries: sendWarnings.retries,
      deadLetters: sendWarnings.deadLetters,
      stateMachine: dissuasion.stateMachine,
      campaignWorkflow: campaigns.stateMachine,
      officersApi: officersApi.api,
      archiveDelivery: archive.delivery,
      archiveCompaction: compaction.stateMachine,
      dailyStudy: study.stateMachine,
      contactSearch: contacts.stateMachine,
    };
    const alarms = new PipelineAlarms(this, 'Alarms', { watched, topic: alarmTopic.topic });
    policies.rollBackOn(alarms.policyRefused);
    new PipelineDashboards(this, 'Dashboards', { watched, alarms: alarms.all });

    this.output('CallsStreamName', calls.stream.streamName, 'Where operators push call records');
    this.output('LegsStreamName', legs.stream.streamName, 'Sealed legs, one party of a call each');
    this.output('ExposuresStreamName', exposures.stream.streamName, 'Risky calls by subject');
    this.output('ProfilesTableName', scoreNumbers.profiles.table.tableName, 'Numbers as callers');
    this.output('SubjectsTableName', subjects.table.tableName, 'Subjects, warnings and cases');
    this.output('CasesTableName', dissuasion.cases.table.tableName, 'Cases and their timelines');
    this.output('TasksTableName', dissuasion.tasks.table.tableName, 'Officers’ tasks');
    this.output('QuarantineBucketName', quarantine.bucket.bucketName, 'Records handed back');
    this.output('SealingSecretArn', sealing.secret.secretArn, 'The key of the number tokens');
    this.output(
      'DissuasionStateMachineArn',
      dissuasion.stateMachine.stateMachineArn,
      'The workflow of a case',
    );
    this.output('WarningRetriesQueueUrl', sendWarnings.retries.queueUrl, 'Deferred warnings');
    this.output(
      'SmsDeliveryRoleArn',
      deliveryLog.role.roleArn,
      'Lets SNS log what became of texts',
    );
    this.output('PolicyApplicationId', policies.applicationId, 'Where policies are published');
    this.output('PolicyEnvironmentId', policies.environmentId, 'Where they are in force');
    this.output('PolicyProfileId', policies.profileIds.live, 'The live policy');
    this.output('ShadowPolicyProfileId', policies.profileIds.shadow, 'The policy on trial');
    this.output('PolicyStrategyId', policies.watchedStrategyId, 'Publishes, and watches');
    this.output('PolicyImmediateStrategyId', policies.immediateStrategyId, 'Publishes at once');
    this.output('ExplainFunctionName', explainNumber.function.function.functionName, 'Tells why');
    this.output(
      'RegisterFunctionName',
      registers.function.function.functionName,
      'Keeps stations, contacts, people in care and audience',
    );
    this.output('PaymentStopTopicArn', dissuasion.paymentStop.topicArn, 'What banks subscribe to');
    this.output('OfficersApiUrl', officersApi.api.apiEndpoint, 'What officers work with');
    this.output('LiveUpdatesUrl', live.url, 'Where pages connect, with a ticket');
    this.output('UserPoolId', officers.pool.userPoolId, 'The officers’ accounts');
    this.output('UserPoolClientId', officers.client.userPoolClientId, 'Whom they sign in to');
    this.output('AuditTableName', officersApi.audit.table.tableName, 'Who looked at which number');
    this.output(
      'ListsTableName',
      numberLists.lists.table.tableName,
      'What officers say of numbers',
    );
    this.output('CluesTableName', numberLists.clues.table.tableName, 'What the public reports');
    this.output('RequestsTableName', officersApi.requests.table.tableName, 'Writes done already');
    this.output('ConnectionsTableName', live.connections.table.tableName, 'Pages connected now');
    this.output('CampaignsTableName', campaigns.table.table.tableName, 'Campaigns and notices');
    this.output('CampaignListsBucketName', campaigns.lists.bucketName, 'Whom campaigns text');
    this.output(
      'CampaignAudienceFunctionName',
      campaigns.audience.function.functionName,
      'Plans campaigns, and counts their effect',
    );
    this.output(
      'CampaignFunctionName',
      campaigns.keep.function.functionName,
      'Starts, stops and resumes campaigns',
    );
    this.output(
      'CampaignStateMachineArn',
      campaigns.stateMachine.stateMachineArn,
      'The workflow of a campaign',
    );
    this.output('ArchiveBucketName', archive.bucket.bucketName, 'Every call, sealed');
    this.output('ArchiveDatabaseName', archive.databaseName, 'Its tables, for Athena');
    this.output('ArchiveWorkGroupName', archive.workGroup.name, 'In which Athena is asked');
    this.output('ArchiveDeliveryStreamName', archive.delivery.ref, 'Lays calls into the archive');
    this.output(
      'ArchiveCompactionStateMachineArn',
      compaction.stateMachine.stateMachineArn,
      'Makes one row a call, every night',
    );
    this.output(
      'DailyStudyStateMachineArn',
      study.stateMachine.stateMachineArn,
      'Studies the day that ended, every night',
    );
    this.output(
      'ContactSearchStateMachineArn',
      contacts.stateMachine.stateMachineArn,
      'Searches the archive for the contacts of a case number',
    );
    this.output('AlarmTopicArn', alarmTopic.topic.topicArn, 'Where alarms go');

    for (const [name, value] of Object.entries(config.tags)) Tags.of(this).add(name, value);
  }

  /** Other tools find a stack's parts by these names, so they carry no CDK hash. */
  private output(name: string, value: string, description: string): void {
    new CfnOutput(this, `Output${name}`, { value, description }).overrideLogicalId(name);
  }
}
