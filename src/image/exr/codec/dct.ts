/** The inverse of DWA's cosine transform of 8×8 blocks, and of its colour transform. Knows no files. */

/** Where each coefficient of the zigzag goes in a row-major block. */
export const ZIGZAG = Uint8Array.from(zigzag());

/** From corner to corner along the diagonals, in alternating directions. */
function* zigzag(): Generator<number> {
  for (let diagonal = 0; diagonal < 15; diagonal++) {
    const first = Math.max(0, diagonal - 7);
    const last = Math.min(7, diagonal);
    for (let step = first; step <= last; step++) {
      const [x, y] = diagonal % 2 === 0 ? [step, diagonal - step] : [diagonal - step, step];
      yield y * 8 + x;
    }
  }
}

/*
 * Everything below is rounded to 32 bits after each operation, in the order in which the reference adds on x86-64: so its
 * half floats come out bit for bit.
 */
const f = Math.fround;

/** Halves of the cosines of k·π/16 (4, 1, 2, 3, 5, 6, 7), in the reference's digits. */
const A = f(3.535536e-1);
const B = f(4.903927e-1);
const C = f(4.619398e-1);
const D = f(4.157349e-1);
const E = f(2.777855e-1);
const F = f(1.913422e-1);
const G = f(9.754573e-2);

/** In place, of a block of 64. `used`: a bit for each row that has other values than 0, whose transform is 0. */
export function inverseDct(block: Float32Array, used: number): void {
  for (let row = 0; row < 8; row++) if ((used >> row) & 1) transformRow(block, row * 8);
  for (let column = 0; column < 8; column++) transformColumn(block, column);
}

/** What {@link inverseDct} makes of a block whose first coefficient alone is not 0. */
export function flat(value: number): number {
  // Sums are never −0.
  return f(A * f(A * value)) + 0;
}

function transformRow(v: Float32Array, at: number): void {
  const v1 = v[at + 1]!;
  const v2 = v[at + 2]!;
  const v3 = v[at + 3]!;
  const v5 = v[at + 5]!;
  const v6 = v[at + 6]!;
  const v7 = v[at + 7]!;
  const a0 = f(A * v[at]!);
  const a4 = f(A * v[at + 4]!);
  const c2 = f(C * v2);
  const f2 = f(F * v2);
  const c6 = f(C * v6);
  const f6 = f(F * v6);
  const even0 = f(f(a0 + c2) + f(a4 + f6));
  const even1 = f(f(a0 + f2) + f(-a4 - c6));
  const even2 = f(f(a0 - f2) + f(-a4 + c6));
  const even3 = f(f(a0 - c2) + f(a4 - f6));
  const odd0 = f(f(f(B * v1) + f(D * v3)) + f(f(E * v5) + f(G * v7)));
  const odd1 = f(f(f(D * v1) - f(G * v3)) + f(-f(B * v5) - f(E * v7)));
  const odd2 = f(f(f(E * v1) - f(B * v3)) + f(f(G * v5) + f(D * v7)));
  const odd3 = f(f(f(G * v1) - f(E * v3)) + f(f(D * v5) - f(B * v7)));
  v[at] = even0 + odd0;
  v[at + 1] = even1 + odd1;
  v[at + 2] = even2 + odd2;
  v[at + 3] = even3 + odd3;
  v[at + 4] = even3 - odd3;
  v[at + 5] = even2 - odd2;
  v[at + 6] = even1 - odd1;
  v[at + 7] = even0 - odd0;
}

function transformColumn(v: Float32Array, at: number): void {
  const v1 = v[at + 8]!;
  const v2 = v[at + 16]!;
  const v3 = v[at + 24]!;
  const v5 = v[at + 40]!;
  const v6 = v[at + 48]!;
  const v7 = v[at + 56]!;
  const odd0 = f(f(f(B * v1) + f(D * v3)) + f(f(E * v5) + f(G * v7)));
  const odd1 = f(f(f(D * v1) - f(f(G * v3) + f(B * v5))) - f(E * v7));
  const odd2 = f(f(f(f(E * v1) - f(B * v3)) + f(G * v5)) + f(D * v7));
  const odd3 = f(f(f(G * v1) + f(D * v5)) - f(f(E * v3) + f(B * v7)));
  const a0 = f(A * v[at]!);
  const a4 = f(A * v[at + 32]!);
  const sum = f(a0 + a4);
  const difference = f(a0 - a4);
  const outer = f(f(C * v2) + f(F * v6));
  const inner = f(f(F * v2) - f(C * v6));
  const even0 = f(sum + outer);
  const even1 = f(difference + inner);
  const even2 = f(difference - inner);
  const even3 = f(sum - outer);
  v[at] = even0 + odd0;
  v[at + 8] = even1 + odd1;
  v[at + 16] = even2 + odd2;
  v[at + 24] = even3 + odd3;
  v[at + 32] = even3 - odd3;
  v[at + 40] = even2 - odd2;
  v[at + 48] = even1 - odd1;
  v[at + 56] = even0 - odd0;
}

const [CR_RED, CB_GREEN, CR_GREEN, CB_BLUE] = [f(1.5747), f(0.1873), f(0.4682), f(1.8556)];

/** Y'CbCr of Rec. 709 to R'G'B', in place, in the reference's digits. */
export function inverseColor(first: Float32Array, second: Float32Array, third: Float32Array): void {
  for (let at = 0; at < 64; at++) {
    const y = first[at]!;
    const cb = second[at]!;
    const cr = third[at]!;
    first[at] = y + f(CR_RED * cr);
    second[at] = f(y - f(CB_GREEN * cb)) - f(CR_GREEN * cr);
    third[at] = y + f(CB_BLUE * cb);
  }
}
