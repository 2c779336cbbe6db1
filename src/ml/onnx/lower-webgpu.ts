/** Lowering in the forms that onnxruntime's WebGPU kernels need to compute right. It knows no device. */

import type { LoweringTarget } from "./lower.js";
import { lowerConvolution, lowerTraining } from "./lower-images.js";
import type { LoweringRule } from "./value.js";

/**
 * Convolutions whose input channels WebGPU reads in threes, but computes wrong then (onnxruntime 1.30): a multiple of 3 above
 * 3 that is none of 4, to a multiple of 4. Channels of zeros, in image and weight, fill them up to a multiple of 4.
 */
const paddedConvolution: LoweringRule = (lowering, tensor) => {
  const { operation, inputs } = tensor;
  if (operation.kind !== "conv") return undefined;
  const [outputs, channels] = inputs[1]!.shape as readonly [number, number, ...number[]];
  if (channels <= 3 || channels % 3 !== 0 || channels % 4 === 0 || outputs % 4 !== 0) return undefined;
  const { graph, full } = lowering;
  const missing = 4 - (channels % 4);
  const pads = graph.ints([0, 0, 0, 0, 0, missing, 0, 0]);
  const filled = new Map(inputs.map((input) => [input, graph.emit("Pad", [full(input), pads])]));
  return lowerConvolution({ ...lowering, graph, full: (input) => filled.get(input)! }, tensor);
};

/** Before the usual rules. Every norm is the operator of training, which was tried there; reductions were not. */
export const webgpu: LoweringTarget = { rules: [paddedConvolution, lowerTraining], blocks: false };
