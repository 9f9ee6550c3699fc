import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import Table from 'cli-table3';
import type { Reason, Track } from '../../lib/domain/exposure.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { NO_SHADOW_POLICY } from '../../lib/domain/published-policy.ts';
import { clientConfig, stackOutputs } from '../aws-connection.ts';
import type {
  CompareOptions,
  DiffOptions,
  JsonOption,
  PublishOptions,
  RollbackOptions,
  ShowPolicyOptions,
  StatusOptions,
} from '../commands/policy.ts';
import type { ConnectionOptions } from '../connection-options.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { compareDecisions } from '../policy/decision-comparison.ts';
import { followDeployment, waiting } from '../policy/follow-deployment.ts';
import { policyChanges } from '../policy/policy-changes.ts';
import { readPolicyFile } from '../policy/policy-file.ts';
import {
  createPublishedPolicies,
  findPolicyPlace,
  inForce,
  isUnderWay,
  type PolicyDeployment,
  type PublishedDocument,
  type PublishedPolicies,
  PublishingError,
} from '../policy/published-policies.ts';
import {
  decisionsOfDay,
  pointsOfCaller,
  type RecordedDecision,
} from '../policy/recorded-decisions.ts';
import { safeJson } from '../terminal/plain-text.ts';
import { print, remark } from '../terminal/print.ts';

const trackOf = ({ shadow }: { readonly shadow?: true }): Track => (shadow ? 'shadow' : 'live');

async function openPolicies(options: ConnectionOptions): Promise<PublishedPolicies> {
  return createPublishedPolicies(
    new AppConfigClient(clientConfig(options)),
    await findPolicyPlace(options),
  );
}

/** Checks a file. Returns the exit code. */
export async function validatePolicy(file: string, options: JsonOption): Promise<number> {
  const policy = await readPolicyFile(file);
  if (options.json) printJson({ valid: true, ...aboutPolicy(policy) });
  else print(`${file} is a valid policy: ${named(policy)}.`);
  return EXIT.ok;
}

/** Says what one policy does otherwise than another. Returns the exit code. */
export async function diffPolicies(
  a: string,
  b: string | undefined,
  options: DiffOptions,
): Promise<number> {
  const [first, second] = await Promise.all([
    readPolicyFile(a),
    b === undefined ? undefined : readPolicyFile(b),
  ]);
  const before = second === undefined ? await livePolicy(options) : first;
  const after = second ?? first;
  const changes = policyChanges(before, after);
  if (options.json) {
    printJson({ from: aboutPolicy(before), to: aboutPolicy(after), changes });
    return EXIT.ok;
  }
  print(`From ${named(before)}\n  to ${named(after)}:`);
  if (changes.length === 0) print('They act alike.');
  let part = '';
  for (const change of changes) {
    if (change.part !== part) print(`\n${change.part}`);
    part = change.part;
    print(`  ${change.change}`);
  }
  return EXIT.ok;
}

/** Prints what is in force. Returns the exit code. */
export async function showPolicy(options: ShowPolicyOptions): Promise<number> {
  const policies = await openPolicies(options);
  const document = await documentInForce(policies, trackOf(options));
  if (document?.problem !== undefined) throw new PublishingError(unusable(document));
  if (document?.policy === undefined) {
    throw new UsageError('There is no shadow; forewarn policy publish FILE --shadow starts one.');
  }
  printJson(document.policy);
  if (document.bundled) {
    remark('Nothing was published: this is the policy that ships, as of this checkout.');
  }
  return EXIT.ok;
}

/** Publishes a file, or the end of the shadow. Returns the exit code. */
export async function publishPolicy(
  file: string | undefined,
  options: PublishOptions,
): Promise<number> {
  if (options.off) return stopShadow(file, options);
  if (file === undefined) throw new UsageError('Name the file with the policy to be published.');
  const policy = await readPolicyFile(file);
  const track = trackOf(options);
  const policies = await openPolicies(options);
  const deployments = await policies.deployments();
  refuseWhileUnderWay(deployments);
  await refuseOldVersion(policies, deployments, track, policy);
  const hosted = await policies.store(track, JSON.stringify(policy), policy.version);
  const how = track === 'live' ? 'watched' : 'immediate';
  const deployment = await policies.deploy(track, hosted, how, describe(policy));
  if (options.wait) await followDeployment(policies, deployment, waiting(options.json === true));
  if (options.json) {
    printJson({ track, ...aboutPolicy(policy), hosted, deployment, complete: options.wait });
    return EXIT.ok;
  }
  const back =
    track === 'live' ? 'forewarn policy rollback' : 'forewarn policy publish --shadow --off';
  print(
    track === 'live'
      ? `Policy ${policy.version} is in force; every function uses it within a minute.`
      : `Policy ${policy.version} runs as the shadow within a minute; forewarn policy compare shows what it decides.`,
  );
  print(`To take it back: ${back}${stackOption(options)}`);
  return EXIT.ok;
}

