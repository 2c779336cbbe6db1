/** Lowering of the elementwise operations and of arrangements that do not depend on images. */
import type { Operation, Tensor } from "../program/program.js";
import { SELU_ALPHA, SELU_SCALE } from "../program/selu.js";
import { sizeOf } from "../program/shapes.js";
import { type AttributeProto, attribute, ElementType } from "./model.js";
import { joined, type LoweredValue, type Lowering } from "./value.js";

type Kind = Operation["kind"];

const UNARY: Partial<Record<Kind, string>> = {
  neg: "Neg",
  abs: "Abs",
  exp: "Exp",
  log: "Log",
  sqrt: "Sqrt",
  tanh: "Tanh",
  sigmoid: "Sigmoid",
  softplus: "Softplus",
  relu: "Relu",
  reciprocal: "Reciprocal",
  leaky_relu: "LeakyRelu",
  elu: "Elu",
  selu: "Selu",
};
const BINARY: Partial<Record<Kind, string>> = {
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  div: "Div",
  max: "Max",
  min: "Min",
};

/** Whether an operation computes every element from the elements at its place. */
export function isElementwise({ kind }: Operation): boolean {
  return UNARY[kind] !== undefined || BINARY[kind] !== undefined || kind === "greater" || kind === "where";
}

/** The rule of operations that compute every element from the elements at its place. */
export function lowerElementwise(lowering: Lowering, tensor: Tensor): LoweredValue | undefined {
  const { graph } = lowering;
  const { operation, inputs } = tensor;
  const unary = UNARY[operation.kind];
  if (unary !== undefined) {
    const { name, shape } = lowering.value(inputs[0]!);
    return { name: graph.emit(unary, [name], attributesOf(operation)), shape };
  }
  const binary = BINARY[operation.kind];
  if (binary !== undefined) return joined(graph, binary, inputs.map(lowering.value));
  switch (operation.kind) {
    case "constant":
      return { name: graph.floats(tensor.shape, Float32Array.from(operation.data)), shape: tensor.shape };
    case "greater": {
      const { name, shape } = lowering.condition(tensor);
      return { name: graph.emit("Cast", [name], [attribute.int("to", ElementType.float32)]), shape };
    }
    case "where": {
      const [condition, a, b] = inputs as [Tensor, Tensor, Tensor];
      return joined(graph, "Where", [lowering.condition(condition), lowering.value(a), lowering.value(b)]);
    }
    default:
      return undefined;
  }
}

function attributesOf(operation: Operation): readonly AttributeProto[] {
  switch (operation.kind) {
    case "leaky_relu":
    case "elu":
      return [attribute.float("alpha", operation.alpha)];
    case "selu":
      return [attribute.float("alpha", SELU_ALPHA), attribute.float("gamma", SELU_SCALE)];
    default:
      return [];
  }
}

/** The rule of operations that move or sum elements. */
export function lowerArrangement(lowering: Lowering, tensor: Tensor): LoweredValue | undefined {
  const { graph } = lowering;
  const { operation, inputs, shape } = tensor;
  const x = () => lowering.full(inputs[0]!);
  const whole = (name: string) => ({ name, shape });
  switch (operation.kind) {
    case "expand":
      return lowering.value(inputs[0]!);
    case "reshape": {
      // A value that is one element keeps being one.
      const { name, shape: stored } = lowering.value(inputs[0]!);
      const target = sizeOf(stored) === 1 ? shape.map(() => 1) : shape;
      const source = sizeOf(stored) === 1 ? name : x();
      return { name: graph.emit("Reshape", [source, graph.ints(target)]), shape: target };
    }
    case "transpose":
      return whole(graph.emit("Transpose", [x()], [attribute.ints("perm", operation.permutation)]));
    case "concat": {
      const names = inputs.map((input) => lowering.full(input));
      return whole(graph.emit("Concat", names, [attribute.int("axis", operation.axis)]));
    }
    case "slice": {
      const source = inputs[0]!.shape;
      const cut = [...source.keys()].filter((axis) => shape[axis] !== source[axis]);
      const along = (list: readonly number[]) => graph.ints(cut.map((axis) => list[axis]!));
      return whole(graph.emit("Slice", [x(), along(operation.starts), along(operation.ends), graph.ints(cut)]));
    }
    case "pad": {
      const mode = operation.mode === "zero" ? "constant" : "reflect";
      const pads = graph.ints([...operation.before, ...operation.after]);
      return whole(graph.emit("Pad", [x(), pads], [attribute.string("mode", mode)]));
    }
    case "sum":
      return whole(graph.emit("ReduceSum", [x(), graph.ints(operation.axes)], [attribute.int("keepdims", 1)]));
    case "matmul": {
      const { transposeA, transposeB } = operation;
      const flags = [attribute.int("transA", Number(transposeA)), attribute.int("transB", Number(transposeB))];
      return whole(graph.emit("Gemm", [x(), lowering.full(inputs[1]!)], flags));
    }
    default:
      return undefined;
  }
}
