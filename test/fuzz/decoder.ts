import type { Recipe } from './recipe.ts';

/** What became of an input. All that goes on from a decoder is given here, and checked. */
export interface Outcome {
  readonly isAccepted: boolean;
  /** What a person reads of it on a terminal or in a log: single lines. */
  readonly lines?: readonly string[];
  /** What is printed as a whole, line feeds and all. */
  readonly printed?: readonly string[];
  /** What is kept of it, or handed on. */
  readonly kept?: unknown;
  /** Whether what is kept may hold a text as it came: it is only ever shown cleaned. */
  readonly keepsTexts?: boolean;
  /** A promise that the decoder itself found broken. */
  readonly broken?: string;
}

/** A part of the product that reads what comes from outside. */
export interface Decoder {
  readonly name: string;
  /** Where in the product it is. */
  readonly reads: string;
  readonly make: (recipe: Recipe) => Uint8Array;
  readonly decode: (input: Uint8Array) => Outcome | Promise<Outcome>;
  /** Bytes that it may make of one, at the most. */
  readonly growth?: number;
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** Errors with a list of what is wrong, each for one line. */
function linesOf(error: Error): readonly string[] {
  if ('problems' in error && Array.isArray(error.problems)) return error.problems.map(String);
  if ('faults' in error && Array.isArray(error.faults)) return [error.message, ...error.faults];
  return error.message.split('\n  - ');
}

/**
 * The refusal that an error says.
 *
 * @param classes the errors that the decoder promises; any other is thrown on
 */
export function refusalOf(error: unknown, ...classes: readonly ErrorClass[]): Outcome {
  if (error instanceof Error && classes.some((one) => error instanceof one)) {
    return { isAccepted: false, lines: linesOf(error) };
  }
  throw error;
}

/** Reads, or refuses with one of the errors that are promised. */
export function orRefusal(read: () => unknown, ...classes: readonly ErrorClass[]): Outcome {
  try {
    return { isAccepted: true, kept: read(), keepsTexts: true };
  } catch (error) {
    return refusalOf(error, ...classes);
  }
}
