import { fileURLToPath } from 'node:url';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { ArchiveColumn } from '../archive/archived-call.ts';
import { PARTITION_COLUMNS } from '../archive/archived-call.ts';
import { LISTS_TABLE, STUDY_TABLES } from '../study/study-tables.ts';
import type { Archive, ArchivePrefix } from './archive.ts';
import { INTEGRATIONS } from './archive-workflow.ts';
import type { Campaigns } from './campaigns.ts';
import type { Dissuasion } from './dissuasion.ts';
import { NightlyWorkflow } from './nightly-workflow.ts';
import type { NumberLists } from './number-lists.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineTable } from './pipeline-table.ts';
import type { PolicyDelivery } from './policy-delivery.ts';
import type { StageConfig } from './stage-config.ts';
import { studyDefinition } from './study-definition.ts';

/** Local time: the day that ended has been compacted. */
const LOCAL_MINUTES = 4 * 60 + 30;

const DAY_PARTITION = PARTITION_COLUMNS.filter(({ name }) => name === 'day');
const LIST_PARTITION: ArchiveColumn = {
  name: 'list',
  duckdb: 'VARCHAR',
  glue: 'string',
  meaning: 'digest of its numbers',
};

export interface DailyStudyProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly archive: Archive;
  readonly subjects: PipelineTable;
  readonly profiles: PipelineTable;
  readonly numberLists: NumberLists;
  readonly policies: PolicyDelivery;
  readonly dissuasion: Dissuasion;
  readonly campaigns: Campaigns;
}

/**
 * Every night: studies the day that ended for what no single call showed, writes its report into the archive, and hands
 * what was found back to those who judge calls.
 */
export class DailyStudy extends Construct {
  readonly function: PipelineFunction;
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: DailyStudyProps) {
    super(scope, id);
    const {
      archive,
      campaigns,
      config,
      dissuasion,
      key,
      numberLists,
      policies,
      profiles,
      subjects,
    } = props;
    this.addTables(archive, config);
    this.function = new PipelineFunction(this, 'StudyDay', {
      name: 'study-day',
      description: 'Forewarn: says what the study of a day asks next, and what it found',
      config,
      key,
      environment: {
        ARCHIVE_BUCKET_NAME: archive.bucket.bucketName,
        SUBJECTS_TABLE_NAME: subjects.table.tableName,
        CASES_TABLE_NAME: dissuasion.cases.table.tableName,
        LISTS_TABLE_NAME: numberLists.lists.table.tableName,
        CAMPAIGN_FUNCTION_NAME: campaigns.keep.function.functionName,
        CAMPAIGN_AUDIENCE_FUNCTION_NAME: campaigns.audience.function.functionName,
        PROFILES_TABLE_NAME: profiles.table.tableName,
        UTC_OFFSET_MINUTES: String(config.archive.utcOffsetMinutes),
        ...policies.settings('live'),
      },
      files: { questions: fileURLToPath(new URL('../study/questions/', import.meta.url)) },
    });
    this.allowStudying(props);
    const nightly = new NightlyWorkflow(this, 'Night', {
      config,
      key,
      archive,
      name: 'daily-study',
      does: 'studies the day',
      localMinutes: LOCAL_MINUTES,
      functions: [this.function],
      definition: studyDefinition({
        ...INTEGRATIONS,
        studyDayArn: this.function.function.functionArn,
        database: archive.databaseName,
        workGroup: archive.workGroup.name,
      }),
    });
    const tables = [...STUDY_TABLES, LISTS_TABLE].map(({ name }) => name);
    archive.allowAsking(nightly.role, 'calls', ...tables);
    for (const name of tables) archive.allowWriting(nightly.role, `${name}/`);
    this.stateMachine = nightly.stateMachine;
  }

  private addTables(archive: Archive, config: StageConfig): void {
    const { answerDays, callDays } = config.archive;
    for (const { columns, name } of STUDY_TABLES) {
      archive.addTable(idOf(name), {
        name,
        columns,
        partitions: DAY_PARTITION,
        projection: archive.projectionOfDays(config, callDays),
      });
      archive.expire(`${name}/`, callDays);
    }
    archive.addTable(idOf(LISTS_TABLE.name), {
      ...LISTS_TABLE,
      partitions: [LIST_PARTITION],
      // Named by whoever asks: there is no telling which lists there are.
      projection: { 'projection.list.type': 'injected' },
    });
    archive.expire(`${LISTS_TABLE.name}/`, answerDays);
    archive.expire('studies/', callDays);
  }

  private allowStudying(props: DailyStudyProps): void {
    const { archive, campaigns, dissuasion, key, numberLists, policies, profiles, subjects } =
      props;
    const { role } = this.function;
    const tables = [...STUDY_TABLES, LISTS_TABLE].map(({ name }): ArchivePrefix => `${name}/`);
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [archive.bucket.bucketArn] }),
    );
    archive.allowAnswers(role);
    archive.allowObjects(role, tables, 's3:DeleteObject');
    archive.allowObjects(role, ['studies/'], 's3:GetObject', 's3:PutObject');
    archive.allowObjects(role, ['references/'], 's3:GetObject');
    key.allowThrough('s3', role, 'kms:Decrypt', 'kms:GenerateDataKey');
    subjects.allowIndexes(this.function, 'decisions');
    subjects.allowItems(this.function, 'dynamodb:BatchGetItem');
    numberLists.lists.allowItems(
      this.function,
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    );
    profiles.allowItems(this.function, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    policies.allowReading(this.function, 'live');
    dissuasion.cases.allowIndexes(this.function, 'by-state');
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [campaigns.keep, campaigns.audience].map((one) => one.function.functionArn),
      }),
    );
  }
}

function idOf(table: string): string {
  return table.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
