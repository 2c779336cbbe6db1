/** The functions: what each takes, gives and does. Knows no syntax; the language's page lists them for users. */
import { posix } from "node:path";
import { randomStream } from "../base/random.js";
import { applyPattern, type Pattern, parsePattern } from "./format.js";
import type { Environment } from "./scope.js";
import { NUMBER, numeric, PRINTABLE, TEXT, type Wanted, WHOLE } from "./typed.js";
import { isList, type ScalarType, type Value, valueText } from "./value.js";

export interface FunctionDefinition {
  /** As the language's page and messages write it: `clamp(value, low, high)`. */
  readonly usage: string;
  readonly parameters: readonly Wanted[];
  /** How many of the parameters must be given; all, unless it says otherwise. */
  readonly required?: number;
  /** The type of any number of further values. */
  readonly rest?: Wanted;
  /** A type, or how it follows from the types given. */
  readonly result: ScalarType | ((types: readonly ScalarType[]) => ScalarType);
  /** What is read from the item besides its arguments. `presence`: the attribute named by the first may be unknown. */
  readonly reads?: "inputs" | "attribute" | "presence";
  /** The first argument is a `format` pattern, constant like the names of attributes. */
  readonly pattern?: true;
  /** `fail` ends the evaluation with a message for the user. */
  readonly apply: (args: readonly Value[], environment: Environment, fail: (message: string) => never) => Value;
}

/** A function of numbers whose result is whole where they all are. */
function numbers(usage: string, count: number, apply: (...numbers: number[]) => number): FunctionDefinition {
  return { usage, parameters: times(count), result: numeric, apply: (args) => apply(...(args as number[])) };
}

function times(count: number): readonly Wanted[] {
  return Array.from({ length: count }, () => NUMBER);
}

function float(usage: string, count: number, apply: (...numbers: number[]) => number): FunctionDefinition {
  return { ...numbers(usage, count, apply), result: "float" };
}

function whole(usage: string, apply: (number: number) => number): FunctionDefinition {
  return { ...numbers(usage, 1, apply), result: "int" };
}

function path(usage: string, apply: (path: string) => string): FunctionDefinition {
  return { usage, parameters: [TEXT], result: "string", apply: ([value]) => apply(valueText(value!)!) };
}

/** Sine of an angle in degrees, as in Houdini; exact at the multiples of a right angle. */
function sine(degrees: number): number {
  const quarter = (degrees % 360) / 90;
  if (Number.isInteger(quarter)) return [0, 1, 0, -1][(quarter + 4) % 4]!;
  return Math.sin((degrees % 360) * (Math.PI / 180));
}

const LIST: readonly FunctionDefinition[] = [
  { ...numbers("min(value, …)", 1, Math.min), rest: NUMBER },
  { ...numbers("max(value, …)", 1, Math.max), rest: NUMBER },
  {
    usage: "clamp(value, low, high)",
    parameters: times(3),
    result: numeric,
    apply(args, _environment, fail) {
      const [value, low, high] = args as [number, number, number];
      if (low > high) fail(`clamp's low limit, ${valueText(low)}, is above its high one, ${valueText(high)}.`);
      return Math.min(Math.max(value, low), high);
    },
  },
  whole("floor(value)", Math.floor),
  whole("ceil(value)", Math.ceil),
  whole("round(value)", (value) => Math.sign(value) * Math.round(Math.abs(value))),
  numbers("abs(value)", 1, Math.abs),
  float("pow(base, exponent)", 2, Math.pow),
  float("sqrt(value)", 1, Math.sqrt),
  float("exp(value)", 1, Math.exp),
  float("log(value)", 1, Math.log),
  float("sin(degrees)", 1, sine),
  float("cos(degrees)", 1, (degrees) => sine((degrees % 360) + 90)),
  {
    usage: "fit(value, old_min, old_max, new_min, new_max)",
    parameters: times(5),
    result: "float",
    apply(args, _environment, fail) {
      const [value, oldMin, oldMax, newMin, newMax] = args as [number, number, number, number, number];
      if (oldMin === oldMax) fail(`fit has no range to fit from: both ends are ${valueText(oldMin)}.`);
      return lerp(newMin, newMax, Math.min(Math.max((value - oldMin) / (oldMax - oldMin), 0), 1));
    },
  },
  float("lerp(from, to, amount)", 3, lerp as (...numbers: number[]) => number),
  {
    usage: "rand(seed, …)",
    parameters: [["float", "string", "file"]],
    rest: ["float", "string", "file"],
    result: "float",
    apply: (seeds) => randomStream(0, "rand", ...seeds.map(seedWord)).uniform(0),
  },
  {
    usage: "pdginput(index, tag)",
    parameters: [WHOLE, TEXT],
    required: 1,
    result: "file",
    reads: "inputs",
    apply([index, tag = ""], environment, fail) {
      const prefix = valueText(tag)!;
      const file = environment.input(index as number, prefix);
      if (file !== undefined) return file;
      const files = prefix === "" ? "input files" : `input files with tag "${prefix}"`;
      return fail(
        `There is no input file ${valueText(index!)}: this item has ${environment.inputSize(prefix)} ${files}.`,
      );
    },
  },
  {
    usage: "pdginputsize(tag)",
    parameters: [TEXT],
    required: 0,
    result: "int",
    reads: "inputs",
    apply: ([tag = ""], environment) => environment.inputSize(valueText(tag)!),
  },
  {
    usage: "pdgattribsize(name)",
    parameters: [["string"]],
    result: "int",
    reads: "attribute",
    apply([name], environment) {
      const value = environment.attribute(name as string);
      if (value === undefined) return 0;
      return isList(value) ? value.length : 1;
    },
  },
  {
    usage: "haspdgattrib(name)",
    parameters: [["string"]],
    result: "bool",
    reads: "presence",
    apply: ([name], environment) => environment.attribute(name as string) !== undefined,
  },
  {
    usage: "format(pattern, value, …)",
    parameters: [["string"]],
    rest: PRINTABLE,
    result: "string",
    pattern: true,
    apply: ([pattern, ...values]) => applyPattern(parsePattern(pattern as string) as Pattern, values),
  },
  path("basename(path)", posix.basename),
  path("stem(path)", (text) => posix.basename(text, posix.extname(text))),
  path("extension(path)", posix.extname),
];

/** From a to b; exactly b where t is 1. */
function lerp(a: number, b: number, t: number): number {
  return a * (1 - t) + b * t;
}

function seedWord(seed: Value): string | number {
  return typeof seed === "number" ? seed : valueText(seed)!;
}

/** By name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionDefinition> = new Map(
  LIST.map((definition) => [definition.usage.slice(0, definition.usage.indexOf("(")), definition]),
);
