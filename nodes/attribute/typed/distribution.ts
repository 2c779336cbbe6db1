/** Distributions of random numbers: their parameters, and a value for each draw. Knows no items. */
import type { ParamProblem, ParamSchemas, ParamValues } from "dag-cook";
import type { RandomStream } from "dag-cook/random";

export const DISTRIBUTION = {
  distribution: {
    type: "string",
    enum: ["uniform", "discrete", "two_value", "normal", "exponential", "log_normal", "curve"],
    default: "uniform",
    description:
      "Evenly between `minimum` and `maximum`; one of `values`; one of two `values`, the second with `probability`; about `mean` with `deviation`; falling off with `mean`; a number whose logarithm is about `mean` with `deviation`; or along `curve`.",
  },
  minimum: {
    type: ["number", "null"],
    default: null,
    description: "Lower end: of `uniform` (0 unless given), and what the unbounded distributions are cut off at.",
  },
  maximum: {
    type: ["number", "null"],
    default: null,
    description: "Upper end, in the same way: of `uniform` 1 unless given. Whole numbers reach it.",
  },
  mean: { type: "number", default: 0, description: "Of `normal`, `exponential` and (of the logarithm) `log_normal`." },
  deviation: {
    type: "number",
    minimum: 0,
    default: 1,
    description: "Standard deviation of `normal` and `log_normal`.",
  },
  values: {
    type: "array",
    items: { type: "number" },
    default: [],
    description: "Of `discrete` and `two_value`: the values there are.",
  },
  weights: {
    type: "array",
    items: { type: "number", minimum: 0 },
    default: [],
    description: "Of `discrete`: how likely each of the values is beside the others; empty: equally.",
  },
  probability: {
    type: "number",
    minimum: 0,
    maximum: 1,
    default: 0.5,
    description: "Of `two_value`: how likely the second value is.",
  },
  curve: {
    type: "array",
    items: { type: "number" },
    default: [],
    description: "Of `curve`: values at even distances; an even draw is looked up between them, in straight lines.",
  },
} as const satisfies ParamSchemas;

export type Distribution = ParamValues<typeof DISTRIBUTION>;

/** Value `index` of a stream, whole where that is asked for. What `distributionProblems` finds must be absent. */
export function drawn(given: Distribution, whole: boolean, stream: RandomStream, index: number): number {
  const { distribution, values, weights, probability, curve } = given;
  if (distribution === "uniform") return uniform(given, whole, stream.uniform(index));
  if (distribution === "discrete") return weighted(values, weights, stream.uniform(index));
  if (distribution === "two_value") return values[stream.uniform(index) < probability ? 1 : 0]!;
  const free = distribution === "curve" ? along(curve, stream.uniform(index)) : unbounded(given, stream, index);
  const value = Math.min(Math.max(free, given.minimum ?? -Infinity), given.maximum ?? Infinity);
  return whole ? Math.round(value) : value;
}

function uniform({ minimum, maximum }: Distribution, whole: boolean, draw: number): number {
  const [low, high] = [minimum ?? 0, maximum ?? 1];
  return whole
    ? Math.ceil(low) + Math.floor(draw * (Math.floor(high) - Math.ceil(low) + 1))
    : low + draw * (high - low);
}

function weighted(values: readonly number[], weights: readonly number[], draw: number): number {
  if (weights.length === 0) return values[Math.floor(draw * values.length)]!;
  let left = draw * weights.reduce((sum, weight) => sum + weight, 0);
  const place = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  // The sum's rounding may leave a last crumb: it belongs to the last value that can be.
  return values[place >= 0 ? place : weights.findLastIndex((weight) => weight > 0)]!;
}

function unbounded({ distribution, mean, deviation }: Distribution, stream: RandomStream, index: number): number {
  // 1 − u is never 0, so that its logarithm is a number.
  if (distribution === "exponential") return -mean * Math.log(1 - stream.uniform(index));
  const normal = mean + deviation * stream.normal(index);
  return distribution === "normal" ? normal : Math.exp(normal);
}

function along(curve: readonly number[], draw: number): number {
  const at = draw * (curve.length - 1);
  const [left, right] = [curve[Math.floor(at)]!, curve[Math.min(Math.floor(at) + 1, curve.length - 1)]!];
  return left + (at - Math.floor(at)) * (right - left);
}

/** What is wrong with a distribution, with the name of the parameter to blame. */
export function distributionProblems(given: Distribution, whole: boolean): readonly ParamProblem[] {
  const { distribution, minimum, maximum, mean, curve } = given;
  const uniform = distribution === "uniform";
  const [low, high] = uniform ? [minimum ?? 0, maximum ?? 1] : [minimum ?? -Infinity, maximum ?? Infinity];
  if (low > high) return problem("maximum", `${high} is below the minimum, ${low}`);
  if (uniform && whole && Math.ceil(low) > Math.floor(high))
    return problem("maximum", `there is no whole number between ${low} and ${high}`);
  if (distribution === "exponential" && mean <= 0)
    return problem("mean", `"exponential" needs a mean above 0, not ${mean}`);
  if (distribution === "curve" && curve.length < 2)
    return problem("curve", `"curve" needs at least two values, not ${curve.length}`);
  return distribution === "discrete" || distribution === "two_value" ? valuesProblems(given, whole) : [];
}

function valuesProblems({ distribution, values, weights }: Distribution, whole: boolean): readonly ParamProblem[] {
  const fraction = whole ? values.find((value) => !Number.isInteger(value)) : undefined;
  if (fraction !== undefined) return problem("values", `${fraction} is not a whole number`);
  if (distribution === "two_value")
    return values.length === 2 ? [] : problem("values", `"two_value" needs two values, not ${values.length}`);
  if (values.length === 0) return problem("values", '"discrete" needs values');
  if (weights.length === 0) return [];
  if (weights.length !== values.length)
    return problem("weights", `there are ${weights.length} of them for ${values.length} values`);
  return weights.some((weight) => weight > 0) ? [] : problem("weights", "one must be above 0");
}

function problem(param: string, message: string): readonly ParamProblem[] {
  return [{ param, message }];
}
