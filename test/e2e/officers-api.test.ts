import {
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt, exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DEMO_PASSWORD, officersOfLocalCloud } from '../../bin/replay/officers-of-local-cloud.ts';
import { type OfficersClient, RefusedError } from '../../lib/api/officers-client.ts';
import type { TaskView } from '../../lib/api/schemas.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

const PERSON = '+8613712340008';
const DAUGHTER = '+8613712340009';
const REASON = 'her bank called';

let pipeline: LocalPipeline;
let officer: (name: string) => OfficersClient;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  officer = await officersOfLocalCloud(pipeline.cloud);
});

afterAll(async () => {
  await pipeline?.close();
});

const output = (name: string) => pipeline.cloud.outputs[name] ?? '';
const until = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 20_000, interval: 50 });

async function tokenOf(user: string): Promise<string> {
  const { endpoint, region } = pipeline.cloud;
  const cognito = new CognitoIdentityProviderClient({ endpoint, region });
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: output('UserPoolClientId'),
      AuthParameters: { USERNAME: user, PASSWORD: DEMO_PASSWORD },
    }),
  );
  cognito.destroy();
  return AuthenticationResult?.IdToken ?? '';
}

const get = (path: string, token?: string) =>
  fetch(`${output('OfficersApiUrl')}${path}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });

/** A case of a person, opened by hand, and its first task. */
async function caseOf(number: string): Promise<TaskView> {
  const { caseId } = await officer('desk-1')('openCase', {
    body: { number, kind: 'loan', tier: 'high', reason: REASON },
  });
  return until(async () => {
    const { tasks } = await officer('supervisor')('readCase', { parameters: { caseId } });
    const [task] = tasks;
    if (task === undefined) throw new Error('no task yet');
    return task;
  });
}

const problemOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof RefusedError ? error.problem.type.split(':').at(-1) : undefined;
};

describe('the officers’ API behind the gateway', () => {
  test('walks a case that was opened by hand from the first call to its end', async () => {
    const desk = officer('desk-1');
    const { caseId, taskId } = await caseOf(PERSON);
    const parameters = { taskId };
    const claimed = await desk('claimTask', { parameters });
    const taken = await problemOf(officer('desk-2')('claimTask', { parameters }));
    const { auditEntry, number } = await desk('revealNumber', {
      parameters,
      body: { purpose: 'calling her' },
    });
    await desk('addContact', {
      parameters: { caseId },
      body: { number: DAUGHTER, relation: 'daughter' },
    });
    const contact = await desk('revealNumber', {
      parameters,
      body: { purpose: 'asking her daughter', contact: 1 },
    });
    const reported = await desk('reportTask', {
      parameters,
      body: { outcome: 'not-a-fraud', notes: 'a nephew of hers, +8613712340010' },
    });

    const closed = await until(async () => {
      const detail = await officer('supervisor')('readCase', { parameters: { caseId } });
      expect(detail.case.state).toBe('closed');
      return detail;
    });
    const { entries } = await officer('auditor')('readAudit');

    expect(claimed).toMatchObject({ subject: '+86*******0008', claim: { mine: true } });
    expect(taken).toBe('task-taken');
    expect([number, contact.number, contact.relation]).toEqual([PERSON, DAUGHTER, 'daughter']);
    expect(reported.result).toBe('accepted');
    expect(closed.case).toMatchObject({ outcome: 'not-a-fraud', openedBy: 'desk-1' });
    expect(closed.timeline.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['opened', 'task-claimed', 'revealed', 'relative-used', 'closed']),
    );
    expect(entries.slice(-2).map(({ sequence }) => sequence)).toEqual([auditEntry, auditEntry + 1]);
  });

  test('serves its document and its health to anybody, and nothing else', async () => {
    expect((await get('/health')).status).toBe(200);
    expect(await (await get('/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
    expect((await get('/tasks')).status).toBe(401);
    expect((await get('/no-such-thing', await tokenOf('supervisor'))).status).toBe(404);
  });

  test('masks, scrubs and logs no number', async () => {
    const stored = JSON.stringify([
      pipeline.logs,
      await pipeline.scan('TasksTableName'),
      await pipeline.scan('SubjectsTableName'),
      await pipeline.scan('CasesTableName'),
      await pipeline.scan('AuditTableName'),
      await pipeline.scan('RequestsTableName'),
    ]);

    for (const number of [PERSON, DAUGHTER, '+8613712340010']) {
      expect(stored).not.toContain(number.slice(3));
    }
  });

  test('tells live connections of tasks, and a ticket opens one of them', async () => {
    const { url } = await officer('desk-1')('takeTicket');
    const heard: string[] = [];
    const socket = new WebSocket(url);
    socket.addEventListener('message', ({ data }) => heard.push(String(data)));
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    const { taskId } = await caseOf('+8613712340011');
    await until(async () => expect(heard.join()).toContain(taskId));
    const again = new WebSocket(url);
    const refused = await new Promise((resolve) => {
      again.addEventListener('error', () => resolve(true));
      again.addEventListener('open', () => resolve(false));
    });
    socket.close();

    expect(refused).toBe(true);
    expect(heard.join()).not.toContain('1371234');
  });

  test('lets a station see its own districts only', async () => {
    const { caseId } = await caseOf('+8613712340012');

    const seen = officer('station-jinjiang')('readCase', { parameters: { caseId } });

    // No calls of hers are known, so nobody knows her district: the centre's own people see to it.
    expect(await problemOf(seen)).toBe('not-found');
  });
});

describe('tokens at the gateway', () => {
  test.each<[string, () => Promise<string>]>([
    ['no token at all', async () => ''],
    ['a token that is no token', async () => 'let.me.in'],
    [
      'an access token',
      async () => {
        const { endpoint, region } = pipeline.cloud;
        const cognito = new CognitoIdentityProviderClient({ endpoint, region });
        const { AuthenticationResult } = await cognito.send(
          new InitiateAuthCommand({
            AuthFlow: 'USER_PASSWORD_AUTH',
            ClientId: output('UserPoolClientId'),
            AuthParameters: { USERNAME: 'supervisor', PASSWORD: DEMO_PASSWORD },
          }),
        );
        cognito.destroy();
        return AuthenticationResult?.AccessToken ?? '';
      },
    ],
    [
      'one signed by a key of the caller',
      async () => {
        const { privateKey } = await generateKeyPair('RS256');
        const real = await tokenOf('supervisor');
        const { kid } = JSON.parse(Buffer.from(real.split('.')[0] ?? '', 'base64url').toString());
        return new SignJWT(decodeJwt(real))
          .setProtectedHeader({ alg: 'RS256', kid })
          .sign(privateKey);
      },
    ],
    [
      'one without a signature',
      async () => new UnsecuredJWT(decodeJwt(await tokenOf('supervisor'))).encode(),
    ],
    [
      'one signed with the public key as a shared secret',
      async () => {
        const keys = (await (
          await fetch(`${pipeline.cloud.endpoint}/${output('UserPoolId')}/.well-known/jwks.json`)
        ).json()) as { keys: [Record<string, string>] };
        const [jwk] = keys.keys;
        const pem = await exportSPKI(
          (await importJWK(jwk, 'RS256', { extractable: true })) as never,
        );
        return new SignJWT(decodeJwt(await tokenOf('supervisor')))
          .setProtectedHeader({ alg: 'HS256', kid: jwk.kid ?? '' })
          .sign(Buffer.from(pem));
      },
    ],
    [
      'one whose claims were changed',
      async () => {
        const [head, , signature] = (await tokenOf('analyst')).split('.');
        const claims = { ...decodeJwt(await tokenOf('analyst')), 'cognito:groups': ['supervisor'] };
        return `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
      },
    ],
  ])('%s opens nothing', async (_, token) => {
    const { status } = await get('/statistics', await token());

    expect(status).toBe(401);
  });
});
