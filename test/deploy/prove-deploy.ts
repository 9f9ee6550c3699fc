/**
 * Proves the deploy path against a deployer and an emulator that we did not write: `cdk bootstrap` and
 * `cdk deploy` of the dev stage to ministack, then calls in and a warning out.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { readStackOutputs } from '../../functions/adapters/stack-outputs.ts';
import { CASE_PREFIX, WARNING_PREFIX } from '../../functions/adapters/subjects-table.ts';
import { DeployProofError } from './deploy-proof-error.ts';
import { type Emulator, startEmulator, type Text } from './emulator.ts';
import { fitToEmulator, type Template } from './emulator-gaps.ts';
import { eventually } from './eventually.ts';
import { type FraudHistory, fraudHistory } from './fraud-history.ts';
import { preparePython } from './python-environment.ts';
import { runProgram, tail } from './run-program.ts';

const STACK = 'Forewarn-dev';
const REGION = 'us-east-1';
const STEPS = 10;
const CDK_DEADLINE_MS = 240_000;
const CLI_DEADLINE_MS = 60_000;
const PIPELINE_DEADLINE_MS = 120_000;
/** A shell's exit code for a program ended by Ctrl-C. */
const INTERRUPTED = 130;

const root = fileURLToPath(new URL('../../', import.meta.url));
const cdk = join(
  dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json')),
  'bin/cdk',
);
const verbose = process.argv.includes('--verbose');

