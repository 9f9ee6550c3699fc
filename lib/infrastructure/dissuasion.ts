import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { dissuasionDefinition } from './dissuasion-definition.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import { PipelineTable } from './pipeline-table.ts';
import { createWorkflow, workflowArn } from './pipeline-workflow.ts';
import type { FunctionName, StageConfig } from './stage-config.ts';

export interface DissuasionProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly subjects: PipelineTable;
  readonly registers: PipelineTable;
}

/** Indexes of the cases, and what each is by; in all of them by the time of opening. */
const CASE_INDEXES = {
  'by-state': 'state',
  'by-district': 'district',
  'by-officer': 'lastOfficer',
} as const;

/** Indexes of the tasks: open ones by queue, and all by case. */
const TASK_INDEXES = {
  'by-queue': ['queue', 'dueAt'],
  'by-backup': ['backupQueue', 'dueAt'],
  'by-case': ['caseId', 'assignedAt'],
} as const;

/** The workflow that walks a case up its ladder, the cases and the officers' tasks, and what banks subscribe to. */
export class Dissuasion extends Construct {
  readonly cases: PipelineTable;
  readonly tasks: PipelineTable;
  readonly paymentStop: Topic;
  readonly planMove: PipelineFunction;
  readonly offerTask: PipelineFunction;
  readonly settleTask: PipelineFunction;
  readonly awaitNews: PipelineFunction;
  readonly closeCase: PipelineFunction;
  readonly stateMachine: StateMachine;
  private readonly key: PipelineKey;

