import { MissingSettingError } from './errors.ts';

/** The value of an environment variable. @throws MissingSettingError */
export function requiredSetting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new MissingSettingError(name);
  return value;
}

/** The value of an environment variable, undefined when it is not set or empty. */
export function optionalSetting(name: string): string | undefined {
  return process.env[name] || undefined;
}