/** What the steps share. */
interface Proof {
  readonly folder: string;
  readonly emulator: Emulator;
  /** Nothing of this machine but where its programs are. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

async function proveDeploy(folder: string, signal: AbortSignal): Promise<void> {
  const env = {
    // The Node that runs this runs the CDK app and the functions, too.
    PATH: [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
    HOME: folder,
    TMPDIR: folder,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const programs = await step('Python environment with the emulator', () =>
    preparePython(join(root, '.venv-deploy'), join(root, 'test/deploy/requirements.txt'), {
      env: process.env,
      cwd: root,
      signal,
      ...output(),
    }),
  );
  const emulator = await step('the emulator starts', () => startEmulator(programs, env, signal));
  try {
    await deployAndCall({ folder, emulator, env, signal });
  } catch (error) {
    if (!signal.aborted) {
      say(`\n${String(error)}\n\nThe emulator's last lines:\n${tail(emulator.log())}\n`);
    }
    throw error;
  } finally {
    await emulator.stop();
  }
}

async function deployAndCall(proof: Proof): Promise<void> {
  const { folder, signal } = proof;
  const assembly = join(folder, 'assembly');
  await step('cdk bootstrap', () =>
    runCdk(proof, ['bootstrap', '-c', 'stage=dev', '--output', join(folder, 'bootstrap')]),
  );
  const changes = await step('cdk synth', async () => {
    await runCdk(proof, ['synth', '--quiet', '-c', 'stage=dev', '--output', assembly]);
    return fitAssembly(join(assembly, `${STACK}.template.json`));
  });
  for (const change of changes) say(`      but ${change}`);
  await step('cdk deploy', () =>
    runCdk(proof, ['deploy', STACK, '--require-approval', 'never', '--app', assembly]),
  );

  const history = fraudHistory(Date.now());
  const subjects = await subjectsTable(proof);
  await step(`forewarn push of ${history.records.length} calls`, () => pushHistory(proof, history));
  const texts = await step('warnings are sent', () => sentTexts(proof, history, subjects));
  checkTexts(texts, history);
  say(`      ${texts.length} people warned, among them: ${texts[0]?.message}`);
  const task = await step('an officer gets a task and completes it', () => completeTask(proof));
  await eventually('closed case', PIPELINE_DEADLINE_MS, signal, async () => {
    const cases = (await subjects()).filter(({ item }) => item.startsWith(CASE_PREFIX));
    return cases.some(({ status, item }) => status === 'closed' && task.caseId === idOf(item))
      ? true
      : undefined;
  });
  await step('a bad record goes to quarantine', () => quarantineOne(proof));
  await step('a policy is published, and its shadow', () => publishPolicies(proof));
}

/** The template is an asset too, but nobody compares it with the hash in its name. */
async function fitAssembly(file: string): Promise<readonly string[]> {
  const synthesized = JSON.parse(await readFile(file, 'utf8')) as Template;
  const { template, changes } = fitToEmulator(synthesized);
  await writeFile(file, JSON.stringify(template));
  return changes;
}

function runCdk(proof: Proof, args: readonly string[]): Promise<string> {
  return runProgram(process.execPath, [cdk, ...args, '--no-notices', '--ci'], {
    cwd: root,
    env: {
      ...proof.env,
      AWS_ENDPOINT_URL: proof.emulator.endpoint,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CDK_DISABLE_VERSION_CHECK: '1',
    },
    deadlineMs: CDK_DEADLINE_MS,
    signal: proof.signal,
    ...output(),
  });
}

/** The command line as an operator uses it: found by the stack's name, not by an environment variable. */
function runForewarn(proof: Proof, args: readonly string[]): Promise<string> {
  return runCommand(proof, [...args, '--stack', STACK, '--endpoint', proof.emulator.endpoint]);
}

/** @param more environment beside the proof's own */
function runCommand(
  { env, folder, signal }: Proof,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  return runProgram(process.execPath, [join(root, 'bin/forewarn.ts'), ...args], {
    cwd: folder,
    env: { ...env, ...more },
    deadlineMs: CLI_DEADLINE_MS,
    signal,
    ...output(),
  });
}

async function pushHistory(proof: Proof, history: FraudHistory): Promise<void> {
  const file = join(proof.folder, 'calls.jsonl');
  await writeFile(file, history.records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const summary = JSON.parse(await runForewarn(proof, ['push', file, '--json'])) as {
    pushed: number;
  };
  if (summary.pushed !== history.records.length) {
    throw new DeployProofError('not-proven', `Only ${summary.pushed} calls were pushed`);
  }
}

interface SubjectItem {
  readonly item: string;
  readonly status: string | undefined;
}

/** Reads all of the subjects table, and so proves its name among the stack's outputs. */
async function subjectsTable(proof: Proof): Promise<() => Promise<SubjectItem[]>> {
  const config = {
    endpoint: proof.emulator.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
  };
  const outputs = await readStackOutputs(new CloudFormationClient(config), STACK);
  const client = new DynamoDBClient(config);
  return async () => {
    const items: SubjectItem[] = [];
    const TableName = outputs.get('SubjectsTableName') ?? '';
    for await (const page of paginateScan({ client }, { TableName })) {
      for (const { item, status } of page.Items ?? []) {
        items.push({ item: item?.S ?? '', status: status?.S });
      }
    }
    return items;
  };
}

const idOf = (item: string): string => item.slice(item.indexOf('#') + 1);

/** The texts, once every warning in the table is recorded as sent and the one we wait for is among them. */
async function sentTexts(
  { emulator, signal }: Proof,
  history: FraudHistory,
  subjects: () => Promise<SubjectItem[]>,
): Promise<Text[]> {
  let seen = 'none';
  const ask = async (): Promise<Text[] | undefined> => {
    const warnings = (await subjects()).filter(({ item }) => item.startsWith(WARNING_PREFIX));
    const texts = await emulator.texts();
    seen = `${texts.length} texts; ${warnings.map(({ status }) => status).join(' ') || 'no warnings'}`;
    const done =
      texts.some(({ number }) => number === history.longestVictim) &&
      warnings.every(({ status }) => status === 'sent') &&
      warnings.length === texts.length;
    return done ? texts : undefined;
  };
  try {
    return await eventually('warning for everybody', PIPELINE_DEADLINE_MS, signal, ask);
  } catch (cause) {
    if (!(cause instanceof DeployProofError)) throw cause;
    throw new DeployProofError(cause.code, `${cause.message} (at the end: ${seen})`, { cause });
  }
}

function checkTexts(texts: readonly Text[], history: FraudHistory): void {
  const callerTail = history.fraudCaller.slice(-4);
  const numbers = texts.map(({ number }) => number);
  const strangers = numbers.filter((number) => !history.victims.includes(number));
  const problems = [
    ...(strangers.length > 0 ? [`${strangers.length} texts went to people who need none`] : []),
    ...(new Set(numbers).size < numbers.length ? ['somebody was texted twice'] : []),
    ...(texts.every(({ message }) => message.includes(callerTail))
      ? []
      : ["a text does not show the tail of the caller's number"]),
    ...(texts.every(({ attributes }) => 'AWS.SNS.SMS.SMSType' in attributes)
      ? []
      : ['a text does not say that it is Transactional']),
  ];
  if (problems.length > 0) throw new DeployProofError('not-proven', problems.join('; '));
}

interface ListedTask {
  readonly taskId: string;
  readonly caseId: string;
}

async function completeTask(proof: Proof): Promise<ListedTask> {
  const env = await officerOf(proof);
  const runAsOfficer = (args: readonly string[]) => runCommand(proof, ['task', ...args], env);
  const task = await eventually('task', PIPELINE_DEADLINE_MS, proof.signal, async () => {
    const listed = JSON.parse(await runAsOfficer(['list', '--json'])) as { tasks: ListedTask[] };
    return listed.tasks[0];
  });
  await runAsOfficer(['claim', task.taskId]);
  // Ends the case at once; of somebody dissuaded it watches for days.
  await runAsOfficer(['complete', task.taskId, '--outcome', 'not-a-fraud']);
  return task;
}

/** An officer of the call desk, as the command line is told of one. */
async function officerOf({ emulator }: Proof): Promise<Record<string, string>> {
  const config = {
    endpoint: emulator.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
  };
  const outputs = await readStackOutputs(new CloudFormationClient(config), STACK);
  const cognito = new CognitoIdentityProviderClient(config);
  const password = `Aa1-${randomUUID()}`;
  const user = { UserPoolId: outputs.get('UserPoolId'), Username: 'desk-1' };
  await cognito.send(
    new AdminCreateUserCommand({
      ...user,
      MessageAction: 'SUPPRESS',
      // The emulator makes one up that its own rules refuse.
      TemporaryPassword: `Bb2-${randomUUID()}`,
    }),
  );
  await cognito.send(
    new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }),
  );
  await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName: 'call-desk' }));
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      ClientId: outputs.get('UserPoolClientId'),
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'desk-1', PASSWORD: password },
    }),
  );
  // The emulator's own address of an API is no name that resolves: it is found by its id.
  const [, api] = /\/\/([a-z0-9]+)\./.exec(outputs.get('OfficersApiUrl') ?? '') ?? [];
  return {
    FOREWARN_API_URL: `${emulator.endpoint}/_aws/execute-api/${api}/$default`,
    FOREWARN_ID_TOKEN: AuthenticationResult?.IdToken ?? '',
  };
}