async function stopShadow(file: string | undefined, options: PublishOptions): Promise<number> {
  if (!options.shadow || file !== undefined) {
    throw new UsageError('--off stops the shadow: forewarn policy publish --shadow --off');
  }
  const policies = await openPolicies(options);
  const deployments = await policies.deployments();
  refuseWhileUnderWay(deployments);
  const current = inForce(deployments, 'shadow');
  const document = current && (await policies.read('shadow', current.hosted));
  if (document !== undefined && document.policy === undefined && document.problem === undefined) {
    print('There is no shadow.');
    return EXIT.ok;
  }
  const hosted = await policies.store('shadow', NO_SHADOW_POLICY, undefined);
  const deployment = await policies.deploy('shadow', hosted, 'immediate', 'The shadow is stopped');
  if (options.wait) await followDeployment(policies, deployment, waiting(options.json === true));
  if (options.json) printJson({ track: 'shadow', policy: null, hosted, deployment });
  else print('The shadow is stopped; its decisions so far can still be compared.');
  return EXIT.ok;
}

/** Puts an earlier policy in force again. Returns the exit code. */
export async function rollBackPolicy(options: RollbackOptions): Promise<number> {
  const track = trackOf(options);
  const policies = await openPolicies(options);
  let deployments = await policies.deployments();
  const running = deployments.find((one) => one.track === track && isUnderWay(one));
  if (running !== undefined) {
    await policies.stop(running.number);
    deployments = await waitUntilStopped(policies, running.number);
    if (options.to === undefined) {
      const back = await documentInForce(policies, track, deployments);
      return tellRolledBack(track, back, options);
    }
  }
  refuseWhileUnderWay(deployments);
  const target = await rollbackTarget(policies, deployments, track, options.to);
  const { policy } = target;
  const why = policy === undefined ? 'Back to no shadow' : `Back to ${describe(policy)}`;
  const deployment = await policies.deploy(track, target.hosted, 'immediate', why);
  if (options.wait) await followDeployment(policies, deployment, waiting(options.json === true));
  return tellRolledBack(track, target, options);
}

function tellRolledBack(
  track: Track,
  document: PublishedDocument | undefined,
  options: RollbackOptions,
): number {
  const policy = document?.policy;
  if (options.json) {
    printJson({ track, policy: policy === undefined ? null : aboutPolicy(policy) });
    return EXIT.ok;
  }
  print(
    policy === undefined
      ? 'There is no shadow any more.'
      : `Back to ${named(policy)}; every function uses it within a minute.`,
  );
  return EXIT.ok;
}

/** AppConfig needs a moment to take a deployment back. */
async function waitUntilStopped(
  policies: PublishedPolicies,
  number: number,
): Promise<readonly PolicyDeployment[]> {
  await followDeployment(policies, number, waiting(true)).catch((error: unknown) => {
    // That it was taken back is what was asked for.
    if (!(error instanceof PublishingError)) throw error;
  });
  return policies.deployments();
}

/** The document to go back to: the last good one before the one in force, or that of a version. */
async function rollbackTarget(
  policies: PublishedPolicies,
  deployments: readonly PolicyDeployment[],
  track: Track,
  version: number | undefined,
): Promise<PublishedDocument> {
  const current = inForce(deployments, track);
  const earlier = deployments.filter(
    (one) => one.track === track && one.state === 'COMPLETE' && one.hosted !== current?.hosted,
  );
  // Going back twice goes back two versions, and not forth again.
  const candidates = [...new Set(earlier.map(({ hosted }) => hosted))]
    .filter((hosted) => version !== undefined || hosted < (current?.hosted ?? 0))
    .sort((a, b) => b - a);
  for (const hosted of candidates) {
    const document = await policies.read(track, hosted);
    if (document.problem !== undefined) continue;
    if (version === undefined || document.policy?.version === version) return document;
  }
  throw new UsageError(
    version === undefined
      ? 'There is no earlier policy to go back to; forewarn policy status shows what was in force.'
      : `Policy ${version} was never in force before, or is now; forewarn policy status shows what was.`,
  );
}

