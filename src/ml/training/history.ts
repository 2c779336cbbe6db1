/**
 * The figures of a training, iteration by iteration: means of losses and scores over the iteration's samples, and SSIM. It
 * knows nothing of tables and plots.
 */
import type { Row } from "../monitor/row.js";

/** The figures of one iteration. */
export interface IterationFigures {
  /** Counts from 1. */
  readonly iteration: number;
  readonly learning_rate: number;
  /** Means by name: `g_total`, `g_l1` and so on. */
  readonly scalars: Readonly<Record<string, number>>;
  readonly ssim_train: number;
  /** Where the iteration was tested: with references, or, where there are no pairs, of reconstructions. */
  readonly ssim_test?: number;
  readonly ssim_cycle?: number;
}

/** The sums of the iteration under way. */
export interface Sums {
  readonly samples: number;
  readonly scalars: Readonly<Record<string, number>>;
  readonly ssim: number;
}

export const NO_SUMS: Sums = { samples: 0, scalars: {}, ssim: 0 };

/** The sums after another update of `ssims.length` samples. */
export function addUpdate(sums: Sums, scalars: ReadonlyMap<string, number>, ssims: readonly number[]): Sums {
  const added = [...scalars].map(([name, mean]) => [name, (sums.scalars[name] ?? 0) + mean * ssims.length] as const);
  return {
    samples: sums.samples + ssims.length,
    scalars: Object.fromEntries(added),
    ssim: ssims.reduce((sum, one) => sum + one, sums.ssim),
  };
}

/** The means of an iteration. */
export function figuresOf(sums: Sums, iteration: number, learning_rate: number): IterationFigures {
  const means = Object.entries(sums.scalars).map(([name, sum]) => [name, sum / sums.samples] as const);
  return { iteration, learning_rate, scalars: Object.fromEntries(means), ssim_train: sums.ssim / sums.samples };
}

/** The figures of an iteration as a row. */
export function rowOf({ iteration: step, learning_rate: lr, scalars, ...ssims }: IterationFigures): Row {
  return { step, figures: { lr, ...scalars, ...ssims } };
}

/** An iteration's figures as a line of the log. */
export function lineOf({ iteration, learning_rate, scalars, ...ssims }: IterationFigures): string {
  const losses = Object.entries(scalars).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  const similarities = Object.entries(ssims).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  return [`iteration ${iteration}:`, `lr ${learning_rate.toPrecision(3)}`, ...losses, ...similarities].join(" ");
}
