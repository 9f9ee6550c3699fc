import { type StageConfig, type StageName, stageDefaults, stageNames } from './stage-config.ts';
import { agreementRules, stageConfigRules } from './stage-config-rules.ts';

/** The stage or its settings cannot be built; `problems` holds every reason, not only the first. */
export class StageConfigError extends Error {
  readonly code = 'INVALID_STAGE_CONFIG';
  readonly problems: readonly string[];

  constructor(subject: string, problems: readonly string[], options?: ErrorOptions) {
    super(`${subject}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`, options);
    this.name = 'StageConfigError';
    this.problems = problems;
  }
}

type Settings = Record<string, unknown>;

/**
 * A stage's configuration: its defaults with the overrides laid over them, setting by setting.
 * `null` in the overrides takes an optional setting away.
 * @throws {StageConfigError} naming everything that is wrong and what to do about it
 */
export function resolveStageConfig(stage: string, overrides: unknown = {}): StageConfig {
  if (!isStageName(stage)) {
    throw new StageConfigError('Forewarn cannot build this stage', [
      `there is no stage "${stage}": choose one of ${stageNames.join(', ')} ` +
        '(-c stage=NAME, or the environment variable FOREWARN_STAGE)',
    ]);
  }
  const subject = `The configuration of stage ${stage} has problems`;
  if (!isSettings(overrides)) {
    throw new StageConfigError(subject, ['the overrides must be one JSON object of settings']);
  }
  const merged = { ...merge(stageDefaults[stage] as unknown as Settings, overrides, ''), stage };
  const broken = brokenRules(merged);
  const problems = [
    ...unknownSettings(overrides, ''),
    ...stageMismatch(stage, overrides),
    ...broken.map(({ path, complaint }) => `${path} ${complaint}`),
    ...disagreements(merged, broken),
  ];
  if (problems.length > 0) throw new StageConfigError(subject, problems);
  return merged as unknown as StageConfig;
}

function isStageName(name: string): name is StageName {
  return (stageNames as readonly string[]).includes(name);
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(base: Settings, overrides: Settings, prefix: string): Settings {
  const merged: Settings = { ...base };
  for (const [name, value] of Object.entries(overrides)) {
    const path = prefix + name;
    const current = base[name];
    if (isSettings(value) && (isSettings(current) || isGroup(path))) {
      merged[name] = merge(isSettings(current) ? current : {}, value, `${path}.`);
      continue;
    }
    // A group that is no object is reported by itself: its defaults stay, or each would be missing.
    if (isGroup(path)) continue;
    if (value === null) delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

function isGroup(path: string): boolean {
  return Object.keys(stageConfigRules).some((known) => known.startsWith(`${path}.`));
}

function unknownSettings(overrides: Settings, prefix: string): string[] {
  return Object.entries(overrides).flatMap(([name, value]) => {
    const path = prefix + name;
    if (Object.hasOwn(stageConfigRules, path)) return [];
    if (!isGroup(path)) {
      return [`${path} is no setting: here you can set ${siblings(prefix).join(', ')}`];
    }
    if (!isSettings(value)) {
      return [`${path} must be an object with ${siblings(`${path}.`).join(', ')}`];
    }
    return unknownSettings(value, `${path}.`);
  });
}

function siblings(prefix: string): string[] {
  const names = Object.keys(stageConfigRules)
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length).split('.')[0] as string);
  return [...new Set(names)];
}

function stageMismatch(stage: StageName, overrides: Settings): string[] {
  const stated = overrides.stage;
  if (stated === undefined || stated === stage) return [];
  return [
    `stage is ${JSON.stringify(stated)} in the overrides but ${stage} was asked for: ` +
      'take it out of the overrides, or ask for that stage',
  ];
}

interface BrokenRule {
  readonly path: string;
  readonly complaint: string;
}

function brokenRules(settings: Settings): BrokenRule[] {
  return Object.entries(stageConfigRules).flatMap(([path, rule]) => {
    const value = settingAt(settings, path);
    if (value === undefined)
      return rule.optional ? [] : [{ path, complaint: 'is missing: set it' }];
    const complaint = rule.complaint(value);
    return complaint === undefined
      ? []
      : [{ path, complaint: `${complaint}; it is ${JSON.stringify(value)}` }];
  });
}

/** Settings are only compared when each is right by itself. */
function disagreements(settings: Settings, broken: readonly BrokenRule[]): string[] {
  return agreementRules
    .filter(({ between }) =>
      between.every(
        (part) => !broken.some(({ path }) => path === part || path.startsWith(`${part}.`)),
      ),
    )
    .flatMap(({ complaints }) => complaints(settings as unknown as StageConfig));
}

function settingAt(settings: Settings, path: string): unknown {
  let value: unknown = settings;
  for (const name of path.split('.')) {
    if (!isSettings(value)) return undefined;
    value = value[name];
  }
  return value;
}
