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
  for (let p = 1; p * 2 <= least; p *= 2) level(data, grid, p, pair);
}

/** Undoes {@link waveletEncode}. */
export function waveletDecode(data: Uint16Array, grid: Grid, most: number): void {
  let p = 1;
  while (p * 2 <= Math.min(grid.nx, grid.ny)) p *= 2;
  for (p >>= 1; p >= 1; p >>= 1) {
    if (most < SMALL) undoLevel14(data, grid, p);
    else undoLevel16(data, grid, p);
  }
}

/**
 * One size of squares: values `p` apart in both directions, first those of a row together. An odd last column and an odd last row
 * have one direction only.
 */
function level(data: Uint16Array, { start, nx, ny, step, stride }: Grid, p: number, pair: Pair): void {
  const [right, down] = [step * p, stride * p];
  let y = 0;
  for (; y + 2 * p <= ny; y += 2 * p) {
    let a = start + y * stride;
    for (let x = 0; x + 2 * p <= nx; x += 2 * p, a += 2 * right) {
      pair(data, a, a + right);
      pair(data, a + down, a + down + right);
      pair(data, a, a + down);
      pair(data, a + right, a + right + down);
    }
    if ((nx & p) !== 0) pair(data, a, a + down);
  }
  if ((ny & p) === 0) return;
  let a = start + y * stride;
  for (let x = 0; x + 2 * p <= nx; x += 2 * p, a += 2 * right) pair(data, a, a + right);
}

/*
 * The way back, first those of a column together, written out: calls for every pair take three times as long.
 */

function undoLevel14(data: Uint16Array, { start, nx, ny, step, stride }: Grid, p: number): void {
  const [right, down] = [step * p, stride * p];
  let y = 0;
  for (; y + 2 * p <= ny; y += 2 * p) {
    let a = start + y * stride;
    for (let x = 0; x + 2 * p <= nx; x += 2 * p, a += 2 * right) {
      const left = (data[a + down]! << 16) >> 16;
      const other = (data[a + right + down]! << 16) >> 16;
      const upper = ((data[a]! << 16) >> 16) + (left & 1) + (left >> 1);
      const upperRight = ((data[a + right]! << 16) >> 16) + (other & 1) + (other >> 1);
      // Differences of a row, as 16 bits with a sign.
      const top = (upperRight << 16) >> 16;
      const bottom = ((upperRight - other) << 16) >> 16;
      const first = ((upper << 16) >> 16) + (top & 1) + (top >> 1);
      const second = (((upper - left) << 16) >> 16) + (bottom & 1) + (bottom >> 1);
      data[a] = first;
      data[a + right] = first - top;
      data[a + down] = second;
      data[a + right + down] = second - bottom;
    }
    if ((nx & p) !== 0) split14(data, a, a + down);
  }
  if ((ny & p) === 0) return;
  let a = start + y * stride;
  for (let x = 0; x + 2 * p <= nx; x += 2 * p, a += 2 * right) split14(data, a, a + right);
}

function undoLevel16(data: Uint16Array, { start, nx, ny, step, stride }: Grid, p: number): void {
  const [right, down] = [step * p, stride * p];
  let y = 0;
  for (; y + 2 * p <= ny; y += 2 * p) {
    let a = start + y * stride;
    for (let x = 0; x + 2 * p <= nx; x += 2 * p, a += 2 * right) {
      const left = data[a + down]!;
      const other = data[a + right + down]!;
      const lower = (data[a]! - (left >> 1)) & 0xffff;
      const bottom = (data[a + right]! - (other >> 1)) & 0xffff;
      const upper = (left + lower - 0x8000) & 0xffff;
      const top = (other + bottom - 0x8000) & 0xffff;
      const first = (upper - (top >> 1)) & 0xffff;
      const second = (lower - (bottom >> 1)) & 0xffff;
      data[a + right] = first;
      data[a] = top + first - 0x8000;
      data[a + right + down] = second;
      data[a + down] = bottom + second - 0x8000;
    }
    if ((nx & p) !== 0) split16(data, a, a + down);
  }
  if ((ny & p) === 0) return;
  let a = start + y * stride;
  for (let x = 0; x + 2 * p <= nx; x += 2 * p, a += 2 * right) split16(data, a, a + right);
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
