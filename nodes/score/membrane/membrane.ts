/** Heights between lines as an elastic membrane takes them. Knows grids, not images or colours. */

/** Springs on a grid, row-major: a pixel is drawn to its height with its stiffness; 0 leaves it free. */
export interface Springs {
  readonly width: number;
  readonly height: number;
  readonly heights: Float64Array;
  readonly stiffness: Float64Array;
}

/** Below this side a grid is solved without a coarser one before it. */
const COARSEST = 8;
const MOST_SWEEPS = 2000;

/**
 * The membrane that minimises Σ stiffness·(u − height)² + Σ over neighbours (u − u′)²: between very stiff lines it solves
 * Laplace's equation, with free edges. Successive over-relaxation from a solution of half the size, until no height
 * moves by more than `precision`. The stiffness must not be 0 everywhere.
 */
export function solveMembrane(springs: Springs, precision: number): Float64Array {
  const { width, height } = springs;
  const start =
    Math.min(width, height) <= COARSEST
      ? new Float64Array(width * height).fill(meanHeight(springs))
      : enlarge(solveMembrane(halve(springs), precision), width, height);
  // The best factor for a square with fixed edges (Young, "Iterative Solution of Large Linear Systems", 1971), of 64 pixels
  // at most: lines are seldom farther apart.
  const factor = 2 / (1 + Math.sin(Math.PI / Math.max(3, Math.min(64, width, height))));
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    if (relax(start, springs, factor) <= precision) break;
  }
  return start;
}

/** One sweep over all pixels, in place; answers the largest step. */
function relax(u: Float64Array, { width, height, heights, stiffness }: Springs, factor: number): number {
  let largest = 0;
  for (let y = 0, at = 0; y < height; y++) {
    // Beyond an edge lies the pixel itself, which takes no part: the edge is free.
    const [above, below] = [y > 0 ? width : 0, y < height - 1 ? width : 0];
    for (let x = 0; x < width; x++, at++) {
      const [left, right] = [x > 0 ? 1 : 0, x < width - 1 ? 1 : 0];
      const neighbours = left + right + (above && 1) + (below && 1);
      const own = (4 - neighbours) * u[at]!;
      const around = u[at - left]! + u[at + right]! + u[at - above]! + u[at + below]! - own;
      const spring = stiffness[at]!;
      const step = factor * ((around + spring * heights[at]!) / (neighbours + spring) - u[at]!);
      u[at]! += step;
      if (step > largest) largest = step;
      else if (-step > largest) largest = -step;
    }
  }
  return largest;
}

function meanHeight({ heights, stiffness }: Springs): number {
  let [pull, weight] = [0, 0];
  for (let at = 0; at < heights.length; at++) {
    pull += stiffness[at]! * heights[at]!;
    weight += stiffness[at]!;
  }
  return pull / weight;
}

/** The springs of two by two pixels act together; the membrane's own tension does not depend on the grid. */
function halve({ width, height, heights, stiffness }: Springs): Springs {
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const pulls = new Float64Array(halfWidth * halfHeight);
  const weights = new Float64Array(halfWidth * halfHeight);
  for (let at = 0; at < heights.length; at++) {
    const to = (Math.floor(at / width) >> 1) * halfWidth + ((at % width) >> 1);
    pulls[to]! += stiffness[at]! * heights[at]!;
    weights[to]! += stiffness[at]!;
  }
  const means = pulls.map((pull, at) => (weights[at]! > 0 ? pull / weights[at]! : 0));
  return { width: halfWidth, height: halfHeight, heights: means, stiffness: weights };
}

function enlarge(coarse: Float64Array, width: number, height: number): Float64Array {
  const halfWidth = Math.ceil(width / 2);
  const fine = new Float64Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) fine[at] = coarse[(y >> 1) * halfWidth + (x >> 1)]!;
  }
  return fine;
}
