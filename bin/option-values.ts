import { InvalidArgumentError } from 'commander';

/** A list of rising whole numbers above 0, such as `5,10,20`. */
export function positiveIntegers(text: string): number[] {
  const values = text.split(',').map(Number);
  const rising = values.every(
    (value, i) => Number.isInteger(value) && value > (i === 0 ? 0 : (values[i - 1] ?? 0)),
  );
  if (!rising) throw new InvalidArgumentError('It must be rising whole numbers, such as 5,10,20.');
  return values;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}