/** Shows what is in force and what was. Returns the exit code. */
export async function policyStatus(options: StatusOptions): Promise<number> {
  const policies = await openPolicies(options);
  const deployments = await policies.deployments();
  const shown = [
    ...new Map(
      (['live', 'shadow'] as const)
        .flatMap((track) => [
          inForce(deployments, track),
          ...deployments.filter((one) => one.track === track).slice(0, HISTORY),
        ])
        .filter((one) => one !== undefined)
        .map((one) => [one.number, one]),
    ).values(),
  ];
  const rows = await Promise.all(
    shown.map(async (deployment) => ({
      ...deployment,
      inForce: deployment === inForce(deployments, deployment.track),
      document: await policies.read(deployment.track, deployment.hosted),
    })),
  );
  if (options.json) {
    printJson(
      rows.map(({ document, ...deployment }) => ({
        ...deployment,
        bundled: document.bundled,
        policy: document.policy === undefined ? null : aboutPolicy(document.policy),
        ...(document.problem === undefined ? {} : { problem: document.problem }),
      })),
    );
    return EXIT.ok;
  }
  const table = new Table({
    head: ['', 'version', 'since', 'state', 'author', 'reason'],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [null, null, null, null, null, 44],
  });
  for (const { document, inForce: now, startedAt, state, track } of rows) {
    table.push([
      now ? track : `(${track})`,
      document.policy?.version ?? (document.problem === undefined ? 'none' : 'not usable'),
      startedAt?.toISOString().slice(0, 16).replace('T', ' ') ?? '',
      state.toLowerCase().replaceAll('_', ' '),
      document.policy?.author ?? '',
      document.bundled
        ? 'the policy that ships with the functions'
        : (document.policy?.reason ?? ''),
    ]);
  }
  print(table.toString());
  print('What is not in brackets is in force. Times are UTC.');
  return EXIT.ok;
}

/** How many of a track's past deployments are listed. */
const HISTORY = 6;

/** Shows whom one policy would have warned and the other not. Returns the exit code. */
export async function comparePolicies(options: CompareOptions): Promise<number> {
  const [table] = await stackOutputs(options, 'SubjectsTableName');
  const client = new DynamoDBClient(clientConfig(options));
  const day = options.day ?? new Date().toISOString().slice(0, 10);
  const [live, shadow] = await Promise.all([
    decisionsOfDay(client, table, 'live', day),
    decisionsOfDay(client, table, 'shadow', day),
  ]);
  const { cases, onlyLive, onlyShadow, warned } = compareDecisions(live, shadow);
  const explain = async (decision: RecordedDecision, other: Track) => ({
    ...decision,
    otherPolicy: await whyNot(client, table, decision, other),
  });
  const [ofLive, ofShadow] = await Promise.all([
    Promise.all(onlyLive.slice(0, options.limit).map((one) => explain(one, 'shadow'))),
    Promise.all(onlyShadow.slice(0, options.limit).map((one) => explain(one, 'live'))),
  ]);
  if (options.json) {
    printJson({ day, warned, cases, onlyLive: ofLive, onlyShadow: ofShadow });
    return EXIT.ok;
  }
  const counts = new Table({
    head: [day, 'live', 'shadow', 'people: both', 'live only', 'shadow only'],
    style: { head: [], border: [] },
  });
  for (const [name, of] of [
    ['texts', warned],
    ['cases', cases],
  ] as const) {
    counts.push([
      name,
      of.live,
      of.shadow,
      of.people.both,
      of.people.onlyLive,
      of.people.onlyShadow,
    ]);
  }
  print(counts.toString());
  if (shadow.length === 0) print('The shadow decided nothing on this day: was there one?');
  printPeople('Warned by the live policy only', ofLive, onlyLive.length);
  printPeople('Would have been warned by the shadow only', ofShadow, onlyShadow.length);
  return EXIT.ok;
}

/** Why the other policy did not warn this person, as far as its own findings tell. */
async function whyNot(
  client: DynamoDBClient,
  table: string,
  { caller }: RecordedDecision,
  other: Track,
): Promise<string> {
  const points = await pointsOfCaller(client, table, other, caller);
  return points === undefined
    ? 'never found the caller risky'
    : `found the caller risky too (${points.toFixed(2)} points), but sent no text`;
}

