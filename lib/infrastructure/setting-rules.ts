/** Judges one setting: says what it must be and what to do, or `undefined` when it is right. */
export interface SettingRule {
  readonly optional: boolean;
  readonly complaint: (value: unknown) => string | undefined;
}

const must = (holds: (value: unknown) => boolean, demand: string): SettingRule => ({
  optional: false,
  complaint: (value) => (holds(value) ? undefined : `must be ${demand}`),
});

/** A whole number between two bounds, both included. */
export const wholeNumber = (least: number, most: number, unit: string): SettingRule =>
  must(
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
    `a whole number of ${unit} from ${least} to ${most}`,
  );

/** A number above zero, up to a bound. */
export const amount = (most: number, unit: string): SettingRule =>
  must(
    (value) => typeof value === 'number' && value > 0 && value <= most,
    `a number of ${unit} above 0, up to ${most}`,
  );

/** A number from zero up to a bound. */
export const threshold = (most: number, unit: string): SettingRule =>
  must(
    (value) => typeof value === 'number' && value >= 0 && value <= most,
    `a number of ${unit} from 0 to ${most}`,
  );

/** One of a fixed set of values. */
export const oneOf = (...allowed: readonly (string | number | boolean)[]): SettingRule =>
  must((value) => allowed.includes(value as string), `one of ${allowed.join(', ')}`);

/** A text of a given form. */
export const text = (form: RegExp, demand: string): SettingRule =>
  must((value) => typeof value === 'string' && form.test(value), demand);

/** A text that passes a test. */
export const textWhere = (holds: (value: string) => boolean, demand: string): SettingRule =>
  must((value) => typeof value === 'string' && holds(value), demand);

/** A list of texts of a given form, none of them twice. */
export const textList = (form: RegExp, most: number, demand: string): SettingRule =>
  must(
    (list) =>
      Array.isArray(list) &&
      list.length <= most &&
      list.every((one) => typeof one === 'string' && form.test(one)) &&
      new Set(list.map((one) => String(one).toLowerCase())).size === list.length,
    demand,
  );

/** An object whose keys and values are both texts of a given form. */
export const textMap = (key: RegExp, value: RegExp, demand: string): SettingRule =>
  must(
    (map) =>
      typeof map === 'object' &&
      map !== null &&
      !Array.isArray(map) &&
      Object.entries(map).every(([k, v]) => key.test(k) && typeof v === 'string' && value.test(v)),
    demand,
  );

/** The same rule for a setting that may also be left out. */
export const optional = (rule: SettingRule): SettingRule => ({ ...rule, optional: true });
