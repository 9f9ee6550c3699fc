import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** As much of a state machine as its transitions need. */
export interface TransitionStates {
  readonly States: Readonly<
    Record<
      string,
      {
        readonly Next?: string;
        readonly Default?: string;
        readonly Choices?: readonly { readonly Next: string }[];
        readonly Catch?: readonly {
          readonly ErrorEquals: readonly string[];
          readonly Next: string;
        }[];
        readonly ItemProcessor?: TransitionStates;
      }
    >
  >;
}

const edge = (from: string, to: string, error?: string) =>
  error === undefined ? `${from} -> ${to}` : `${from} -(${error})-> ${to}`;

/** Every transition that a state machine can make: by Next, Choice and Catch, in its maps too. */
export function edgesOfDefinition({ States }: TransitionStates): Set<string> {
  const edges = Object.entries(States).flatMap(([name, state]) => [
    ...(state.Next === undefined ? [] : [edge(name, state.Next)]),
    ...(state.Default === undefined ? [] : [edge(name, state.Default)]),
    ...(state.Choices ?? []).map(({ Next }) => edge(name, Next)),
    ...(state.Catch ?? []).flatMap(({ ErrorEquals, Next }) =>
      ErrorEquals.map((error) => edge(name, Next, error)),
    ),
    ...(state.ItemProcessor === undefined ? [] : edgesOfDefinition(state.ItemProcessor)),
  ]);
  return new Set(edges);
}

/** The transitions that an execution made. */
export function edgesOfHistory(events: readonly HistoryEvent[]): Set<string> {
  const byId = new Map(events.map((event) => [event.id, event]));
  const edges = new Set<string>();
  for (const { previousEventId, stateEnteredEventDetails } of events) {
    const left = byId.get(previousEventId);
    const from = left?.stateExitedEventDetails?.name;
    const to = stateEnteredEventDetails?.name;
    if (from === undefined || to === undefined) continue;
    const before = byId.get(left?.previousEventId);
    edges.add(edge(from, to, before?.type === 'TaskTimedOut' ? 'States.Timeout' : undefined));
  }
  return edges;
}
