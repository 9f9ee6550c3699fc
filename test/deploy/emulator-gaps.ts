import { DeployProofError } from './deploy-proof-error.ts';

type Properties = Readonly<Record<string, unknown>>;

export interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** Something of our template that the emulator refuses, and what is deployed in its place. */
interface Gap {
  readonly what: string;
  readonly concerns: (resource: Resource) => boolean;
  /** Undefined: the resource is left out. */
  readonly instead: (resource: Resource) => Resource | undefined;
}

/** All that ministack 1.5.33 refuses; everything else is deployed as it was synthesized. */
const gaps: readonly Gap[] = [
  {
    what: 'policies of secrets are left out: the emulator does not know AWS::SecretsManager::ResourcePolicy',
    concerns: ({ Type }) => Type === 'AWS::SecretsManager::ResourcePolicy',
    instead: () => undefined,
  },
  {
    what: 'alarms on several metrics watch the first of them: the emulator knows no metric math',
    concerns: ({ Type, Properties }) =>
      Type === 'AWS::CloudWatch::Alarm' && Properties?.Metrics !== undefined,
    instead: onFirstMetric,
  },
];

/**
 * Our template as the emulator can take it.
 *
 * @returns also what was changed, to be told to whoever reads the result
 * @throws {DeployProofError} `stale-gap` when one of the gaps concerns nothing of the template any more
 */
export function fitToEmulator<T extends Template>(
  template: T,
): { readonly template: T; readonly changes: readonly string[] } {
  const changes: string[] = [];
  let resources = Object.entries(template.Resources);
  for (const { what, concerns, instead } of gaps) {
    const concerned = resources.filter(([, resource]) => concerns(resource));
    if (concerned.length === 0) {
      throw new DeployProofError(
        'stale-gap',
        `Nothing in the template needs this any more: ${what}`,
      );
    }
    changes.push(`${what} (${concerned.map(([id]) => id).join(', ')})`);
    resources = resources.flatMap(([id, resource]): [string, Resource][] => {
      const replaced = concerns(resource) ? instead(resource) : resource;
      return replaced === undefined ? [] : [[id, replaced]];
    });
  }
  return { template: { ...template, Resources: Object.fromEntries(resources) }, changes };
}

interface MetricQuery {
  readonly MetricStat?: {
    readonly Metric: Properties;
    readonly Period: number;
    readonly Stat: string;
  };
}

function onFirstMetric({ Properties = {}, ...alarm }: Resource): Resource {
  const { Metrics, ...others } = Properties;
  const stat = (Metrics as readonly MetricQuery[]).find(({ MetricStat }) => MetricStat)?.MetricStat;
  return {
    ...alarm,
    Properties: { ...others, ...stat?.Metric, Period: stat?.Period, Statistic: stat?.Stat },
  };
}