async function quarantineOne(proof: Proof): Promise<void> {
  const file = join(proof.folder, 'bad.jsonl');
  const bad = {
    caller: '+8613912340001',
    callee: '+8613912340001',
    start: Date.now(),
    duration: 5,
  };
  await writeFile(file, `${JSON.stringify(bad)}\n`);
  await runForewarn(proof, ['push', file, '--no-validate', '--quiet']);
  await eventually('record in quarantine', PIPELINE_DEADLINE_MS, proof.signal, async () => {
    const listed = await runForewarn(proof, ['quarantine', 'list', '--json']);
    return listed.includes('caller-is-callee') ? true : undefined;
  });
}

interface ListedPolicy {
  readonly track: string;
  readonly inForce: boolean;
  readonly policy: { readonly version: number } | null;
}

async function publishPolicies(proof: Proof): Promise<void> {
  const current = JSON.parse(await runForewarn(proof, ['policy', 'show'])) as { version: number };
  const publish = async (version: number, ...options: readonly string[]): Promise<void> => {
    const file = join(proof.folder, `policy-${version}.json`);
    await writeFile(file, JSON.stringify({ ...current, version }));
    await runForewarn(proof, ['policy', 'publish', file, ...options]);
  };
  await publish(current.version + 2, '--shadow');
  // Watched for minutes, which need not pass here.
  await publish(current.version + 1, '--no-wait');
  const listed = JSON.parse(
    await runForewarn(proof, ['policy', 'status', '--json']),
  ) as ListedPolicy[];
  const inForce = listed.filter((one) => one.inForce);
  const found = inForce.map(({ track, policy }) => `${track} ${policy?.version}`).sort();
  const wanted = [`live ${current.version + 1}`, `shadow ${current.version + 2}`];
  if (found.join() !== wanted.join()) {
    throw new DeployProofError('not-proven', `In force is ${found.join(', ') || 'nothing'}`);
  }
  await runForewarn(proof, ['policy', 'rollback']);
}

let stepsBegun = 0;

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  stepsBegun++;
  const label = `[${stepsBegun}/${STEPS}] ${name}`;
  process.stdout.write(verbose ? `${label} …\n` : `${label} … `);
  const startedAt = performance.now();
  try {
    const result = await work();
    say(`${verbose ? label : ''} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`.trim());
    return result;
  } catch (error) {
    say('failed');
    throw error;
  }
}

function output(): { onOutput?: (text: string) => void } {
  return verbose ? { onOutput: (text) => process.stdout.write(text) } : {};
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<number> {
  const interruption = new AbortController();
  const interrupt = (): void =>
    interruption.abort(new DeployProofError('interrupted', 'Interrupted'));
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const startedAt = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'forewarn-deploy-'));
  try {
    await proveDeploy(folder, interruption.signal);
    say(`The deploy path holds (${((performance.now() - startedAt) / 1000).toFixed(0)} s).`);
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) {
      say('Interrupted; everything is cleaned up.');
      return INTERRUPTED;
    }
    if (!(error instanceof DeployProofError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return 1;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

process.exitCode = await main();
