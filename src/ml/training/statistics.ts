/**
 * Statistics of batch norms for use after training: collected over the training samples with the weights as they are, since
 * running ones hold the last few updates and lag the weights. It knows nothing of when they are wanted.
 */
import { randomStream } from "../../base/random.js";
import { type Loader, openLoader } from "../data/loader.js";
import { type Dataset, sampleCount } from "../data/samples.js";
import type { Values } from "../runtime/runtime.js";
import { generatorsOf } from "./indices.js";
import type { Component, Method } from "./method.js";
import type { DatasetParams } from "./params.js";
import type { Settings } from "./settings.js";
import type { Trainer } from "./trainer.js";
import { stateName } from "./update.js";
import { slotOf, type Weights, weightsOf } from "./weights.js";

/** Samples over which they are collected, at most. */
const MOST_SAMPLES = 256;
/** Decoded samples are kept up to this: they are seen again whenever statistics are collected. */
const KEPT_BYTES = 128 * 2 ** 20;

/** What statistics are collected from. */
export interface StatisticsSources {
  readonly trainer: Trainer;
  readonly samples: Dataset;
  readonly settings: Pick<Settings, "values">;
  readonly dataset: Omit<DatasetParams, "batch_size">;
}

/** Sums over samples, of what each of them gives for a running statistic. */
type Sums = Map<string, Float64Array>;

export class Statistics {
  readonly #trainer: Trainer;
  readonly #loader: Loader;
  readonly #samples: Dataset;

  /** Null where the networks in use have no statistics. */
  static open(sources: StatisticsSources): Statistics | null {
    const uses = generatorsOf(sources.trainer.method).some(({ layers }) => layers.parameters.some(isStatistic));
    return uses ? new Statistics(sources) : null;
  }

  private constructor({ trainer, samples, settings, dataset }: StatisticsSources) {
    this.#trainer = trainer;
    this.#samples = chosen(samples, dataset.seed);
    this.#loader = openLoader(this.#samples, {
      ...{ ...dataset, values: settings.values, storage: "automatic", cache_bytes: KEPT_BYTES },
      // As they are: one by one, in the order of their files, nothing drawn.
      ...{ randomization: null, batch_size: 1, max_iterations: 1, shuffle_input_order: false, drop_boundary: false },
    });
  }

  /**
   * Puts into the state, for each network in use and each of its sets of weights, the mean over all samples of a channel's mean
   * and of its unbiased variance, each sample normalized by its own, without dropout and without random changes.
   */
  async collect(): Promise<void> {
    const { method } = this.#trainer;
    const sums = new Map<string, { readonly of: Sums; count: number }>();
    for (let step = 0; step < this.#loader.order.steps; step++) {
      const batch = await this.#loader.batch(step);
      for (const [at, network] of generatorsOf(method).entries()) {
        const side = sideOf(method, at);
        if (step >= countOf(this.#samples, side)) continue;
        for (const weights of weightsOf(method)) {
          const key = `${at} ${weights}`;
          const sum = sums.get(key) ?? { of: new Map(), count: 0 };
          sums.set(key, sum);
          sum.count += 1;
          addTo(sum.of, await this.#trainer.statistics(at, weights, batch[side], this.#loader.side));
          if (step === countOf(this.#samples, side) - 1) this.#write(network, weights, sum.of, sum.count);
        }
      }
    }
  }

  close(): Promise<void> {
    return this.#loader.close();
  }

  #write({ state }: Component, weights: Weights, sums: Sums, count: number): void {
    for (const [parameter, sum] of sums) {
      this.#trainer.write(
        stateName(state, parameter, slotOf(weights)),
        Float32Array.from(sum, (value) => value / count),
      );
    }
  }
}

function isStatistic({ trained }: { readonly trained: boolean }): boolean {
  return !trained;
}

/** All samples, or as many as are looked at: the same ones in all of a training. */
function chosen(samples: Dataset, seed: number): Dataset {
  const pick = <T>(all: readonly T[]): readonly T[] => {
    if (all.length <= MOST_SAMPLES) return all;
    const order = randomStream(seed, "statistics").permutation(all.length);
    return [...order.subarray(0, MOST_SAMPLES)].sort((a, b) => a - b).map((at) => all[at]!);
  };
  if (samples.kind === "paired") return { ...samples, samples: pick(samples.samples) };
  return { ...samples, inputs: pick(samples.inputs), references: pick(samples.references) };
}

function countOf(samples: Dataset, side: "input" | "reference"): number {
  if (samples.kind === "paired") return sampleCount(samples);
  return (side === "input" ? samples.inputs : samples.references).length;
}

/** The side of the samples that a network is given. */
function sideOf({ images }: Method, network: number): "input" | "reference" {
  const given = new Set(images.filter(({ made }) => made === undefined).map(({ name }) => name));
  return images.find(({ made }) => made?.generator === network && given.has(made.of))!.side;
}

function addTo(sums: Sums, found: ReadonlyMap<string, Values>): void {
  for (const [parameter, values] of found) {
    const sum = sums.get(parameter) ?? new Float64Array(values.length);
    sums.set(parameter, sum);
    for (let at = 0; at < values.length; at++) sum[at]! += values[at]!;
  }
}
