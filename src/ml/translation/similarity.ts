/** Similarity of images to what they ought to be, batch by batch. It knows nothing of how they are made. */
import { ssim } from "../metrics/ssim.js";
import type { Values } from "../runtime/runtime.js";
import type { SampleImage } from "./method.js";

/** The form of the images of a batch. */
export interface BatchShape {
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Values of −1..1 as values of 0..1. */
export function toUnit(values: Float32Array): Float32Array {
  return values.map((value) => (value + 1) / 2);
}

/** The images of samples by name, from their values, and from what an update made of them. */
export function imagesOf(
  described: readonly SampleImage[],
  samples: ReadonlyMap<string, Values>,
  outputs: ReadonlyMap<string, Values>,
): ReadonlyMap<string, Values> {
  return new Map(
    described.map(({ name, side, made }) => [name, made ? outputs.get(made.output)! : samples.get(side)!] as const),
  );
}

/**
 * The SSIM of each sample of a batch: the mean over its images that have a target. `images`: by name, in −1..1,
 * [count, channels, height, width].
 */
export function sampleSsims(
  described: readonly SampleImage[],
  images: ReadonlyMap<string, Float32Array>,
  shape: BatchShape,
): readonly number[] {
  const compared = described.flatMap(({ name, target }) =>
    target === undefined ? [] : [batchSsim(images.get(name)!, images.get(target)!, shape)],
  );
  return Array.from(
    { length: shape.count },
    (_, at) => compared.reduce((sum, ssims) => sum + ssims[at]!, 0) / compared.length,
  );
}

/** The SSIM of each image of a batch with its reference; values are in −1..1, [count, channels, height, width]. */
function batchSsim(generated: Float32Array, reference: Float32Array, shape: BatchShape): readonly number[] {
  const { count, channels, height, width } = shape;
  const length = channels * height * width;
  const [a, b] = [toUnit(generated), toUnit(reference)];
  return Array.from({ length: count }, (_, at) => {
    const [from, end] = [at * length, (at + 1) * length];
    return ssim(a.subarray(from, end), b.subarray(from, end), { channels, height, width });
  });
}
