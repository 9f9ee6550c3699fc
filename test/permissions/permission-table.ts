import type { Grant } from '../infrastructure/role-permissions.ts';
import type { JudgedGrant } from './judge-grants.ts';
import type { Unseen } from './unseen-grants.ts';

/** What stands in a row before it is said how it is known: for comparing with the docs. */
export type Entry = `${string}: ${string} on ${string}`;

interface Row {
  readonly on: string;
  readonly effect: Grant['effect'];
  readonly known: string;
  readonly actions: string[];
}

function knownBy({ evidence }: JudgedGrant, reasons: readonly Unseen[]): string {
  switch (evidence?.kind) {
    case 'called':
      return 'called';
    case 'key':
      return 'key';
    case 'forbids':
      return 'forbids';
    case 'unseen':
      return `(${reasons.indexOf(evidence.unseen) + 1})`;
    default:
      return 'unused';
  }
}

/** `Key.Arn` says no more than `Key`, and of an ARN the service and the name are enough. */
function resourceName(on: string): string {
  const name = on
    .replaceAll(/\.Arn\b/g, '')
    .replace(/^arn:<AWS::Partition>:([\w-]+):(?:<AWS::Region>:<AWS::AccountId>:)?/, '$1 ')
    .replaceAll(/([Ff]orewarn[-_])local(?![a-z])/g, '$1STAGE');
  return `\`${name}\``;
}

const whereOf = ({ condition, on }: Grant): string =>
  condition === undefined ? resourceName(on) : `${resourceName(on)} ${condition}`;

const entry = (role: string, isDenied: boolean, action: string, where: string): Entry =>
  `${role}: ${isDenied ? 'not ' : ''}${action} on ${where}`;

/** The entries that the table should have. */
export function entriesOf(
  judged: readonly JudgedGrant[],
  nameOf: (role: string) => string,
): Entry[] {
  return judged
    .map(({ grant }) =>
      entry(nameOf(grant.role), grant.effect === 'Deny', grant.action, whereOf(grant)),
    )
    .sort();
}

/** The entries that a text's tables have. */
export function entriesIn(text: string): Entry[] {
  const [, ...sections] = text.split(/^### /m);
  return sections
    .flatMap((section) => {
      const [role = ''] = section.split('\n', 1);
      return [
        ...section.matchAll(/^\| (`[^|]+) \| (not )?(\w[\w-]*):([^|]+) \| [^|]+ \|$/gm),
      ].flatMap(([, where = '', not, service, names = '']) =>
        names
          .split(', ')
          .map((name) => entry(role, not !== undefined, `${service}:${name}`, where)),
      );
    })
    .sort();
}

function rowsOf(judged: readonly JudgedGrant[], reasons: readonly Unseen[]): Row[] {
  const rows = new Map<string, Row>();
  for (const one of judged) {
    const { action, effect } = one.grant;
    const where = whereOf(one.grant);
    const known = knownBy(one, reasons);
    const service = action.split(':')[0] ?? '';
    const key = [where, effect, known, service].join(' ');
    const row = rows.get(key) ?? { on: where, effect, known, actions: [] };
    row.actions.push(row.actions.length === 0 ? action : action.slice(service.length + 1));
    rows.set(key, row);
  }
  return [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** The docs' table of all roles: what each may do, and how that is known to be needed. */
export function permissionTable(
  judged: readonly JudgedGrant[],
  reasons: readonly Unseen[],
  nameOf: (role: string) => string,
): string {
  const byLine = [...judged].sort((a, b) => (a.grant.action < b.grant.action ? -1 : 1));
  const roles = [...new Set(judged.map(({ grant }) => grant.role))].sort();
  return roles
    .map((role) => {
      const rows = rowsOf(
        byLine.filter(({ grant }) => grant.role === role),
        reasons,
      ).map(({ actions, effect, known, on }) => {
        const may = `${effect === 'Deny' ? 'not ' : ''}${actions.join(', ')}`;
        return `| ${on} | ${may} | ${known} |`;
      });
      return [`### ${nameOf(role)}`, '', '| on | may | known by |', '| - | - | - |', ...rows].join(
        '\n',
      );
    })
    .join('\n\n');
}
