/** PIZ's wavelet: a Haar transform in place over 16-bit integers, in two dimensions. Knows no files. */

/** Samples of `nx` × `ny`, `step` values apart in a row and `stride` between rows, from `start` on. */
export interface Grid {
  readonly start: number;
  readonly nx: number;
  readonly ny: number;
  readonly step: number;
  readonly stride: number;
}

/** Replaces two values by others. */
type Pair = (data: Uint16Array, a: number, b: number) => void;

/** Values below this leave room for a sign: sums and differences need no modulo. */
const SMALL = 1 << 14;

/** Replaces the values, of which `most` is the greatest, by averages and differences. */
export function waveletEncode(data: Uint16Array, grid: Grid, most: number): void {
  const pair = most < SMALL ? join14 : join16;
  const least = Math.min(grid.nx, grid.ny);
  for (let p = 1; p * 2 <= least; p *= 2) level(data, grid, p, pair, true);
}

/** Undoes {@link waveletEncode}. */
export function waveletDecode(data: Uint16Array, grid: Grid, most: number): void {
  const pair = most < SMALL ? split14 : split16;
  let p = 1;
  while (p * 2 <= Math.min(grid.nx, grid.ny)) p *= 2;
  for (p >>= 1; p >= 1; p >>= 1) level(data, grid, p, pair, false);
}

/**
 * One size of squares: values `p` apart in both directions, first those of a row together, or first those of a column.
 * An odd last column and an odd last row have one direction only.
 */
function level(data: Uint16Array, { start, nx, ny, step, stride }: Grid, p: number, pair: Pair, rows: boolean): void {
  const right = step * p;
  const down = stride * p;
  const [first, second] = rows ? [right, down] : [down, right];
  let y = 0;
  for (; y + 2 * p <= ny; y += 2 * p) {
    let a = start + y * stride;
    for (let x = 0; x + 2 * p <= nx; x += 2 * p, a += 2 * right) {
      pair(data, a, a + first);
      pair(data, a + second, a + second + first);
      pair(data, a, a + second);
      pair(data, a + first, a + first + second);
    }
    if ((nx & p) !== 0) pair(data, a, a + down);
  }
  if ((ny & p) === 0) return;
  let a = start + y * stride;
  for (let x = 0; x + 2 * p <= nx; x += 2 * p, a += 2 * right) pair(data, a, a + right);
}

/** Average and difference of two values take their places. */
function join14(data: Uint16Array, a: number, b: number): void {
  const first = (data[a]! << 16) >> 16;
  const second = (data[b]! << 16) >> 16;
  data[a] = (first + second) >> 1;
  data[b] = first - second;
}

function split14(data: Uint16Array, a: number, b: number): void {
  const difference = (data[b]! << 16) >> 16;
  const first = ((data[a]! << 16) >> 16) + (difference & 1) + (difference >> 1);
  data[a] = first;
  data[b] = first - difference;
}

function join16(data: Uint16Array, a: number, b: number): void {
  const first = (data[a]! + 0x8000) & 0xffff;
  const second = data[b]!;
  const average = (first + second) >> 1;
  data[a] = first < second ? average + 0x8000 : average;
  data[b] = first - second;
}

function split16(data: Uint16Array, a: number, b: number): void {
  const difference = data[b]!;
  const second = (data[a]! - (difference >> 1)) & 0xffff;
  data[b] = second;
  data[a] = difference + second - 0x8000;
}
