/** Scores of outputs against references: by image, then means by group. Knows no files and no nodes. */
import type { Image } from "dag-cook/image";

/** MAE (lower is better), SSIM and Pearson's correlation (higher is better). */
export interface Scores {
  readonly mae: number;
  readonly ssim: number;
  readonly correlation: number;
}

export type Metric = keyof Scores;

/** Which values are compared: the mean of the colour channels, or every channel by itself. */
export type Channels = "gray" | "all";

/**
 * One image's scores; alpha does not count. A correlation that is not defined, since one of the two is constant, is 0:
 * nothing of the reference is in such an output. Throws where the sizes differ.
 */
export async function scoreImage(output: Image, reference: Image, channels: Channels): Promise<Scores> {
  const { planesOf, toChannels, withoutAlpha } = await import("dag-cook/image");
  const { correlation, mae } = await import("dag-cook/ml/metrics/difference");
  const { ssim } = await import("dag-cook/ml/metrics/ssim");
  const [width, height] = [reference.width, reference.height];
  if (output.width !== width || output.height !== height) {
    throw new Error(`the output has ${output.width}×${output.height} pixels, its reference ${width}×${height}`);
  }
  const truth = withoutAlpha(reference);
  const [a, b] =
    channels === "gray"
      ? [grayOf(withoutAlpha(output), planesOf), grayOf(truth, planesOf)]
      : [planesOf(toChannels(withoutAlpha(output), truth.channels)), planesOf(truth)];
  const related = correlation(a, b);
  return {
    mae: mae(a, b),
    ssim: ssim(a, b, { channels: b.length / (width * height), height, width }),
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
