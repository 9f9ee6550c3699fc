import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SetSMSAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';

const run = promisify(execFile);
const CDK_APP = fileURLToPath(new URL('../app.ts', import.meta.url));
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

export const LOCAL_STACK = 'Forewarn-local';

/** The CDK app could not be synthesized; the message is what it printed. */
export class SynthError extends Error {
  readonly code = 'SYNTH_FAILED';
  override readonly name = 'SynthError';
}

/**
 * Synthesizes the `local` stage of the CDK app.
 *
 * @param settings laid over the stage's own, as by `-c config=FILE`
 * @throws SynthError
 */
export async function synthesizeLocalStage(into: string, settings?: object): Promise<void> {
  const context: Record<string, string> = {};
  if (settings !== undefined) {
    context.config = join(into, 'settings.json');
    await writeFile(context.config, JSON.stringify(settings));
  }
  try {
    await run(process.execPath, [CDK_APP], {
      cwd: PROJECT,
      env: {
        ...process.env,
        CDK_CONTEXT_JSON: JSON.stringify(context),
        CDK_OUTDIR: into,
        FOREWARN_STAGE: 'local',
      },
    });
  } catch (cause) {
    const { stderr } = cause as { stderr?: string };
    throw new SynthError(`the CDK app could not be synthesized:\n${stderr ?? ''}`, { cause });
  }
}

/**
 * Lets SNS log what becomes of texts, as whoever deploys does once by the command of docs/deploying.md. Without it no
 * text is ever known to have arrived.
 */
export async function logTextDeliveries({
  credentials,
  endpoint,
  outputs,
  region,
}: LocalCloud): Promise<void> {
  const client = new SNSClient({ credentials, endpoint, region });
  try {
    await client.send(
      new SetSMSAttributesCommand({
        attributes: {
          DeliveryStatusIAMRole: outputs.SmsDeliveryRoleArn ?? '',
          DeliveryStatusSuccessSamplingRate: '100',
        },
      }),
    );
  } finally {
    client.destroy();
  }
}

export interface LocalStackOptions {
  readonly port?: number;
  /** Settings of the stage that differ. */
  readonly settings?: object;
  /** Minutes of alarms in a real one. */
  readonly alarmSpeed?: number;
  /** Where all data is kept for the next start; absent for a run that leaves nothing. */
  readonly dataDir?: string;
  readonly onLog?: (functionName: string, line: string) => void;
  /** Told what is going on while it takes its time. */
  readonly onStep?: (step: string) => void;
}

async function ownVersion(): Promise<string> {
  const text = await readFile(join(PROJECT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Synthesizes the app and runs it on this machine. Closing it leaves nothing behind but the data folder. */
export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalCloud> {
  const assemblyDir = await mkdtemp(join(tmpdir(), 'forewarn-assembly-'));
  try {
    options.onStep?.('synthesizing the CDK app');
    await synthesizeLocalStage(assemblyDir, options.settings);
    options.onStep?.('starting the local cloud');
    const cloud = await startLocalCloud({
      assemblyDir,
      stackName: LOCAL_STACK,
      port: options.port ?? 0,
      warm: true,
      ...(options.alarmSpeed === undefined ? {} : { alarmSpeed: options.alarmSpeed }),
      ...(options.dataDir === undefined
        ? {}
        : { dataDir: options.dataDir, version: await ownVersion() }),
      ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
    });
    await logTextDeliveries(cloud);
    return cloud;
  } finally {
    await rm(assemblyDir, { recursive: true, force: true });
  }
}
