/** The referee's matrix product against the plain loop, whose sums it must equal bit for bit. */
import { describe, expect, test } from "@jest/globals";
import { addProduct, type Matrix } from "../../../src/ml/program/reference-product.js";
import { someValues } from "../reference.js";

type Sizes = readonly [rows: number, inner: number, columns: number];

/** result += Σ over k, in its order, of a(i,k)·b(k,j): what the product is. */
function plainly(result: Matrix, a: Matrix, b: Matrix, [rows, inner, columns]: Sizes): void {
  const at = (m: Matrix, i: number, j: number) => m.start + i * m.row + j * m.column;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += a.data[at(a, i, k)]! * b.data[at(b, k, j)]!;
      result.data[at(result, i, j)]! += sum;
    }
  }
}

/** A matrix that begins in the middle of an array, by rows or by columns. */
function matrix(rows: number, columns: number, phase: number, byColumns: boolean): Matrix {
  const data = someValues(rows * columns + 5, phase);
  return { data, start: 3, ...(byColumns ? { row: 1, column: rows } : { row: columns, column: 1 }) };
}

const SIZES: readonly Sizes[] = [
  [1, 1, 1],
  [4, 4, 4],
  [3, 7, 5],
  [9, 33, 6],
  [2, 3000, 13],
  [17, 1, 130],
  [5, 0, 3],
];

describe("product", () => {
  for (const sizes of SIZES) {
    test(`product: ${sizes.join("×")} equals the plain loop bit for bit, rows or columns first`, () => {
      const [rows, inner, columns] = sizes;
      for (const [ofA, ofB, ofResult] of [
        [false, false, false],
        [true, false, true],
        [false, true, false],
      ] as const) {
        const [a, b] = [matrix(rows, inner, 1, ofA), matrix(inner, columns, 2, ofB)];
        const [actual, expected] = [matrix(rows, columns, 3, ofResult), matrix(rows, columns, 3, ofResult)];
        addProduct(actual, a, b, sizes);
        plainly(expected, a, b, sizes);
        expect(actual.data).toEqual(expected.data);
      }
    });
  }

  test("product: what is not a number is not lost", () => {
    const [a, b] = [matrix(4, 4, 1, false), matrix(4, 4, 2, false)];
    a.data[a.start] = Number.NaN;
    b.data[b.start + 5] = Number.POSITIVE_INFINITY;
    const result = { data: new Float64Array(16), start: 0, row: 4, column: 1 };
    addProduct(result, a, b, [4, 4, 4]);
    expect(result.data.slice(0, 4).every(Number.isNaN)).toBe(true);
    expect(Math.abs(result.data[5]!)).toBe(Number.POSITIVE_INFINITY);
    expect(Number.isFinite(result.data[6])).toBe(true);
  });
});
