/** Lowering of convolutions, their weights' gradients, normalization and upsampling, in the forms measured fastest. */
import type { Operation, Shape, Tensor } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import { patchWeightGradient } from "./form-patches.js";
import { geometryOf } from "./geometry.js";
import { type AttributeProto, attribute } from "./model.js";
import type { LoweredValue, Lowering } from "./value.js";

/** The rule of convolutions and upsampling, in forms that hold for images of any size. */
export function lowerConvolution(lowering: Lowering, { operation, inputs, shape }: Tensor): LoweredValue | undefined {
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

function geometry({ stride, pad }: { stride: number; pad: number }, weight: Shape): readonly AttributeProto[] {
  return [
    attribute.ints("kernel_shape", weight.slice(2)),
    attribute.ints("strides", [stride, stride]),
    attribute.ints("pads", [pad, pad, pad, pad]),
  ];
}

/**
 * The rule of what only training needs or gains from, and of normalization by the operator that answers both of its
 * values. It comes before that of convolutions.
 */
export function lowerTraining(lowering: Lowering, tensor: Tensor): LoweredValue | undefined {
  const { operation, shape } = tensor;
  switch (operation.kind) {
    case "conv_weight_gradient":
      return { name: weightGradient(lowering, tensor), shape };
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

/** As a product of patches: one operator for it is in no set. */
function weightGradient({ graph, full }: Lowering, tensor: Tensor): string {
  const [x, dy] = tensor.inputs.map((input) => full(input)) as [string, string];
  return patchWeightGradient(graph, geometryOf(tensor)!, x, dy);
}
