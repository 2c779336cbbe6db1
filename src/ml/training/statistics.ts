/**
 * Statistics of batch norms for use after training: collected over samples with the weights as they are, since running ones
 * hold the last few updates and lag the weights. It knows nothing of when they are wanted, nor of what samples are.
 */
import type { Values } from "../runtime/runtime.js";
import { appliedOf } from "./components.js";
import type { SampleReader } from "./job.js";
import type { Component, Method } from "./method.js";
import type { Trainer } from "./trainer.js";
import { stateName } from "./update.js";
import { slotOf, type Weights, weightsOf } from "./weights.js";

/** Sums over samples, of what each of them gives for a running statistic. */
type Totals = Map<string, Float64Array>;

/** Whether any network in use has statistics. */
export function hasStatistics(method: Method): boolean {
  return appliedOf(method).some(({ layers }) => layers.parameters.some(({ trained }) => !trained));
}

/**
 * Puts into the state, for each network in use and each of its sets of weights, the mean over all samples of a channel's mean
 * and of its unbiased variance, each sample normalized by its own, without dropout and without random changes.
 */
export async function collectStatistics(trainer: Trainer, survey: SampleReader): Promise<void> {
  const networks = appliedOf(trainer.method);
  const totals = networks.map(() => new Map<Weights, Totals>());
  const most = Math.max(...networks.map((_, at) => survey.count(at)));
  for (let sample = 0; sample < most; sample++) {
    const given = await survey.sample(sample);
    for (const [at, network] of networks.entries()) {
      if (sample >= survey.count(at)) continue;
      for (const weights of weightsOf(trainer.method)) {
        const total = totals[at]!.get(weights) ?? new Map();
        totals[at]!.set(weights, total);
        const { values, shape } = given[at]!;
        addTo(total, await trainer.statistics(at, weights, values, shape));
        if (sample === survey.count(at) - 1) write(trainer, network, weights, total, sample + 1);
      }
    }
  }
}

function write(trainer: Trainer, { state }: Component, weights: Weights, totals: Totals, count: number): void {
  for (const [parameter, sum] of totals) {
    trainer.write(
      stateName(state, parameter, slotOf(weights)),
      Float32Array.from(sum, (value) => value / count),
    );
  }
}

function addTo(totals: Totals, found: ReadonlyMap<string, Values>): void {
  for (const [parameter, values] of found) {
    const sum = totals.get(parameter) ?? new Float64Array(values.length);
    totals.set(parameter, sum);
    for (let at = 0; at < values.length; at++) sum[at]! += values[at]!;
  }
}
