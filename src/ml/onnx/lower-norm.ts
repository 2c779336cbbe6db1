/** Lowering of normalization to operators that every operator set has, as exact as float32 allows. */
import type { GraphWriter } from "./graph.js";
import { attribute } from "./model.js";
import { joined, type LoweredValue, type Lowering, type LoweringRule } from "./value.js";

/**
 * Instance norm written out. InstanceNormalization would be shorter, but onnxruntime's is off by 1e-2 on a 64² channel that
 * is 7.3 throughout: of a constant channel only the rounding of its mean is left, and 1/√ε makes that 300 times larger, in
 * every layer again. So the mean is held between the smallest and the largest value, which makes a constant channel
 * exactly zero, and what is nearly centred is centred again.
 */
export function lowerNormalization(version: number): LoweringRule {
  return ({ graph, full }: Lowering, { operation, inputs, shape }) => {
    if (operation.kind !== "normalize") return undefined;
    const axes = [...shape.keys()].slice(shape.length - operation.axes);
    const one = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const over = (operator: string, name: string): LoweredValue => ({
      name: reduced(graph, version, operator, name, axes),
      shape: one,
    });
    const x = { name: full(inputs[0]!), shape };
    const least = joined(graph, "Max", [over("ReduceMean", x.name), over("ReduceMin", x.name)]);
    const nearly = joined(graph, "Sub", [x, joined(graph, "Min", [least, over("ReduceMax", x.name)])]);
    const centred = joined(graph, "Sub", [nearly, over("ReduceMean", nearly.name)]);
    const variance = over("ReduceMean", graph.emit("Mul", [centred.name, centred.name]));
    const epsilon = graph.floats([1], Float32Array.of(operation.epsilon));
    const deviation = graph.emit("Sqrt", [graph.emit("Add", [variance.name, epsilon])]);
    return joined(graph, "Div", [centred, { ...variance, name: deviation }]);
  };
}

/**
 * Axis by axis: onnxruntime adds one value after the other, and where most of a map is alike, as under a constant image,
 * each addition rounds the same way. Over the 4096 values of a 64² map that made a deviation wrong by 8e-6, over its rows and
 * then its columns by 4e-7.
 */
function reduced(graph: GraphWriter, version: number, operator: string, name: string, axes: readonly number[]): string {
  return axes.reduceRight((values, axis) => reducedOver(graph, version, operator, values, axis), name);
}

/** Reductions took their axes as an attribute before operator set 18, and take them as an input since. */
function reducedOver(graph: GraphWriter, version: number, operator: string, name: string, axis: number): string {
  return version < 18
    ? graph.emit(operator, [name], [attribute.ints("axes", [axis])])
    : graph.emit(operator, [name, graph.ints([axis])]);
}
