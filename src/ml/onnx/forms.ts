/**
 * Which form each convolution and gradient of one takes on a processor, by its shape: the one table of what was measured
 * (bench/forms, onnxruntime 1.30, two threads of an AVX-512 machine). The usual form is onnxruntime's own operator.
 */
import type { Tensor } from "../program/program.js";
import { patchConvolution, summedWeightGradient } from "./form-patches.js";
import { scatteredTransposed } from "./form-scattered.js";
import { shiftedConvolution, shiftedTransposed, shiftedWeightGradient } from "./form-shifted.js";
import { stackedTransposed } from "./form-stacked.js";
import { winogradConvolution, winogradTransposed, winogradWeightGradient } from "./form-winograd.js";
import { type ConvolutionKind, type Geometry, geometryOf, pixels, taps } from "./geometry.js";
import type { GraphWriter } from "./graph.js";
import type { LoweredValue, Lowering } from "./value.js";

/** Lowers an operation on the values of its two operands. */
type Lower = (graph: GraphWriter, geometry: Geometry, a: string, b: string) => string;

/** A way to compute convolutions, or some of the three operations on one. */
export interface Form extends Readonly<Partial<Record<ConvolutionKind, Lower>>> {
  readonly name: string;
  /** Whether it computes what is asked for. */
  fits(geometry: Geometry): boolean;
  /** Whether it is the faster form. */
  gains(geometry: Geometry): boolean;
}

/** In the order in which they are asked. */
export const FORMS: readonly Form[] = [
  {
    name: "shifted",
    fits: (geometry) => isWhole(geometry) && geometry.pad < Math.min(...geometry.kernel),
    gains: ({ image, map }) => map.channels <= 4 && image.channels >= 16 * map.channels,
    conv: shiftedConvolution,
    conv_transpose: shiftedTransposed,
    conv_weight_gradient: shiftedWeightGradient,
  },
  {
    name: "winograd",
    fits: (geometry) => isWhole(geometry) && isOneOf(geometry.kernel, [3, 4]),
    // The weight is brought into its form whatever the number of pixels.
    gains: ({ batch, image, map }) => Math.min(image.channels, map.channels) >= 64 && batch * pixels(map) >= 128,
    conv: winogradConvolution,
    conv_transpose: winogradTransposed,
    conv_weight_gradient: winogradWeightGradient,
  },
  {
    name: "patches",
    fits: ({ batch }) => batch > 1,
    gains: (geometry) => {
      const { image, map } = geometry;
      const few = pixels(map) >= 4 && pixels(map) <= 16;
      return few && image.channels * map.channels * taps(geometry) >= 2 ** 20;
    },
    conv: patchConvolution,
  },
  {
    name: "summed",
    fits: ({ batch }) => batch > 1,
    gains: ({ map }) => pixels(map) >= 256 && map.channels <= pixels(map),
    conv_weight_gradient: summedWeightGradient,
  },
  {
    name: "scattered",
    fits: ({ map }) => pixels(map) <= 64,
    gains: ({ batch, image, map }) => {
      const large = image.channels * map.channels >= 2 ** 15;
      return large && pixels(map) <= 16 && batch * pixels(map) <= 64;
    },
    conv_transpose: scatteredTransposed,
  },
  {
    name: "stacked",
    fits: ({ batch }) => batch > 1,
    // With stride 1 the rows of zeros between the images cost more than is gained.
    gains: ({ image, map, stride, kernel }) =>
      stride > 1 && pixels(map) <= 64 && image.channels * map.channels * kernel[0] * kernel[1] >= 2 ** 20,
    conv_transpose: stackedTransposed,
  },
];

/** Stride 1, and no row or column of the image is out of the kernel's reach. */
function isWhole({ stride, pad, image, map, kernel }: Geometry): boolean {
  return (
    stride === 1 &&
    image.height + 2 * pad - kernel[0] + 1 === map.height &&
    image.width + 2 * pad - kernel[1] + 1 === map.width
  );
}

function isOneOf([height, width]: Geometry["kernel"], sides: readonly number[]): boolean {
  return height === width && sides.includes(height);
}

/** A convolution or a gradient of one in a form; undefined where the form has no way for it. */
export function inForm(form: Form, lowering: Lowering, tensor: Tensor): LoweredValue | undefined {
  const geometry = geometryOf(tensor);
  const lower = form[tensor.operation.kind as ConvolutionKind];
  if (geometry === undefined || lower === undefined) return undefined;
  const [a, b] = tensor.inputs.map((input) => lowering.full(input)) as [string, string];
  return { name: lower(lowering.graph, geometry, a, b), shape: tensor.shape };
}

/** The rule of convolutions and their gradients whose faster form is not the usual one. */
export function formed(lowering: Lowering, tensor: Tensor): LoweredValue | undefined {
  const geometry = geometryOf(tensor);
  if (geometry === undefined) return undefined;
  const kind = tensor.operation.kind as ConvolutionKind;
  const form = FORMS.find((each) => each[kind] !== undefined && each.fits(geometry) && each.gains(geometry));
  return form === undefined ? undefined : inForm(form, lowering, tensor);
}
