/** In which order samples are seen, and how they form batches. Pure; knows only counts. */
import { randomStream } from "../../base/random.js";
import { DataError } from "./samples.js";

/** One sample's turn. Iterations count from 1, samples from 0; unpaired sets may pair any input with any reference. */
export interface SampleDraw {
  readonly iteration: number;
  /** Names the draw: the sample of a paired set, the place within the iteration of an unpaired one. */
  readonly sample: number;
  readonly input: number;
  readonly reference: number;
}

/** How many samples there are, and how they are gone through. */
export interface OrderSettings {
  readonly inputs: number;
  readonly references: number;
  readonly paired: boolean;
  readonly batch_size: number;
  readonly max_iterations: number;
  readonly shuffle: boolean;
  readonly seed: number;
  /** Batches run across iterations, so that only the last of all may be partial. */
  readonly drop_boundary: boolean;
}

/** All batches of a training, any of them at once. */
export interface SampleOrder {
  /** Samples of one iteration. */
  readonly samples: number;
  /** Batches in all: steps count from 0 here. */
  readonly steps: number;
  /** The turns of a batch: `batch_size` of them, fewer in the last of an iteration (of all, with drop_boundary). */
  batch(step: number): readonly SampleDraw[];
}

/**
 * The order of a training. Without shuffling: input i mod |A|, reference i mod |B|. With it: a new permutation each
 * iteration, and for unpaired sets a random reference for each input. Throws a DataError on a batch above the samples.
 */
export function orderOf(settings: OrderSettings): SampleOrder {
  const { batch_size: size, max_iterations: iterations, drop_boundary } = settings;
  const samples = Math.max(settings.inputs, settings.references);
  if (!(Number.isInteger(size) && size >= 1 && size <= samples)) {
    throw new DataError(`batch_size must be 1 to ${samples}, the number of samples; it is ${size}.`);
  }
  const perIteration = Math.ceil(samples / size);
  const steps = drop_boundary ? Math.ceil((iterations * samples) / size) : iterations * perIteration;
  const drawsOf = rememberLast((iteration: number) => iterationDraws(settings, samples, iteration));
  return {
    samples,
    steps,
    batch(step) {
      if (!(Number.isInteger(step) && step >= 0 && step < steps)) throw new RangeError(`no step ${step} of ${steps}`);
      const inIteration = step % perIteration;
      const first = drop_boundary ? step * size : Math.floor(step / perIteration) * samples + inIteration * size;
      const end = drop_boundary ? iterations * samples : (Math.floor(step / perIteration) + 1) * samples;
      const draws: SampleDraw[] = [];
      for (let at = first; at < Math.min(first + size, end); at++) {
        draws.push(drawsOf(Math.floor(at / samples) + 1)[at % samples]!);
      }
      return draws;
    },
  };
}

/** `size` of `count` samples without replacement, for a test; all of them where `size` is null. In rising order. */
export function drawSubset(seed: number, iteration: number, count: number, size: number | null): readonly number[] {
  if (size === null || size >= count) return Array.from({ length: count }, (_, sample) => sample);
  const order = randomStream(seed, "test subset", iteration).permutation(count);
  return [...order.subarray(0, size)].sort((a, b) => a - b);
}

function iterationDraws(settings: OrderSettings, samples: number, iteration: number): readonly SampleDraw[] {
  const { inputs, references, paired, shuffle, seed } = settings;
  const order = shuffle ? randomStream(seed, "shuffle", iteration).permutation(samples) : undefined;
  const partners = shuffle && !paired ? randomStream(seed, "partner", iteration) : undefined;
  return Array.from({ length: samples }, (_, place) => {
    const sample = order ? order[place]! : place;
    const reference = partners ? partners.integer(sample, references) : sample % references;
    return { iteration, sample, input: sample % inputs, reference };
  });
}

/** Keeps the last two answers, since decoding ahead looks from one iteration into the next. */
function rememberLast<T>(make: (key: number) => T): (key: number) => T {
  const kept = new Map<number, T>();
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    if (kept.size === 2) kept.delete(kept.keys().next().value!);
    kept.set(key, made);
    return made;
  };
}
