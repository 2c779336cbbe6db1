/**
 * The figures of a training, iteration by iteration: means of losses over the iteration's samples, and scores. It knows nothing
 * of which scores there are, nor of tables and plots.
 */
import type { MetricRow } from "../monitor/row.js";

/** What a score is of, and of which samples: `ssim_train`, `ssim_test`. */
export type ScoreName = `${string}_${string}`;

/** The figures of one iteration. */
export interface IterationMetrics {
  /** Counts from 1. */
  readonly iteration: number;
  readonly learning_rate: number;
  /** Means of losses and the like by name: `g_total`, `g_l1`. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Of the samples that were learned from; and what a test found, where the iteration was tested. */
  readonly [score: ScoreName]: number;
}

/** The sums of the iteration under way. */
export interface MetricSums {
  readonly samples: number;
  readonly scalars: Readonly<Record<string, number>>;
  readonly scores: Readonly<Record<ScoreName, number>>;
}

export const NO_SUMS: MetricSums = { samples: 0, scalars: {}, scores: {} };

/** What an update of `count` samples found: means of them by name, and scores of each of them. */
export interface UpdateMetrics {
  readonly count: number;
  readonly scalars: ReadonlyMap<string, number>;
  readonly scores: ReadonlyMap<ScoreName, readonly number[]>;
}

/** The sums after another update. */
export function addUpdate(sums: MetricSums, { count, scalars, scores }: UpdateMetrics): MetricSums {
  const means = [...scalars].map(([name, mean]) => [name, (sums.scalars[name] ?? 0) + mean * count] as const);
  const each = [...scores].map(
    ([name, values]) => [name, values.reduce((sum, one) => sum + one, sums.scores[name] ?? 0)] as const,
  );
  return {
    samples: sums.samples + count,
    scalars: Object.fromEntries(means),
    scores: Object.fromEntries(each),
  };
}

/** The means of an iteration. */
export function metricsOf(sums: MetricSums, iteration: number, learning_rate: number): IterationMetrics {
  const mean = (of: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(of).map(([name, sum]) => [name, sum / sums.samples]));
  return { iteration, learning_rate, scalars: mean(sums.scalars), ...mean(sums.scores) };
}

/** The figures of an iteration as a row. */
export function rowOf({ iteration: step, learning_rate: lr, scalars, ...scores }: IterationMetrics): MetricRow {
  return { step, figures: { lr, ...scalars, ...scores } };
}

/** An iteration's figures as a line of the log. */
export function lineOf({ iteration, learning_rate, scalars, ...scores }: IterationMetrics): string {
  const losses = Object.entries(scalars).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  const found = Object.entries(scores).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  return [`iteration ${iteration}:`, `lr ${learning_rate.toPrecision(3)}`, ...losses, ...found].join(" ");
}
