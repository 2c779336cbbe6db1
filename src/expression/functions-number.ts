/** The functions of numbers. Angles are in degrees, as in Houdini. */
import { randomStream } from "../base/random.js";
import { type FunctionDefinition, ofNumbers, times, toFloat, whole } from "./function.js";
import { NUMBER, numeric } from "./typed.js";
import { elementType, isList, type Value, type ValueType, valueText } from "./value.js";

/** Sine of an angle in degrees; exact at the multiples of a right angle. */
function sine(degrees: number): number {
  const quarter = (degrees % 360) / 90;
  if (Number.isInteger(quarter)) return [0, 1, 0, -1][(quarter + 4) % 4]!;
  return Math.sin((degrees % 360) * (Math.PI / 180));
}

/** From a to b; exactly b where t is 1. */
function lerp(a: number, b: number, t: number): number {
  return a * (1 - t) + b * t;
}

function degrees(radians: number): number {
  return radians * (180 / Math.PI);
}

/** The least or greatest of some numbers, or of those in one list. */
function extreme(usage: string, of: (...numbers: number[]) => number): FunctionDefinition {
  const result = (types: readonly ValueType[]): ValueType => numeric(types.map(elementType));
  return {
    usage,
    parameters: [["float", "float[]"]],
    rest: NUMBER,
    result,
    apply([first, ...others], _environment, fail) {
      if (!isList(first!)) return of(first as number, ...(others as number[]));
      if (others.length > 0) fail(`${usage} takes numbers, or one list of them.`);
      if (first.length === 0) fail(`${usage} has an empty list, and so no number to give.`);
      return (first as readonly number[]).reduce((best, each) => of(best, each));
    },
  };
}

function seedWord(seed: Value): string | number {
  return typeof seed === "number" ? seed : valueText(seed)!;
}

export const NUMBER_FUNCTIONS: readonly FunctionDefinition[] = [
  extreme("min(value, …)", Math.min),
  extreme("max(value, …)", Math.max),
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
  whole("trunc(value)", Math.trunc),
  ofNumbers("abs(value)", 1, Math.abs),
  toFloat("pow(base, exponent)", 2, Math.pow),
  toFloat("sqrt(value)", 1, Math.sqrt),
  toFloat("exp(value)", 1, Math.exp),
  toFloat("log(value)", 1, Math.log),
  toFloat("sin(degrees)", 1, sine),
  toFloat("cos(degrees)", 1, (angle) => sine((angle % 360) + 90)),
  toFloat("atan2(y, x)", 2, (y, x) => degrees(Math.atan2(y, x))),
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
  toFloat("lerp(from, to, amount)", 3, lerp as (...numbers: number[]) => number),
  {
    usage: "rand(seed, …)",
    parameters: [["float", "string", "file"]],
    rest: ["float", "string", "file"],
    result: "float",
    apply: (seeds) => randomStream(0, "rand", ...seeds.map(seedWord)).uniform(0),
  },
];
