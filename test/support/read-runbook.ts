import { readFileSync } from 'node:fs';

/** What the runbook says of an alarm. */
export interface RunbookEntry {
  readonly title: string;
  /** The alarm's own row of a table, where the entry is about several alarms. */
  readonly row: readonly string[];
  readonly means: string;
  readonly lookAt: string;
  readonly act: string;
  readonly overWhen: string;
}

const RUNBOOK = new URL('../../docs/runbook.md', import.meta.url);
const ANCHOR = /<a id="([^"]+)"><\/a>/g;

/** The anchors of a text, in order. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(ANCHOR)].map(([, anchor = '']) => anchor);

function partOf(section: string, label: string): string {
  const part = new RegExp(`^\\*\\*${label}:\\*\\* (.+)$`, 'm').exec(section)?.[1];
  if (part === undefined) throw new Error(`“${section.split('\n', 1)[0]}” has no “${label}”`);
  return part;
}

function rowOf(section: string, anchor: string): string[] {
  const line = section
    .split('\n')
    .find((one) => one.startsWith('|') && one.includes(`"${anchor}"`));
  return (line ?? '')
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.replace(ANCHOR, '').trim());
}

/**
 * The entries of docs/runbook.md by their anchors.
 *
 * @throws {Error} when an anchor stands twice, or an entry lacks one of its parts
 */
export function readRunbook(): ReadonlyMap<string, RunbookEntry> {
  const entries = new Map<string, RunbookEntry>();
  for (const section of readFileSync(RUNBOOK, 'utf8').split(/^### /m).slice(1)) {
    for (const anchor of anchorsOf(section)) {
      if (entries.has(anchor)) throw new Error(`${anchor} has two entries`);
      entries.set(anchor, {
        title: (section.split('\n', 1)[0] ?? '').replace(ANCHOR, '').trim(),
        row: rowOf(section, anchor),
        means: partOf(section, 'Means'),
        lookAt: partOf(section, 'Look at'),
        act: partOf(section, 'Do'),
        overWhen: partOf(section, 'Over when'),
      });
    }
  }
  return entries;
}
