/** Lowering of convolutions, their weights' gradients, normalization and upsampling, in the forms measured fastest. */
import type { Operation, Shape, Tensor } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import { type Attribute, attribute } from "./model.js";
import type { Lowering, Value } from "./value.js";

/** The rule of convolutions and upsampling, in forms that hold for images of any size. */
export function convolution(lowering: Lowering, { operation, inputs, shape }: Tensor): Value | undefined {
  const { graph } = lowering;
  const operands = () => inputs.map((input) => lowering.full(input));
  switch (operation.kind) {
    case "conv":
      return { name: graph.emit("Conv", operands(), geometry(operation, inputs[1]!.shape)), shape };
    case "conv_transpose": {
      const padding = attribute.ints("output_padding", operation.outputPadding);
      const attributes = [...geometry(operation, inputs[1]!.shape), padding];
      return { name: graph.emit("ConvTranspose", operands(), attributes), shape };
    }
    case "upsample2": {
      // Required before operator set 13, and without use here.
      const noRegion = graph.floats([0], new Float32Array());
      const scales = graph.floats([4], Float32Array.of(1, 1, 2, 2));
      const nearest = [
        attribute.string("mode", "nearest"),
        attribute.string("coordinate_transformation_mode", "asymmetric"),
        attribute.string("nearest_mode", "floor"),
      ];
      return { name: graph.emit("Resize", [...operands(), noRegion, scales], nearest), shape };
    }
    default:
      return undefined;
  }
}

function geometry({ stride, pad }: { stride: number; pad: number }, weight: Shape): readonly Attribute[] {
  return [
    attribute.ints("kernel_shape", weight.slice(2)),
    attribute.ints("strides", [stride, stride]),
    attribute.ints("pads", [pad, pad, pad, pad]),
  ];
}

/** The rule of what only training needs, and of normalization by the operator that answers both of its values. */
export function training(lowering: Lowering, tensor: Tensor): Value | undefined {
  const { operation, shape } = tensor;
  switch (operation.kind) {
    case "conv_weight_gradient":
      return { name: weightGradient(lowering, tensor, operation), shape };
    case "normalize":
      return { name: layerNormalization(lowering, tensor, operation)[0]!, shape };
    case "inverse_deviation":
      return { name: layerNormalization(lowering, tensor, operation)[2]!, shape };
    default:
      return undefined;
  }
}

/**
 * One LayerNormalization over the last axes with a scale of ones: its outputs are x̂, the mean and 1/√(variance + ε), each
 * in the shape that the program gives it.
 */
function layerNormalization(
  { graph, full }: Lowering,
  { inputs }: Tensor,
  { axes, epsilon }: Operation & { kind: "normalize" | "inverse_deviation" },
): readonly string[] {
  const x = inputs[0]!;
  const normalized = x.shape.slice(-axes);
  const ones = graph.floats(normalized, new Float32Array(sizeOf(normalized)).fill(1));
  const attributes = [attribute.int("axis", -axes), attribute.float("epsilon", epsilon)];
  return graph.emitAll("LayerNormalization", [full(x), ones], attributes, 3);
}

/**
 * dW = dy · columnsᵀ, where the columns are x's patches: a convolution of every channel with one-hot kernels picks them,
 * and the batch is folded into their length, so that one Gemm also sums over it. Right for 1×1 maps too.
 */
function weightGradient(
  { graph, full }: Lowering,
  { inputs, shape }: Tensor,
  operation: Operation & { kind: "conv_weight_gradient" },
): string {
  const [x, dy] = inputs as [Tensor, Tensor];
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [outputs, , ...kernel] = shape as [number, number, number, number];
  const reshaped = (name: string, to: Shape) => graph.emit("Reshape", [name, graph.ints(to)]);
  const taps = sizeOf(kernel);
  const pixels = sizeOf(dy.shape.slice(2));
  const planes = reshaped(full(x), [batch * channels, 1, height, width]);
  const patches = graph.emit("Conv", [planes, oneHot(graph, kernel)], geometry(operation, shape));
  /** [N, rows, pixels] with the batch beside the pixels: [rows, N·pixels]. */
  const folded = (name: string, rows: number) => {
    if (batch === 1) return reshaped(name, [rows, pixels]);
    const apart = reshaped(name, [batch, rows, pixels]);
    return reshaped(graph.emit("Transpose", [apart], [attribute.ints("perm", [1, 0, 2])]), [rows, batch * pixels]);
  };
  const product = graph.emit(
    "Gemm",
    [folded(full(dy), outputs), folded(patches, channels * taps)],
    [attribute.int("transB", 1)],
  );
  return reshaped(product, shape);
}

/** Kernels [kh·kw, 1, kh, kw] that each pick one pixel. */
function oneHot(graph: Lowering["graph"], kernel: Shape): string {
  const taps = sizeOf(kernel);
  const identity = new Float32Array(taps * taps);
  for (let tap = 0; tap < taps; tap++) identity[tap * taps + tap] = 1;
  return graph.floats([taps, 1, ...kernel], identity);
}
