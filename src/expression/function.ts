/** What a function of the language is, and how the common kinds of it are written down. Knows none of them by name. */
import type { Environment } from "./scope.js";
import { NUMBER, numeric, TEXT, type WantedTypes } from "./typed.js";
import { type Value, type ValueType, valueText } from "./value.js";

export interface FunctionDefinition {
  /** As the language's page and messages write it: `clamp(value, low, high)`. */
  readonly usage: string;
  readonly parameters: readonly WantedTypes[];
  /** How many of the parameters must be given; all, unless it says otherwise. */
  readonly required?: number;
  /** The type of any number of further values. */
  readonly rest?: WantedTypes;
  /** A type, or how it follows from the types given; `read`: that of the attribute which the first argument names. */
  readonly result: ValueType | ((types: readonly ValueType[], read: ValueType | undefined) => ValueType);
  /** What is read from the item besides its arguments. `presence`: the attribute named by the first may be unknown. */
  readonly reads?: "inputs" | "outputs" | "attribute" | "presence";
  /** The first argument is a `format` pattern, constant like the names of attributes. */
  readonly pattern?: true;
  /** `fail` ends the evaluation with a message for the user. */
  readonly apply: (args: readonly Value[], environment: Environment, fail: (message: string) => never) => Value;
}

/** A function of numbers whose result is whole where they all are. */
export function ofNumbers(usage: string, count: number, apply: (...numbers: number[]) => number): FunctionDefinition {
  return { usage, parameters: times(count), result: numeric, apply: (args) => apply(...(args as number[])) };
}

export function times(count: number): readonly WantedTypes[] {
  return Array.from({ length: count }, () => NUMBER);
}

export function toFloat(usage: string, count: number, apply: (...numbers: number[]) => number): FunctionDefinition {
  return { ...ofNumbers(usage, count, apply), result: "float" };
}

export function whole(usage: string, apply: (number: number) => number): FunctionDefinition {
  return { ...ofNumbers(usage, 1, apply), result: "int" };
}

/** A function of texts; files count as their paths. */
export function text(
  usage: string,
  result: ValueType,
  count: number,
  apply: (...texts: string[]) => Value,
): FunctionDefinition {
  const parameters = Array.from({ length: count }, () => TEXT);
  return { usage, parameters, result, apply: (args) => apply(...args.map((value) => valueText(value)!)) };
}
