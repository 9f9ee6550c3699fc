import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { compareSequenceNumbers } from '../../functions/adapters/stream-batch.ts';
import { type Frame, packLegs, unpackLegs } from '../../lib/wire/frames.ts';
import type { Clients } from './aws/cloud.ts';
import type { Handler } from './aws/lambda.ts';
import type { Actor } from './history.ts';
import { legIdentity } from './model.ts';
import type { Bug, ProductPorts } from './product.ts';

/**
 * The product with one mistake each: a port, a client or a handler is wrapped, the product's code stays as it is. Each
 * is one that pipelines of this kind are known to make.
 */
interface SeededBug extends Bug {
  /** A seed whose history catches it, and the rule that is broken there. */
  readonly caughtBy: { readonly seed: number; readonly rule: string };
}

type Input = Record<string, unknown>;
interface Command {
  readonly input: Input;
}
type Send = (command: Command) => Promise<Record<string, unknown>>;

/** Wraps the way of one client to its service. */
function sending(
  service: keyof Clients,
  wrap: (send: Send, command: Command, operation: string) => Promise<unknown>,
  of: (actor: Actor) => boolean = () => true,
): NonNullable<Bug['clients']> {
  return (clients, actor) => {
    if (!of(actor)) return clients;
    const client = clients[service];
    const send = client.send as unknown as Send;
    const wrapped = Object.create(Object.getPrototypeOf(client));
    Object.defineProperty(wrapped, 'send', {
      value: (command: Command) =>
        wrap(send, command, command.constructor.name.replace(/Command\d*$/, '')),
    });
    return { ...clients, [service]: wrapped };
  };
}

/** Wraps the ports of one function. */
function wrapping<Name extends keyof ProductPorts>(
  name: Name,
  wrap: (ports: ProductPorts[Name]) => ProductPorts[Name],
): NonNullable<Bug['ports']> {
  return (of, ports) => (of === (name as string) ? (wrap(ports as never) as never) : ports);
}

/** Wraps the handler of one function. */
function handling(
  name: Actor,
  wrap: (handler: (event: never) => Promise<unknown>) => Handler,
): NonNullable<Bug['handler']> {
  return (handler, actor) => (actor === name ? wrap(handler) : handler);
}

interface KinesisEvent {
  readonly Records: readonly {
    readonly kinesis: { readonly sequenceNumber: string; readonly data: string };
  }[];
}

/** A command of the same kind with other input. */
function like(command: Command, input: Input): Command {
  return Object.assign(Object.create(Object.getPrototypeOf(command)), command, { input });
}

const LONGEST_SEQUENCE = 24;

