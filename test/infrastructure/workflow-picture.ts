interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: readonly Choice[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly ItemProcessor?: Machine;
}

interface Choice {
  readonly Next: string;
  readonly StringEquals?: string;
  readonly BooleanEquals?: boolean;
}

export interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

function edgesOf(name: string, state: State): string[] {
  const edge = (to: string, label?: string) =>
    `${name} -->${label === undefined ? '' : `|${label}|`} ${to}`;
  return [
    ...(state.Next === undefined ? [] : [edge(state.Next)]),
    ...(state.Choices ?? []).map((choice) =>
      edge(choice.Next, String(choice.StringEquals ?? choice.BooleanEquals)),
    ),
    ...(state.Default === undefined ? [] : [edge(state.Default, 'else')]),
    ...(state.Catch ?? []).map(({ ErrorEquals, Next }) => edge(Next, ErrorEquals.join(', '))),
  ];
}

function nodeOf(name: string, { Comment, Type }: State): string {
  const text = Comment === undefined ? name : `${name}<br/>${Comment}`;
  return Type === 'Choice' ? `${name}{"${text}"}` : `${name}["${text}"]`;
}

function linesOf({ StartAt, States }: Machine, prefix: string, indent: string): string[] {
  const lines = [`${indent}${prefix}begin((" ")) --> ${StartAt}`];
  for (const [name, state] of Object.entries(States)) {
    if (state.ItemProcessor === undefined) {
      lines.push(`${indent}${nodeOf(name, state)}`);
    } else {
      lines.push(
        `${indent}subgraph ${name}["${name}: ${state.Comment}"]`,
        ...linesOf(state.ItemProcessor, `${name}_`, `${indent}  `),
        `${indent}end`,
      );
    }
    lines.push(...edgesOf(name, state).map((edge) => `${indent}${edge}`));
  }
  return lines;
}

/** A state machine as a Mermaid flowchart. */
export function workflowPicture(machine: Machine): string {
  return ['flowchart TD', ...linesOf(machine, '', '  ')].join('\n');
}
