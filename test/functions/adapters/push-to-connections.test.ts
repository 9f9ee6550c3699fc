import {
  GoneException,
  type PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { describe, expect, test } from 'vitest';
import { managementEndpoint } from '../../../functions/adapters/aws-clients.ts';
import { postTo } from '../../../functions/adapters/live-connections.ts';

const CALLBACK_URL = 'https://abc123.execute-api.us-east-1.amazonaws.com/live';

describe('Connections are managed', () => {
  test.each([
    [undefined, CALLBACK_URL],
    ['http://127.0.0.1:4566', 'http://127.0.0.1:4566/_aws/execute-api/abc123/live'],
    ['http://127.0.0.1:4566/', 'http://127.0.0.1:4566/_aws/execute-api/abc123/live'],
  ])('with everything at %s, at %s', (elsewhere, expected) => {
    expect(managementEndpoint(CALLBACK_URL, elsewhere)).toBe(expected);
  });
});

describe('A text for a page', () => {
  const answering = (answer: () => unknown) => {
    const sent: unknown[] = [];
    const send = async (command: PostToConnectionCommand) => {
      sent.push(command.input);
      return answer();
    };
    return { client: { send: send as never }, sent };
  };

  test('goes down its connection', async () => {
    const { client, sent } = answering(() => ({}));

    expect(await postTo(client, 'one', '{"ü":1}')).toBe(true);

    expect(sent).toEqual([{ ConnectionId: 'one', Data: Buffer.from('{"ü":1}') }]);
  });

  test('finds a connection gone', async () => {
    const { client } = answering(() => {
      throw new GoneException({ message: '', $metadata: {} });
    });

    expect(await postTo(client, 'one', '')).toBe(false);
  });

  test('fails where it could not be handed over', async () => {
    const { client } = answering(() => {
      throw new Error('no answer');
    });

    await expect(postTo(client, 'one', '')).rejects.toThrow('no answer');
  });
});
