/** Scores of outputs against references: by image, then means by group. Knows no files and no nodes. */
import type { Image, Range } from "dag-cook/image";

/** MAE (lower is better), SSIM and Pearson's correlation (higher is better). */
export interface Scores {
  readonly mae: number;
  readonly ssim: number;
  readonly correlation: number;
}

export type Metric = keyof Scores;

/** Which values are compared: the mean of the colour channels, or every channel by itself. */
export type Channels = "gray" | "all";

/** An image and what messages call it. */
export interface NamedImage {
  readonly image: Image;
  readonly name: string;
}

/**
 * One image's scores; alpha does not count. `range`: the values that are 0 and 1 to SSIM; MAE is in the images' own values. A
 * correlation that is not defined, since one of the two is constant, is 0: nothing of the reference is in such an output. Throws
 * where the sizes differ, and where values are not finite.
 */
export async function scoreImage(
  { image: output, name }: NamedImage,
  { image: reference, name: reference_name }: NamedImage,
  channels: Channels,
  range: Range,
): Promise<Scores> {
  const { planesOf, UNIT } = await import("dag-cook/image");
  const { toNetwork } = await import("dag-cook/ml/data/network-image");
  const { correlation, mae } = await import("dag-cook/ml/metrics/difference");
  const { ssim } = await import("dag-cook/ml/metrics/ssim");
  const [width, height] = [reference.width, reference.height];
  if (output.width !== width || output.height !== height) {
    throw new Error(`the output has ${output.width}×${output.height} pixels, its reference ${width}×${height}`);
  }
  const form = { alpha: "drop", range: UNIT, non_finite: "error" } as const;
  const truth = toNetwork(reference, { ...form, channel_count: null }, reference_name);
  const made = toNetwork(output, { ...form, channel_count: channels === "gray" ? null : truth.channels }, name);
  const [a, b] =
    channels === "gray" ? [grayOf(made, planesOf), grayOf(truth, planesOf)] : [planesOf(made), planesOf(truth)];
  const [low, high] = range;
  const unit = (values: Float32Array) => values.map((value) => (value - low) / (high - low));
  const related = correlation(a, b);
  return {
    mae: mae(a, b),
    ssim: ssim(unit(a), unit(b), { channels: b.length / (width * height), height, width }),
    correlation: Number.isNaN(related) ? 0 : related,
  };
}

function grayOf(image: Image, planesOf: (image: Image) => Float32Array): Float32Array {
  const { channels } = image;
  const data = planesOf(image);
  const pixels = data.length / channels;
  const gray = new Float32Array(pixels);
  for (let at = 0; at < data.length; at++) gray[at % pixels]! += data[at]! / channels;
  return gray;
}

/** The mean of each score. */
export function meanScores(all: readonly Scores[]): Scores {
  const mean = (metric: Metric) => all.reduce((sum, scores) => sum + scores[metric], 0) / all.length;
  return { mae: mean("mae"), ssim: mean("ssim"), correlation: mean("correlation") };
}

/** Whether `a` is better than `b`. */
export function isBetter(a: Scores, b: Scores, metric: Metric): boolean {
  return metric === "mae" ? a.mae < b.mae : a[metric] > b[metric];
}