export const SEEDED_BUGS: readonly SeededBug[] = [
  {
    name: 'acknowledges before it has written',
    what: 'intake answers while its legs are still on the way',
    ports: wrapping('intake', (ports) => ({
      ...ports,
      putLegs: async (frames: readonly Frame[]) => void ports.putLegs(frames).catch(() => {}),
    })),
    caughtBy: { seed: 2, rule: 'no call is lost' },
  },
  {
    name: 'ignores partly failed PutRecords',
    what: 'records that Kinesis refused one by one are taken for written',
    clients: sending('kinesis', async (send, command) => {
      const { Records, ...answer } = await send(command);
      return { ...answer, Records: (Records as Input[]).map(() => ({ SequenceNumber: '1' })) };
    }),
    caughtBy: { seed: 11, rule: 'no call is lost' },
  },
  {
    name: 'forgets statements that were throttled',
    what: 'of a batch of writes, those that DynamoDB did not process are not written again',
    clients: sending('dynamoDB', async (send, command, operation) => {
      const answer = await send(command);
      if (operation !== 'BatchExecuteStatement') return answer;
      const isThrottled = ({ Error: error }: { Error?: { Code: string } }) =>
        error?.Code === 'ThrottlingError';
      const Responses = (answer.Responses as { Error?: { Code: string } }[]).map((one) =>
        isThrottled(one) ? {} : one,
      );
      return { ...answer, Responses };
    }),
    caughtBy: { seed: 41, rule: 'no exposure is invented' },
  },
  {
    name: 'compares sequence numbers as plain texts',
    what: 'a record after the 99th seems to come before the 12th',
    // Of equal length, texts compare by their beginnings: filled up behind, they compare as if nobody looked at length.
    handler: handling('score-numbers', (handler) => (event: KinesisEvent) => {
      const Records = event.Records.map((record) => ({
        ...record,
        kinesis: {
          ...record.kinesis,
          sequenceNumber: record.kinesis.sequenceNumber.padEnd(LONGEST_SEQUENCE),
        },
      }));
      return handler({ Records } as never);
    }),
    caughtBy: { seed: 3, rule: 'every call is in its profiles once' },
  },
  {
    name: 'publishes before it has claimed',
    what: 'the text goes out first, and the claim is written afterwards',
    ports: wrapping('send-warnings', (ports) => {
      const claims: (() => Promise<unknown>)[] = [];
      return {
        ...ports,
        warnings: {
          ...ports.warnings,
          claim: async (...claim) => {
            claims.push(() => ports.warnings.claim(...claim));
            return 'claimed';
          },
          settle: async (...settled) => {
            await Promise.all(claims.splice(0).map((claim) => claim()));
            await ports.warnings.settle(...settled);
          },
        },
      };
    }),
    caughtBy: { seed: 47, rule: 'a second text follows only a crash, and is counted' },
  },
  {
    name: 'drops the ring of call ids',
    what: 'a call that a producer pushes again is folded into its profiles again',
    handler: (handler, actor, environment) => {
      if (actor !== 'score-numbers') return handler;
      // Each repeat looks like a call of its own, as it does to a profile that remembers no ids.
      const seen = new Map<string, string>();
      return (event: KinesisEvent) => {
        const Records = event.Records.map((record) => {
          const { data, sequenceNumber } = record.kinesis;
          const legs = unpackLegs(Buffer.from(data, 'base64')).map((leg) => {
            const first = seen.get(legIdentity(leg)) ?? sequenceNumber;
            seen.set(legIdentity(leg), first);
            const isRepeat = compareSequenceNumbers(sequenceNumber, first) > 0;
            return isRepeat ? { ...leg, call: leg.call + environment.id } : leg;
          });
          const packed = packLegs(legs)[0]?.data ?? Buffer.alloc(0);
          return { ...record, kinesis: { ...record.kinesis, data: packed.toString('base64') } };
        });
        return handler({ Records } as never);
      };
    },
    caughtBy: { seed: 1, rule: 'every call is in its profiles once' },
  },
  {
    name: 'writes profiles before exposures',
    what: 'state goes in before effects go out',
    ports: wrapping('score-numbers', (ports) => {
      const held: (readonly Frame[])[] = [];
      return {
        ...ports,
        putExposures: async (frames: readonly Frame[]) => void held.push(frames),
        profiles: {
          ...ports.profiles,
          write: async (writes) => {
            const moved = await ports.profiles.write(writes);
            for (const frames of held.splice(0)) await ports.putExposures(frames);
            return moved;
          },
        },
      };
    }),
    caughtBy: { seed: 209, rule: 'no exposure is lost' },
  },
  {
    name: 'loses the condition on the watermark',
    what: 'a profile is written over, whatever stands there by now',
    clients: sending('dynamoDB', async (send, command, operation) => {
      if (operation !== 'BatchExecuteStatement') return send(command);
      const statements = command.input.Statements as { Statement: string; Parameters: unknown[] }[];
      const Statements = statements.map(({ Parameters, Statement }) => {
        const always = Statement.replace(' AND "seq" = ?', '');
        return {
          Statement: always,
          Parameters: always === Statement ? Parameters : Parameters.slice(0, -1),
        };
      });
      return send(like(command, { Statements }));
    }),
    caughtBy: { seed: 324, rule: 'every call is in its profiles once' },
  },
  {
    name: 'writes state and decision apart',
    what: 'the state of a subject is one write, and what was decided another',
    clients: sending(
      'dynamoDB',
      async (send, command, operation) => {
        const items = (command.input.TransactItems ?? []) as unknown[];
        if (operation !== 'TransactWriteItems' || items.length < 2) return send(command);
        await send(like(command, { TransactItems: items.slice(0, 1) }));
        return send(like(command, { TransactItems: items.slice(1) }));
      },
      (actor) => actor === 'score-subjects',
    ),
    caughtBy: { seed: 37, rule: 'no warning vanishes' },
  },
  {
    name: 'takes a conflict for done',
    what: 'a transaction that another write got in the way of counts as written',
    clients: sending('dynamoDB', async (send, command) => {
      try {
        return await send(command);
      } catch (error) {
        const reasons =
          error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
        if (reasons.some(({ Code }) => Code === 'TransactionConflict')) return {};
        throw error;
      }
    }),
    caughtBy: { seed: 41, rule: 'every risky call is in its subject once' },
  },
  {
    name: 'never takes a claim over',
    what: 'a warning whose sender died stays claimed',
    ports: wrapping('send-warnings', (ports) => ({
      ...ports,
      warnings: {
        ...ports.warnings,
        read: async (...key) => {
          const { item, optedOut } = await ports.warnings.read(...key);
          const isClaimed = item?.status?.S === 'claimed';
          return { optedOut, item: isClaimed ? { ...item, status: { S: 'sent' } } : item };
        },
      },
    })),
    caughtBy: { seed: 4, rule: 'every warning ends' },
  },
  {
    name: 'leaves a claim that seems to be taken',
    what: 'nobody comes back for a claim whose first answer got lost',
    ports: wrapping('send-warnings', (ports) => {
      let isTaken = false;
      return {
        ...ports,
        warnings: {
          ...ports.warnings,
          claim: async (...claim) => {
            const end = await ports.warnings.claim(...claim);
            isTaken = end === 'taken';
            return end;
          },
        },
        comeBack: async (...ref) => {
          if (!isTaken) await ports.comeBack(...ref);
          isTaken = false;
        },
      };
    }),
    caughtBy: { seed: 430, rule: 'every warning ends' },
  },
  {
    name: 'takes a lost answer for a text that was not sent',
    what: 'the second text after it is not counted',
    ports: wrapping('send-warnings', (ports) => ({
      ...ports,
      sender: {
        send: async (...letter) => {
          const outcome = await ports.sender.send(...letter);
          return outcome.kind === 'later' ? { kind: 'later', reason: outcome.reason } : outcome;
        },
      },
    })),
    caughtBy: { seed: 24, rule: 'a second text follows only a crash, and is counted' },
  },
  {
    name: 'ignores opt-outs',
    what: 'the register is not asked, and what is known is passed over',
    clients: sending('sns', async (send, command, operation) =>
      operation === 'CheckIfPhoneNumberIsOptedOut' ? { isOptedOut: false } : send(command),
    ),
    ports: wrapping('send-warnings', (ports) => ({
      ...ports,
      warnings: {
        ...ports.warnings,
        read: async (...key) => ({ ...(await ports.warnings.read(...key)), optedOut: false }),
      },
    })),
    caughtBy: { seed: 11, rule: 'nobody who opted out is texted' },
  },
  {
    name: 'hears of an opt-out and texts all the same',
    what: 'the register is asked, and its answer makes no difference',
    clients: sending('sns', async (send, command, operation) => {
      const answer = await send(command);
      return operation === 'CheckIfPhoneNumberIsOptedOut' ? { isOptedOut: false } : answer;
    }),
    caughtBy: { seed: 11, rule: 'nobody who opted out is texted' },
  },
  {
    name: 'drops what the carrier says',
    what: 'reports of what became of texts are taken, and forgotten',
    handler: handling('record-delivery', () => async () => ({ batchItemFailures: [] })),
    caughtBy: { seed: 1, rule: 'what the carrier says of a text is on its warning' },
  },
  {
    name: 'writes another warning than was decided',
    what: 'the caller of a warning is the person who is warned',
    clients: sending(
      'dynamoDB',
      async (send, command, operation) => {
        if (operation !== 'TransactWriteItems') return send(command);
        const input = structuredClone(command.input);
        for (const { Put } of input.TransactItems as {
          Put?: { Item: Record<string, { S: string }> };
        }[]) {
          if (Put?.Item.warning === undefined) continue;
          const warning = JSON.parse(Put.Item.warning.S) as Input;
          Put.Item.warning = { S: JSON.stringify({ ...warning, caller: warning.subject }) };
        }
        return send(like(command, input));
      },
      (actor) => actor === 'score-subjects',
    ),
    caughtBy: { seed: 1, rule: 'a warning says what was decided' },
  },
  {
    name: 'puts the number into the text',
    what: 'the text repeats the number that it goes to',
    clients: sending('sns', async (send, command, operation) => {
      const { Message, PhoneNumber } = command.input;
      if (operation !== 'Publish' || PhoneNumber === undefined) return send(command);
      return send(like(command, { ...command.input, Message: `${Message} ${PhoneNumber}` }));
    }),
    caughtBy: { seed: 1, rule: 'no clear number is written' },
  },
  {
    name: 'keeps a number as a number',
    what: 'a claim notes down whom it texts, as DynamoDB writes numbers',
    clients: sending(
      'dynamoDB',
      async (send, command, operation) => {
        const { ExpressionAttributeValues, UpdateExpression } = command.input;
        if (operation !== 'UpdateItem' || !String(UpdateExpression).startsWith('SET #status'))
          return send(command);
        return send(
          like(command, {
            ...command.input,
            UpdateExpression: String(UpdateExpression).replace('SET ', 'SET whom = :whom, '),
            ExpressionAttributeValues: {
              ...(ExpressionAttributeValues as object),
              ':whom': { N: '8613800001010' },
            },
          }),
        );
      },
      (actor) => actor === 'send-warnings',
    ),
    caughtBy: { seed: 4, rule: 'no clear number is written' },
  },
  {
    name: 'swallows failures of a batch',
    what: 'a warning that could not be worked on is not named for a retry',
    handler: handling('send-warnings', (handler) => async (event) => {
      await handler(event);
      return { batchItemFailures: [] };
    }),
    caughtBy: { seed: 24, rule: 'every warning ends' },
  },
  {
    name: 'opens a case without its workflow',
    what: 'an error of Step Functions is passed over once the case is written',
    ports: wrapping('open-cases', (ports) => ({
      ...ports,
      start: (...opening) => ports.start(...opening).catch(() => true),
    })),
    caughtBy: { seed: 236, rule: 'every case is opened' },
  },
  {
    name: 'retries from the last record',
    what: 'of a batch whose legs were not taken, only the last record is asked for again',
    handler: handling('intake', (handler) => async (event: KinesisEvent) => {
      const answer = (await handler(event as never)) as { batchItemFailures: unknown[] };
      const itemIdentifier = event.Records.at(-1)?.kinesis.sequenceNumber;
      return answer.batchItemFailures.length > 0
        ? { batchItemFailures: [{ itemIdentifier }] }
        : answer;
    }),
    caughtBy: { seed: 227, rule: 'no call is lost' },
  },
  {
    name: 'quarantines without the reason',
    what: 'operators cannot see what was wrong',
    ports: wrapping('intake', (ports) => ({
      ...ports,
      putQuarantine: (object) => {
        const entries = object.entries.map((entry) => ({ ...entry, reason: 'not-json' as const }));
        return ports.putQuarantine({ ...object, entries });
      },
    })),
    caughtBy: { seed: 1, rule: 'every rejected line is in quarantine once, with its reason' },
  },
  {
    name: 'adds to the audit without looking at its end',
    what: 'two looks at the same moment take the same place',
    clients: sending(
      'dynamoDB',
      async (send, command, operation) => {
        const items = (command.input.TransactItems ?? []) as { Put?: Input }[];
        const isAudit = items.some(({ Put }) => Put?.TableName === 'audit');
        if (operation !== 'TransactWriteItems' || !isAudit) return send(command);
        const TransactItems = items.map(({ Put }) => {
          const { ConditionExpression: _condition, ...always } = Put ?? {};
          return { Put: always };
        });
        return send(like(command, { TransactItems }));
      },
      (actor) => actor === 'officers-api',
    ),
    caughtBy: { seed: 191, rule: 'every look is audited once' },
  },
  {
    name: 'closes a case and leaves its tasks',
    what: 'who closes a case by hand calls nothing off',
    clients: sending(
      'dynamoDB',
      async (send, command, operation) => {
        const isClosing = JSON.stringify(command.input).includes('cancelled');
        return operation === 'UpdateItem' && command.input.TableName === 'tasks' && isClosing
          ? {}
          : send(command);
      },
      (actor) => actor === 'officers-api',
    ),
    caughtBy: { seed: 24, rule: 'nobody works on a closed case' },
  },
  {
    name: 'offers a task without a second look',
    what: 'what called it off before it stood on its queue is never seen',
    clients: (clients, actor) => {
      const seen = new Map<string, Record<string, unknown>>();
      const looking = sending(
        'dynamoDB',
        async (send, command, operation) => {
          if (operation !== 'GetItem' || command.input.TableName !== 'cases') return send(command);
          const key = JSON.stringify(command.input.Key);
          const known = seen.get(key);
          seen.delete(key);
          if (known !== undefined) return known;
          const answer = await send(command);
          seen.set(key, answer);
          return answer;
        },
        (one) => one === 'offer-task',
      );
      return looking(clients, actor);
    },
    caughtBy: { seed: 361, rule: 'nobody works on a closed case' },
  },
  {
    name: 'logs a number',
    what: 'the line that was not taken stands in the log',
    ports: wrapping('intake', (ports) => ({
      ...ports,
      putQuarantine: (object) => {
        for (const { raw } of object.entries) ports.onFailure('rejected', new Error(raw));
        return ports.putQuarantine(object);
      },
    })),
    caughtBy: { seed: 1, rule: 'no clear number is written' },
  },
  {
    name: 'keeps the number with the error',
    what: 'why a text waits is written down in the words of the carrier, who quotes the number',
    ports: wrapping('send-warnings', (ports) => ({
      ...ports,
      sender: {
        send: async (to, text) => {
          const outcome = await ports.sender.send(to, text);
          if (outcome.kind !== 'later') return outcome;
          const quoted = Buffer.from(`no route to ${to}`).toString('base64');
          return { ...outcome, reason: `${outcome.reason} (${quoted})` };
        },
      },
    })),
    caughtBy: { seed: 24, rule: 'no clear number is written' },
  },
];
