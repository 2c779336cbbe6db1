/** Lowering of convolutions, their weights' gradients, normalization and upsampling, in the forms measured fastest. */
import type { Operation, Shape, Tensor } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import { patchWeightGradient } from "./form-patches.js";
import { geometryOf } from "./geometry.js";
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

/**
 * The rule of what only training needs or gains from, and of normalization by the operator that answers both of its
 * values. It comes before that of convolutions.
 */
export function training(lowering: Lowering, tensor: Tensor): Value | undefined {
  const { operation, shape } = tensor;
  switch (operation.kind) {
    case "conv_transpose":
      return isMostlyWeight(tensor, operation.stride)
        ? { name: stackedTransposed(lowering, tensor, operation), shape }
        : undefined;
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

/** Few pixels under a weight that is larger than a core's cache: there a batch gains from being one image, as measured. */
const FEW_PIXELS = 64;
const LARGE_WEIGHT = 2 ** 20;

function isMostlyWeight({ inputs }: Tensor, stride: number): boolean {
  const [batch, , height, width] = inputs[0]!.shape as readonly [number, number, number, number];
  // With stride 1 the rows of zeros between the images cost more than is gained.
  return batch > 1 && stride > 1 && height * width <= FEW_PIXELS && sizeOf(inputs[1]!.shape) >= LARGE_WEIGHT;
}

/**
 * The transposed convolution of a batch as that of one tall image: onnxruntime goes through the whole weight for every image
 * of a batch, which takes longer than the arithmetic where images are small (4 of 2×2 pixels, 512 channels to 256:
 * 12 and 2.5 ms).
 * Between the images lie as many rows of zeros as the kernel reaches over.
 */
function stackedTransposed(
  { graph, full }: Lowering,
  { inputs, shape }: Tensor,
  { stride, pad, outputPadding }: Operation & { kind: "conv_transpose" },
): string {
  const [x, w] = inputs as [Tensor, Tensor];
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [, outputs, rows, columns] = shape as [number, number, number, number];
  const kernel = w.shape.slice(2);
  const reach = Math.max(kernel[0]!, kernel[0]! - pad + outputPadding[0]);
  const gap = Math.max(0, Math.ceil((reach - stride) / stride));
  const turned = (name: string) => graph.emit("Transpose", [name], [attribute.ints("perm", [1, 0, 2, 3])]);
  const reshaped = (name: string, to: Shape) => graph.emit("Reshape", [name, graph.ints(to)]);
  const apart = graph.emit("Pad", [turned(full(x)), graph.ints([0, 0, 0, 0, 0, 0, gap, 0])]);
  const tall = reshaped(apart, [1, channels, batch * (height + gap), width]);
  const period = (height + gap) * stride;
  const spread = graph.emit(
    "ConvTranspose",
    [tall, full(w)],
    [
      attribute.ints("kernel_shape", kernel),
      attribute.ints("strides", [stride, stride]),
      // What the last image's kernel reaches beyond its rows is cut off, or rows that it does not reach are added.
      attribute.ints("pads", [0, pad, Math.max(0, kernel[0]! - stride), pad]),
      attribute.ints("output_padding", [Math.max(0, stride - kernel[0]!), outputPadding[1]]),
    ],
  );
  const images = reshaped(spread, [outputs, batch, period, columns]);
  const cut = [graph.ints([pad]), graph.ints([pad + rows]), graph.ints([2])];
  return turned(graph.emit("Slice", [images, ...cut]));
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
