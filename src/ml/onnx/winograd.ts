/**
 * The matrices of Winograd's minimal filtering F(m, r) (Lavin and Gray 2016; Toom-Cook at points): m results of a kernel of
 * r values by m + r − 1 products instead of m·r. y = Aᵀ[(G g) ⊙ (B d)] for r values g and m + r − 1 values d.
 */

/** Row-major matrices of `size` = m + r − 1 rows: A of m columns, G of r, B of `size`. */
export interface Filtering {
  readonly outputs: number;
  readonly taps: number;
  readonly size: number;
  readonly a: TransformMatrix;
  readonly g: TransformMatrix;
  readonly b: TransformMatrix;
}

export type TransformMatrix = readonly (readonly number[])[];

/** The first of these, then infinity: measured, errors are half of those with 2 and −2 or ½ and −½. */
const POINTS: readonly number[] = [0, 1, -1, 0.5, -2];

/** The largest m + r − 1 whose rounding is below 1e-5 of the largest value. */
export const LARGEST_FILTERING = POINTS.length + 1;

/** F(m, r), m + r − 1 at most `LARGEST_FILTERING`. */
export function filtering(outputs: number, taps: number): Filtering {
  const size = outputs + taps - 1;
  const points = POINTS.slice(0, size - 1);
  const powers = (count: number) => points.map((point) => Array.from({ length: count }, (_, i) => point ** i));
  const infinity = (count: number) => Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : 0));
  const others = (at: number) => points.filter((_, i) => i !== at);
  const scale = points.map((point, at) => others(at).reduce((product, other) => product * (point - other), 1));
  return {
    ...{ outputs, taps, size },
    a: [...powers(outputs), infinity(outputs)],
    g: [...powers(taps).map((row, at) => row.map((value) => value / scale[at]!)), infinity(taps)],
    b: [...points.map((_, at) => [...polynomial(others(at)), 0]), polynomial(points)],
  };
}

/** The coefficients, lowest first, of the product of (x − root) over the roots. */
function polynomial(roots: readonly number[]): readonly number[] {
  let factors: readonly number[] = [1];
  for (const root of roots) {
    const last = factors;
    factors = [...last, 0].map((_, i) => (last[i - 1] ?? 0) - root * (last[i] ?? 0));
  }
  return factors;
}

/** Rows i·n + j, columns p·k + q of M[i][p]·M[j][q]: what a matrix is to both axes of an image. Row-major. */
export function twice(matrix: TransformMatrix): Float32Array {
  return Float32Array.from(
    matrix.flatMap((first) => matrix.flatMap((second) => first.flatMap((a) => second.map((b) => a * b)))),
  );
}
