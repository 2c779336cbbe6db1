/** A training's rows as drawn plots: losses, similarity, scores. It knows how each looks, nothing of files. */
import { encodePng } from "../../image/encode.js";
import type { Image } from "../../image/image.js";
import { type Plot, plotSvg, type Series } from "../../image/plot.js";
import { renderSvg } from "../../image/svg.js";
import { describeMetric, type MetricRow, namesOfKind, pointsOf } from "./row.js";

/** What can be plotted. */
export type PlotKind = "loss" | "ssim" | "score";

type Points = Series["points"];

/** Share of the average that another point leaves: a line through about the last ten. */
const SMOOTHING = 0.9;

const LOOKS: Readonly<Record<PlotKind, Pick<Plot, "title" | "y_label" | "log_y"> & { readonly smooth: boolean }>> = {
  loss: { title: "Losses", y_label: "mean of an iteration", log_y: true, smooth: true },
  ssim: { title: "Structural similarity", y_label: "SSIM", smooth: false },
  score: { title: "Discriminator's answer", y_label: "1: real, 0: generated", smooth: false },
};

/** A plot of the rows' figures of a kind; losses are logarithmic, with a smoothed line over each. */
export function trainingPlot(kind: PlotKind, rows: readonly MetricRow[]): Plot {
  const { smooth, ...look } = LOOKS[kind];
  const series = namesOfKind(kind, rows).map((name): Series => {
    const points = pointsOf(name, rows);
    return { name: describeMetric(name).label, points, ...(smooth && { trend: movingAverage(points, SMOOTHING) }) };
  });
  return { ...look, x_label: "iteration", series };
}

/** A plot of one figure over the steps of several runs, each a line by its name, in the look of the figure's kind. */
export function comparisonPlot(
  figure: string,
  runs: readonly { readonly name: string; readonly rows: readonly MetricRow[] }[],
): Plot {
  const { kind } = describeMetric(figure);
  const { smooth = false, ...look } = kind === "training" ? {} : LOOKS[kind];
  const series = runs.map(({ name, rows }): Series => {
    const points = pointsOf(figure, rows);
    return { name, points, ...(smooth && { trend: movingAverage(points, SMOOTHING) }) };
  });
  return { ...look, title: figure, x_label: "step", y_label: "", series };
}

/** The plot drawn: 8-bit RGBA, 800 × 480. Rejects with an ImageError. */
export function drawTraining(kind: PlotKind, rows: readonly MetricRow[]): Promise<Image> {
  return renderSvg(plotSvg(trainingPlot(kind, rows)));
}

/** The plot as the bytes of a PNG; equal rows give equal bytes on a machine. Rejects with an ImageError. */
export async function trainingPng(kind: PlotKind, rows: readonly MetricRow[]): Promise<Uint8Array> {
  return encodePng(await drawTraining(kind, rows));
}

/**
 * The exponential moving average of the points, without bias to its start: s = w·s + (1−w)·y, shown as s / (1−wⁿ) for the
 * n-th value (Kingma and Ba, 2015, §3, as TensorBoard smooths). Values that are not finite stay, and are not averaged.
 */
export function movingAverage(points: Points, weight: number): Points {
  let [sum, share] = [0, 0];
  return points.map(([x, y]) => {
    if (!Number.isFinite(y)) return [x, y];
    sum = weight * sum + (1 - weight) * y;
    share = weight * share + (1 - weight);
    return [x, sum / share];
  });
}
