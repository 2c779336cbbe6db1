/** Lowering in the forms that are fastest in onnxruntime's kernels for processors. It knows no machine. */
import type { Tensor } from "../program/program.js";
import { uniformValue } from "../program/simplify.js";
import { formed } from "./forms.js";
import type { LoweringTarget } from "./lower.js";
import type { LoweredValue, Lowering } from "./value.js";

/** The least normal float32 times this is above one. */
const STEEP = 2 ** 127;

/**
 * The slope of a (leaky) ReLU, one of two numbers of 0 to 1 by the sign of x: x times a huge number, held between the two. That is
 * two operators of few cycles, where Greater and Where are four times as slow and Where takes one thread. Exact but for
 * subnormal x, where it lies between both: so near the corner each is as right.
 */
function slope({ graph, value }: Lowering, { operation, inputs }: Tensor): LoweredValue | undefined {
  const [condition, right, left] = inputs as [Tensor, Tensor, Tensor];
  if (operation.kind !== "where" || condition.operation.kind !== "greater") return undefined;
  const [x, edge] = condition.inputs as [Tensor, Tensor];
  const [low, high] = [uniformValue(left), uniformValue(right)];
  if (uniformValue(edge) !== 0 || low === undefined || high === undefined) return undefined;
  if (low < 0 || high < low || high > 1) return undefined;
  const { name, shape } = value(x);
  const steep = graph.emit("Mul", [name, graph.floats([1], Float32Array.of(STEEP))]);
  const bounds = [low, high].map((bound) => graph.floats([], Float32Array.of(bound)));
  return { name: graph.emit("Clip", [steep, ...bounds]), shape };
}

/** For programs that train on the processor. */
export const cpu: LoweringTarget = { rules: [formed, slope], blocks: true };