function printPeople(
  title: string,
  people: readonly (RecordedDecision & { readonly otherPolicy: string })[],
  total: number,
): void {
  if (total === 0) return;
  const table = new Table({
    head: ['person', 'caller', 'at (UTC)', 'tier', 'kind', 'because', 'the other policy'],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [null, null, null, null, null, 40, 34],
  });
  for (const { caller, decidedAt, kind, otherPolicy, reasons, subject, tier } of people) {
    table.push([
      masked(subject),
      masked(caller),
      new Date(decidedAt * 1000).toISOString().slice(11, 16),
      tier,
      kind,
      strongest(reasons),
      otherPolicy,
    ]);
  }
  print(`\n${title}: ${total}${total > people.length ? `, the first ${people.length}` : ''}`);
  print(table.toString());
}

const SHOWN_REASONS = 3;
/** Enough of a token to tell people apart; the rest is of no use to a reader. */
const SHOWN_TOKEN = 9;

const masked = (token: string): string => `${token.slice(0, SHOWN_TOKEN)}…`;

function strongest(reasons: readonly Reason[]): string {
  return [...reasons]
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
    .slice(0, SHOWN_REASONS)
    .map(({ id, points }) => `${id} ${points > 0 ? '+' : ''}${Number(points.toFixed(2))}`)
    .join(', ');
}

async function documentInForce(
  policies: PublishedPolicies,
  track: Track,
  known?: readonly PolicyDeployment[],
): Promise<PublishedDocument | undefined> {
  const current = inForce(known ?? (await policies.deployments()), track);
  return current === undefined ? undefined : policies.read(track, current.hosted);
}

async function livePolicy(options: ConnectionOptions): Promise<Policy> {
  const document = await documentInForce(await openPolicies(options), 'live');
  if (document?.policy !== undefined) return document.policy;
  throw new PublishingError(
    document === undefined ? 'No policy was ever published.' : unusable(document),
  );
}

function unusable({ hosted, problem }: PublishedDocument): string {
  return `What is published (hosted version ${hosted}) cannot be used by this checkout: ${problem}`;
}

function refuseWhileUnderWay(deployments: readonly PolicyDeployment[]): void {
  const running = deployments.find(isUnderWay);
  if (running === undefined) return;
  throw new UsageError(
    `A ${running.track} policy is on its way (${running.state.toLowerCase()}): wait until forewarn policy ` +
      'status shows it complete, or take it back with forewarn policy rollback' +
      `${running.track === 'shadow' ? ' --shadow' : ''}.`,
  );
}

/** Decisions name the version of their policy, so it must say which document it was. */
async function refuseOldVersion(
  policies: PublishedPolicies,
  deployments: readonly PolicyDeployment[],
  track: Track,
  policy: Policy,
): Promise<void> {
  const [live, stored] = await Promise.all([
    documentInForce(policies, 'live', deployments),
    policies.storedVersions(track),
  ]);
  // A document that was stored but never put in force has decided nothing.
  const deployed = new Set(
    deployments.filter((one) => one.track === track).map(({ hosted }) => hosted),
  );
  const used = [...stored].filter(([hosted]) => deployed.has(hosted)).map(([, version]) => version);
  const versions = [live?.policy?.version ?? 0, ...used];
  const free = Math.max(...versions) + 1;
  if (live?.policy !== undefined && policy.version <= live.policy.version) {
    throw new UsageError(
      `Policy ${live.policy.version} is in force (${live.policy.author}: ${live.policy.reason}), and yours is ` +
        `version ${policy.version}: give it a version above, such as ${free}.`,
    );
  }
  if (used.includes(policy.version)) {
    throw new UsageError(
      `A policy of version ${policy.version} was published before, and decisions name it: give yours a ` +
        `version of its own, such as ${free}; or have that one back with forewarn policy rollback` +
        `${track === 'live' ? '' : ' --shadow'} --to ${policy.version}.`,
    );
  }
}

function aboutPolicy({ author, created, reason, version }: Policy) {
  return { version, author, reason, created };
}

const describe = ({ author, reason, version }: Policy): string =>
  `policy ${version} by ${author}: ${reason}`;

const named = ({ author, created, reason, version }: Policy): string =>
  `policy ${version} by ${author} of ${created.slice(0, 10)} (${reason})`;

const stackOption = ({ stack }: ConnectionOptions): string =>
  stack === undefined ? '' : ` --stack ${stack}`;

function printJson(value: unknown): void {
  print(safeJson(value, 2));
}
