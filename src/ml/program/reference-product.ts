/**
 * The referee's matrix product, which its convolutions are made of too. It knows nothing of operations.
 */
import { TILE, tileMemory } from "./reference-tile.js";

/** A matrix within an array: element (i, j) lies at `start + i·row + j·column`. */
export interface Matrix {
  readonly data: Float64Array;
  readonly start: number;
  readonly row: number;
  readonly column: number;
}

/** result [rows,columns] += a [rows,inner] × b [inner,columns]; every sum is taken in the order of the inner index. */
export function addProduct(
  result: Matrix,
  a: Matrix,
  b: Matrix,
  [rows, inner, columns]: readonly [number, number, number],
): void {
  if (inner === 0) return;
  const panel = inner * TILE;
  const memory = tileMemory();
  const values = memory.reserve(panel * (1 + Math.ceil(columns / TILE)));
  const left = TILE * TILE;
  const right = left + panel;
  for (let j = 0; j < columns; j += TILE) {
    const lines = { data: b.data, start: b.start + j * b.column, count: columns - j, step: b.column, innerStep: b.row };
    packPanel(values, right + j * inner, inner, lines);
  }
  for (let i = 0; i < rows; i += TILE) {
    packPanel(values, left, inner, {
      ...{ data: a.data, start: a.start + i * a.row, count: rows - i, step: a.row, innerStep: a.column },
    });
    for (let j = 0; j < columns; j += TILE) {
      memory.multiply(left, right + j * inner, inner);
      addTile(result, i, Math.min(rows, i + TILE), j, Math.min(columns, j + TILE), values);
    }
  }
}

/** Lines of a matrix: its rows, or its columns. */
interface Lines {
  readonly data: Float64Array;
  readonly start: number;
  /** How many there are from `start` on, how far apart they are, and how far apart the elements of one. */
  readonly count: number;
  readonly step: number;
  readonly innerStep: number;
}

/** Four lines element beside element, [inner, 4]; lines that there are not are zeros. */
function packPanel(to: Float64Array, at: number, inner: number, { data, start, count, step, innerStep }: Lines): void {
  for (let line = 0; line < TILE; line++) {
    const first = start + line * step;
    const isThere = line < count;
    for (let k = 0; k < inner; k++) to[at + k * TILE + line] = isThere ? data[first + k * innerStep]! : 0;
  }
}

function addTile(
  { data, start, row, column }: Matrix,
  top: number,
  bottom: number,
  left: number,
  right: number,
  sums: Float64Array,
): void {
  for (let y = top; y < bottom; y++) {
    let at = start + y * row + left * column;
    for (let x = left; x < right; x++, at += column) data[at] = data[at]! + sums[(y - top) * TILE + x - left]!;
  }
}
