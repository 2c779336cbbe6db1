/** Orders and flips together, as a training sees them: what is drawn for one sample says nothing of any other draw. */
import { describe, expect, test } from "@jest/globals";
import { orderOf } from "../../../src/ml/data/order.js";
import { drawRandomization, NO_RANDOMIZATION } from "../../../src/ml/data/randomize.js";

const [SAMPLES, ITERATIONS, SEEDS] = [84, 6, 100];
const FLIPS = { ...NO_RANDOMIZATION, horizontal_flip: 0.5, vertical_flip: 0.5 };

/** An iteration: each sample's place, and whether it is mirrored, by sample; 0 or 1. */
interface Iteration {
  readonly places: readonly number[];
  readonly across: readonly number[];
  readonly down: readonly number[];
}

function iterationsOf(seed: number): readonly Iteration[] {
  const counts = { inputs: SAMPLES, references: SAMPLES, batch_size: 1, max_iterations: ITERATIONS };
  const order = orderOf({ ...counts, paired: true, shuffle: true, seed, drop_boundary: false });
  return Array.from({ length: ITERATIONS }, (_, at) => {
    const places = Array<number>(SAMPLES);
    for (let place = 0; place < SAMPLES; place++) places[order.batch(at * SAMPLES + place)[0]!.sample] = place;
    const draws = places.map((_place, sample) => drawRandomization(FLIPS, seed, at + 1, sample));
    const flag = (happens: boolean) => (happens ? 1 : 0);
    return {
      places,
      across: draws.map((draw) => flag(draw.flipHorizontal)),
      down: draws.map((draw) => flag(draw.flipVertical)),
    };
  });
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const sum = (term: (at: number) => number) => a.reduce((total, _, at) => total + term(at), 0);
  const [of, other] = [(at: number) => a[at]! - meanA, (at: number) => b[at]! - meanB];
  return sum((at) => of(at) * other(at)) / Math.sqrt(sum((at) => of(at) ** 2) * sum((at) => other(at) ** 2));
}

/** The values of samples in the order in which they are seen. */
function seen(values: readonly number[], places: readonly number[]): readonly number[] {
  const ordered = Array<number>(values.length);
  for (const [sample, place] of places.entries()) ordered[place] = values[sample]!;
  return ordered;
}

const index = Array.from({ length: SAMPLES }, (_, at) => at);
const after = (list: readonly number[]) => correlation(list.slice(1), list.slice(0, -1));
const signed = ({ places, across }: Iteration) =>
  places.map((place, at) => (place - (SAMPLES - 1) / 2) * (across[at]! - 0.5));

/** By name: of an iteration and the one before. `bias`: what neighbors of a list without replacement have in any case. */
const PAIRS: Readonly<
  Record<string, { readonly of: (now: Iteration, before: Iteration) => number; readonly bias?: number }>
> = {
  "place and index": { of: ({ places }) => correlation(places, index) },
  "place and flip": { of: ({ places, across }) => correlation(places, across) },
  "both flips": { of: ({ across, down }) => correlation(across, down) },
  "flip and index": { of: ({ across }) => correlation(across, index) },
  "flips one after the other": { of: ({ across, places }) => after(seen(across, places)), bias: -1 / SAMPLES },
  "flips of neighbors by index": { of: ({ across }) => after(across), bias: -1 / SAMPLES },
  "samples one after the other": { of: ({ places }) => after(seen(index, places)), bias: -1 / SAMPLES },
  "places in two iterations": { of: (now, before) => correlation(now.places, before.places) },
  "flips in two iterations": { of: (now, before) => correlation(now.across, before.across) },
  "places with flips in two iterations": { of: (now, before) => correlation(signed(now), signed(before)) },
};

describe("joint draws", () => {
  const runs = Array.from({ length: SEEDS }, (_, seed) => iterationsOf(seed));
  for (const [name, { of, bias = 0 }] of Object.entries(PAIRS)) {
    test(`joint draws: ${name} are independent`, () => {
      const found = runs.flatMap((run) => run.slice(1).map((now, at) => of(now, run[at]!)));
      const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
      const deviation = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / found.length);
      const expected = 1 / Math.sqrt(SAMPLES - 1);
      expect(Math.abs(mean - bias)).toBeLessThan((4 * expected) / Math.sqrt(found.length));
      expect(Math.abs(deviation / expected - 1)).toBeLessThan(4 / Math.sqrt(2 * found.length));
    });
  }
});
