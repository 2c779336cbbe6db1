/**
 * The samples on which a generator's batch norms are measured: those that are learned from, or a part of many, one by one and
 * as they are. It knows nothing of what is measured.
 */
import { randomStream } from "../../base/random.js";
import { openLoader } from "../data/loader.js";
import type { SideKind } from "../data/network-image.js";
import { type Dataset, sampleCount } from "../data/samples.js";
import type { SampleReader } from "../training/job.js";
import type { TranslationMethod } from "./method.js";
import type { DatasetParams } from "./params.js";
import type { Settings } from "./settings.js";

/** Samples that are looked at, at most. */
const MOST_SAMPLES = 256;
/** Decoded samples are kept up to this: they are seen again whenever statistics are collected. */
const KEPT_BYTES = 128 * 2 ** 20;

/** What it is made of. */
interface SurveySources {
  readonly method: TranslationMethod;
  readonly samples: Dataset;
  readonly settings: Pick<Settings, "values" | "channel_count">;
  readonly dataset: Omit<DatasetParams, "batch_size">;
}

/** A survey with threads of its own. */
export interface OpenSurvey extends SampleReader {
  close(): Promise<void>;
}

/** Opens it; close it. */
export function openSurvey({ method, samples: all, settings, dataset }: SurveySources): OpenSurvey {
  const samples = chosen(all, dataset.seed);
  const loader = openLoader(samples, {
    ...{ ...dataset, values: settings.values, storage: "automatic", cache_bytes: KEPT_BYTES },
    // As they are: one by one, in the order of their files, nothing drawn.
    ...{ randomization: null, batch_size: 1, max_iterations: 1, shuffle_input_order: false, drop_boundary: false },
  });
  const shape = [1, settings.channel_count, loader.side, loader.side];
  const generators = method.components.filter(({ applied }) => applied);
  return {
    count: (network) => countOf(samples, sideOf(method, network)),
    async sample(at) {
      const batch = await loader.batch(at);
      return generators.map((_, network) => ({ values: batch.values.get(sideOf(method, network))!, shape }));
    },
    close: () => loader.close(),
  };
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

function countOf(samples: Dataset, side: SideKind): number {
  if (samples.kind === "paired") return sampleCount(samples);
  return (side === "input" ? samples.inputs : samples.references).length;
}

/** The side of the samples that a generator is given. */
function sideOf({ images }: TranslationMethod, generator: number): SideKind {
  const given = new Set(images.filter(({ made }) => made === undefined).map(({ name }) => name));
  return images.find(({ made }) => made?.generator === generator && given.has(made.of))!.side;
}
