/** How good a model's answers to tiles are. It knows images and a function that answers them, no trainings. */
import { correlation, mae } from "../../src/ml/metrics/difference.js";
import { ssim } from "../../src/ml/metrics/ssim.js";

/** Heights in 0..1; `checkers`: the strength of 2×2 checkerboards, as a multiple of the references'. */
export interface Scores {
  readonly mae: number;
  readonly correlation: number;
  readonly ssim: number;
  readonly checkers: number;
}

/** A tile: [3, side, side] in 0..1 each. */
export interface Tile {
  readonly input: Float32Array;
  readonly reference: Float32Array;
}

/** An answer to an input, [3, side, side] in 0..1, not rounded. */
export type Answer = (input: Float32Array) => Promise<Float32Array>;

/** Means over the tiles; the checkerboards' are of their sums. */
export async function scoreOf(answer: Answer, tiles: readonly Tile[], side: number): Promise<Scores> {
  const sums = { mae: 0, correlation: 0, ssim: 0 };
  let [made, real] = [0, 0];
  for (const { input, reference } of tiles) {
    const [output, truth] = [heightsOf(await answer(input)), heightsOf(reference)];
    sums.mae += mae(output, truth);
    sums.correlation += correlation(output, truth);
    sums.ssim += ssim(output, truth, { channels: 1, height: side, width: side });
    made += checkersOf(output, side);
    real += checkersOf(truth, side);
  }
  const { length } = tiles;
  return {
    mae: sums.mae / length,
    correlation: sums.correlation / length,
    ssim: sums.ssim / length,
    checkers: made / real,
  };
}

/** The answer, averaged with the mirrored one to the mirrored input. */
export function averagedOverFlips(answer: Answer, side: number): Answer {
  return async (input) => {
    const plain = (await answer(input)).slice();
    const mirrored = mirror(await answer(mirror(input, side)), side);
    return plain.map((value, at) => (value + mirrored[at]!) / 2);
  };
}

function mirror(planes: Float32Array, side: number): Float32Array {
  return planes.map((_, at) => planes[at - (at % side) + (side - 1 - (at % side))]!);
}

/** The mean of (a − b − c + d)² / 4 of each 2×2 block. */
function checkersOf(heights: Float32Array, side: number): number {
  let sum = 0;
  for (let y = 0; y < side; y += 2) {
    for (let x = 0; x < side; x += 2) {
      const at = y * side + x;
      sum += (heights[at]! - heights[at + 1]! - heights[at + side]! + heights[at + side + 1]!) ** 2 / 4;
    }
  }
  return sum / (side / 2) ** 2;
}

/** The mean of the channels. */
function heightsOf(planes: Float32Array): Float32Array {
  const pixels = planes.length / 3;
  return Float32Array.from(
    { length: pixels },
    (_, at) => (planes[at]! + planes[at + pixels]! + planes[at + 2 * pixels]!) / 3,
  );
}

/** The median of each score over several trainings. */
export function mediansOf(all: readonly Scores[]): Scores {
  const of = (name: keyof Scores) => all.map((each) => each[name]).sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
  return { mae: of("mae"), correlation: of("correlation"), ssim: of("ssim"), checkers: of("checkers") };
}

export function textOf({ mae: error, ssim: similarity, correlation: r, checkers }: Scores): string {
  return `mae ${error.toFixed(4)}  ssim ${similarity.toFixed(3)}  r ${r.toFixed(3)}  checkers ${checkers.toFixed(2)}`;
}
