import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../bin/program.ts';
import { readRunbook } from '../support/read-runbook.ts';
import { plainId, type Resource, resources, synthesized } from './synthesized-stack.ts';

const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const prod = synthesized('prod');
const runbook = readRunbook();

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
}

/** The alarms of a template by their names without the stack's, with the entries that their descriptions point to. */
function entriesOfAlarms(template: typeof prod, stack: string): [name: string, entry: string][] {
  const alarms: Resource[] = Object.values(resources(template, 'AWS::CloudWatch::Alarm'));
  return alarms.map(({ Properties }) => {
    const { AlarmDescription, AlarmName } = Properties as unknown as AlarmProperties;
    const entry = /See docs\/runbook\.md#([\w-]+)$/.exec(AlarmDescription)?.[1] ?? '';
    return [AlarmName.slice(`${stack}-`.length), entry];
  });
}

const CARRIER = 'texts-failing-carrier';

describe('The runbook', () => {
  test('has one entry for each alarm of the production stage, to which the alarm points, and no other', () => {
    const alarms = entriesOfAlarms(prod, 'Forewarn-prod');
    const shared = alarms.filter(([name]) => name.startsWith(`${CARRIER}-`));
    const others = alarms.filter(([name]) => !name.startsWith(`${CARRIER}-`));

    expect(others.filter(([name, entry]) => name !== entry)).toEqual([]);
    expect(new Set(shared.map(([, entry]) => entry))).toEqual(new Set([CARRIER]));
    expect([...runbook.keys()].toSorted()).toEqual(
      [...others.map(([name]) => name), CARRIER].toSorted(),
    );
  });

  test('covers a stage whose carriers are others', () => {
    const elsewhere = synthesized('dev', { sms: { carriers: ['Faraway Mobile'] } });
    const entries = entriesOfAlarms(elsewhere, 'Forewarn-dev');
    expect(entries).toContainEqual([`${CARRIER}-faraway-mobile`, CARRIER]);
    expect(entries.filter(([, entry]) => !runbook.has(entry))).toEqual([]);
  });

  test('names log groups, queues and outputs that the stack has', () => {
    const ids = ['AWS::Logs::LogGroup', 'AWS::SQS::Queue'].flatMap((type) =>
      Object.keys(resources(prod, type)).map(plainId),
    );
    const parts = [
      ...text.matchAll(/`(?:part )?([A-Z][A-Za-z]+(?:Logs|DeadLetters|Arrived|Failed))`/g),
    ];
    const named = parts.map(([, id = '']) => id).filter((id) => !id.startsWith('Texts'));
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
    const outputs = Object.keys(prod.findOutputs('*'));
    const asked = [...text.matchAll(/`?(?:output |\$\(output )([A-Z]\w+)/g)].map(
      ([, name]) => name,
    );
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter((name) => !outputs.includes(name ?? ''))).toEqual([]);
  });

  test('names commands of ours that there are', () => {
    const paths = [...text.matchAll(/`forewarn ([a-z]+)(?: ([a-z]+))?/g)];
    expect(paths.length).toBeGreaterThan(10);
    for (const [, first = '', second] of paths) {
      const command = createProgram(() => undefined).commands.find((one) => one.name() === first);
      expect(command, first).toBeDefined();
      const inner = command?.commands.map((one) => one.name()) ?? [];
      if (inner.length > 0) expect(inner, `${first} ${second}`).toContain(second);
    }
  });

  test('links to headings of its own that there are', () => {
    const slugs = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...text.matchAll(/\]\(#([\w-]+)\)/g)].map(([, slug = '']) => slug);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((slug) => !slugs.includes(slug) && !runbook.has(slug))).toEqual([]);
  });
});