  constructor(scope: Construct, id: string, props: DissuasionProps) {
    super(scope, id);
    const { config, key, registers, subjects } = props;
    this.key = key;
    this.cases = new PipelineTable(this, 'Cases', {
      config,
      key,
      partitionKey: { name: 'caseId', type: AttributeType.STRING },
      sortKey: { name: 'item', type: AttributeType.STRING },
    });
    const { STRING, NUMBER } = AttributeType;
    for (const [indexName, attribute] of Object.entries(CASE_INDEXES)) {
      this.cases.table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: attribute, type: STRING },
        sortKey: { name: 'openedAt', type: NUMBER },
      });
    }
    this.tasks = new PipelineTable(this, 'Tasks', {
      config,
      key,
      partitionKey: { name: 'taskId', type: AttributeType.STRING },
      // Both images: officers are told what changed about a task, and a heartbeat is nothing to tell.
      streamed: StreamViewType.NEW_AND_OLD_IMAGES,
    });
    for (const [indexName, [partition, sort]] of Object.entries(TASK_INDEXES)) {
      this.tasks.table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: partition, type: STRING },
        sortKey: { name: sort, type: NUMBER },
      });
    }
    this.paymentStop = new Topic(this, 'PaymentStop', {
      displayName: `Forewarn ${config.stage} payment stops`,
      masterKey: key.key,
      enforceSSL: true,
    });
    this.paymentStop.applyRemovalPolicy(
      config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    );
    const TASKS_TABLE_NAME = this.tasks.table.tableName;
    const aFunction = (
      constructId: string,
      name: FunctionName,
      description: string,
      environment: Record<string, string> = {},
    ) => {
      return new PipelineFunction(this, constructId, {
        name,
        description: `Forewarn: ${description}`,
        config,
        key,
        environment: { CASES_TABLE_NAME: this.cases.table.tableName, ...environment },
      });
    };
    const PAYMENT_STOP_TOPIC_ARN = this.paymentStop.topicArn;
    this.planMove = aFunction('PlanMove', 'plan-move', 'decides what a case does next', {
      PAYMENT_STOP_TOPIC_ARN,
    });
    this.changeCases(this.planMove);
    this.tellBanks(this.planMove);
    this.offerTask = aFunction('OfferTask', 'offer-task', 'puts a task of a case on a queue', {
      TASKS_TABLE_NAME,
      REGISTERS_TABLE_NAME: registers.table.tableName,
    });
    registers.allowItems(this.offerTask, 'dynamodb:GetItem');
    this.cases.allowItems(this.offerTask, 'dynamodb:GetItem');
    this.tasks.allowItems(
      this.offerTask,
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    );
    this.answerWorkflow(this.offerTask);
    this.settleTask = aFunction(
      'SettleTask',
      'settle-task',
      'keeps the outcome of a task and follows it up',
      { TASKS_TABLE_NAME, PAYMENT_STOP_TOPIC_ARN },
    );
    this.changeCases(this.settleTask);
    this.callOffTasks(this.settleTask);
    this.tellBanks(this.settleTask);
    this.awaitNews = aFunction(
      'AwaitNews',
      'await-news',
      'keeps the token by which a watched case hears of news',
    );
    this.changeCases(this.awaitNews);
    this.answerWorkflow(this.awaitNews);
    this.closeCase = aFunction(
      'CloseCase',
      'close-case',
      'keeps what came of a case with the person',
      { SUBJECTS_TABLE_NAME: subjects.table.tableName },
    );
    this.cases.allowItems(this.closeCase, 'dynamodb:GetItem');
    subjects.allowItems(this.closeCase, 'dynamodb:UpdateItem');
    this.stateMachine = this.workflow(config, key);
  }

  /** Lets a function read a case and change it with its timeline. */
  changeCases(grantee: PipelineFunction): void {
    this.cases.allowItems(grantee, 'dynamodb:GetItem', 'dynamodb:PutItem');
  }

  /** Lets a function list cases with their timelines. */
  listCases(grantee: PipelineFunction): void {
    this.cases.allowItems(grantee, 'dynamodb:Query');
    this.cases.allowIndexes(grantee, ...Object.keys(CASE_INDEXES));
  }

  /** Lets a function list tasks. */
  listTasks(grantee: PipelineFunction): void {
    this.tasks.allowIndexes(grantee, ...Object.keys(TASK_INDEXES));
  }

  private tellBanks(grantee: PipelineFunction): void {
    grantee.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['sns:Publish'], resources: [this.paymentStop.topicArn] }),
    );
    // What SNS needs of whoever publishes to a topic under a customer-managed key.
    this.key.allowThrough('sns', grantee, 'kms:Decrypt', 'kms:GenerateDataKey');
  }

  /** Lets a function call off tasks, and answer the workflow by the tokens that it waits on. */
  callOffTasks(grantee: PipelineFunction): void {
    this.tasks.allowItems(grantee, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    this.answerWorkflow(grantee);
  }

  /** Lets a function answer the workflow by the tokens that it waits on. */
  private answerWorkflow(grantee: PipelineFunction): void {
    // By name: the workflow's role names the functions, so they cannot name the workflow.
    const arn = workflowArn(Stack.of(this), 'dissuasion');
    grantee.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['states:SendTaskSuccess'], resources: [arn] }),
    );
    this.key.allowForWorkflow(grantee, arn);
  }

  private workflow(config: StageConfig, key: PipelineKey): StateMachine {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: `Forewarn ${config.stage}: what the dissuasion workflow may do`,
    });
    const arnOf = ({ function: { functionArn } }: PipelineFunction) => functionArn;
    const functions = {
      planMoveArn: arnOf(this.planMove),
      offerTaskArn: arnOf(this.offerTask),
      settleTaskArn: arnOf(this.settleTask),
      awaitNewsArn: arnOf(this.awaitNews),
      closeCaseArn: arnOf(this.closeCase),
    };
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: Object.values(functions),
      }),
    );
    const definition = dissuasionDefinition({
      invoke: `arn:${Aws.PARTITION}:states:::lambda:invoke`,
      invokeAndWait: `arn:${Aws.PARTITION}:states:::lambda:invoke.waitForTaskToken`,
      ...functions,
    });
    return createWorkflow(this, { config, key, name: 'dissuasion', role, definition });
  }
}
