/**
 * The PatchGAN discriminator of pix2pix (Isola et al. 2017), its parameters named as in the junyanz reference
 * implementation. It knows nothing of training, nor of what its input channels show.
 */

import type { Tensor } from "../program/program.js";
import { convolvedLength } from "../program/shapes.js";
import { type Activation, activate, convolution, type Layer, type Norm, normalization } from "./layers.js";
import type { Network, Problem } from "./network.js";

/** The discriminator's hyperparameters; the keys are the node's parameters. */
export interface PatchganOptions {
  /** Channels of its input: input and image together when paired. */
  readonly channel_count: number;
  /** Convolutions of stride 2; two of stride 1 follow. */
  readonly layers: number;
  readonly initial_layer_size: number;
  readonly kernel_size: number;
  readonly activation: Activation;
  readonly norm: Norm;
  /** Whether instance norm has a learned scale and shift. */
  readonly affine: boolean;
}

/** Channels double per layer up to this factor. */
const LARGEST_FACTOR = 8;

function padOf({ kernel_size }: PatchganOptions): number {
  return Math.floor((kernel_size - 1) / 2);
}

function strides({ layers }: PatchganOptions): readonly number[] {
  return [...Array<number>(layers).fill(2), 1, 1];
}

/** The side of the patch map that square images of this side give; below 1 where the image is too small. */
export function patchganOutputSide(options: PatchganOptions, side: number): number {
  return sideAfter(options, side, strides(options));
}

function sideAfter(options: PatchganOptions, side: number, passed: readonly number[]): number {
  return passed.reduce(
    (length, stride) => (length < 1 ? 0 : convolvedLength(length, options.kernel_size, stride, padOf(options))),
    side,
  );
}

/** Whether images of this side give an answer that tells images apart: a norm leaves nothing of a map of one pixel. */
function hasOutput(options: PatchganOptions, side: number): boolean {
  const least = options.norm === "none" ? 1 : 2;
  return patchganOutputSide(options, side) >= 1 && sideAfter(options, side, strides(options).slice(0, -1)) >= least;
}

/** The most layers, up to `most`, with which images of this side give an answer; 1 where none do. */
export function largestPatchLayers(options: Omit<PatchganOptions, "layers">, side: number, most: number): number {
  let layers = most;
  while (layers > 1 && !hasOutput({ ...options, layers }, side)) layers--;
  return layers;
}

/** What is wrong with these options for square images of this side, by parameter. Empty where nothing is. */
export function patchganProblems(options: PatchganOptions, side: number): readonly Problem[] {
  const problems: Problem[] = [];
  const { layers, kernel_size } = options;
  if (layers < 1) problems.push({ parameter: "layers", message: `a PatchGAN has at least 1 layer, not ${layers}` });
  if (kernel_size < 1)
    problems.push({ parameter: "kernel_size", message: `a kernel has at least 1 pixel, not ${kernel_size}` });
  if (problems.length > 0 || hasOutput(options, side)) return problems;
  let most = layers;
  while (most > 0 && !hasOutput({ ...options, layers: most }, side)) most--;
  const advice = most > 0 ? `use at most ${most} layers` : "use larger images or a smaller kernel";
  const left =
    patchganOutputSide(options, side) < 1
      ? "no output pixel"
      : "the last norm a single pixel, of which it leaves nothing,";
  return [{ parameter: "layers", message: `${layers} layers leave ${left} at image size ${side}: ${advice}` }];
}

/** The PatchGAN of these options: x [N,channel_count,H,W] → logits [N,1,h,w], one a patch. */
export function patchgan(options: PatchganOptions): Network {
  const layers = strides(options).map((stride, index) => patchLayer(options, stride, index));
  return {
    parameters: layers.flatMap(({ conv, norm }) => [...conv.parameters, ...norm.parameters]),
    dropout: 0,
    apply: (pass, x) =>
      layers.reduce<Tensor>((below, { conv, norm, activation }) => {
        return activate(pass, norm.apply(pass, conv.apply(pass, below)), activation);
      }, x),
  };
}

/** Names count the modules of the reference's sequence: [conv, activation], then [conv, norm, activation] …, conv. */
function patchLayer(
  options: PatchganOptions,
  stride: number,
  index: number,
): { conv: Layer; norm: Layer; activation: Activation } {
  const { layers, initial_layer_size, channel_count } = options;
  const [first, last] = [index === 0, index === layers + 1];
  const channels = (i: number) => initial_layer_size * Math.min(2 ** i, LARGEST_FACTOR);
  const position = first ? 0 : 3 * index - 1;
  const outputs = last ? 1 : channels(index);
  const plain = options.norm === "none" || (options.norm === "instance" && !options.affine);
  return {
    conv: convolution({
      name: `model.${position}`,
      inputs: first ? channel_count : channels(index - 1),
      outputs,
      kernel: options.kernel_size,
      stride,
      pad: padOf(options),
      bias: first || last || plain,
    }),
    norm: normalization(`model.${position + 1}`, outputs, first || last ? "none" : options.norm, options.affine),
    activation: last ? "none" : options.activation,
  };
}
