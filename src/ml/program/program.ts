/**
 * The tensor program: a directed acyclic graph of operations on tensors of static shape, float32 at run time, row-major,
 * images NCHW. It knows nothing of networks, gradients or of what runs it.
 *
 * A runtime compiles a program once and then steps it: feeds go in by name, fetches come out by name, and state
 * (weights, optimizer moments) stays inside the runtime, each state tensor replaced after a step by its update.
 */

export type Shape = readonly number[];

/** What an operation computes. Shapes below are those of the inputs; broadcasting is always explicit (`expand`). */
export type Operation =
  /** Leaves. `feed`: given at every step. `state`: kept by the runtime between steps. */
  | { readonly kind: "feed"; readonly name: string }
  | { readonly kind: "state"; readonly name: string }
  | { readonly kind: "constant"; readonly data: Float64Array }
  /** Elementwise, one input. */
  | { readonly kind: "neg" | "abs" | "exp" | "log" | "sqrt" | "tanh" | "sigmoid" | "softplus" | "relu" | "reciprocal" }
  | { readonly kind: "leaky_relu"; readonly alpha: number }
  | { readonly kind: "elu"; readonly alpha: number }
  | { readonly kind: "selu" }
  /** Elementwise, two inputs of equal shape. `greater` answers 1 where a > b, else 0. */
  | { readonly kind: "add" | "sub" | "mul" | "div" | "max" | "min" | "greater" }
  /** Inputs condition (0 or 1), a, b of equal shape: a where the condition is 1, else b. */
  | { readonly kind: "where" }
  /** Sums over `axes`; the summed axes stay with length 1. */
  | { readonly kind: "sum"; readonly axes: readonly number[] }
  | { readonly kind: "reshape" }
  /** Repeats axes of length 1 to the output's shape; the rank is unchanged. */
  | { readonly kind: "expand" }
  | { readonly kind: "transpose"; readonly permutation: readonly number[] }
  | { readonly kind: "concat"; readonly axis: number }
  /** Every axis: from `starts` (inclusive) to `ends` (exclusive). */
  | { readonly kind: "slice"; readonly starts: readonly number[]; readonly ends: readonly number[] }
  /** `before` and `after`: elements added per axis. Reflect does not repeat the edge. */
  | {
      readonly kind: "pad";
      readonly before: readonly number[];
      readonly after: readonly number[];
      readonly mode: "zero" | "reflect";
    }
  /** [m,k] × [k,n], each input transposed first where its flag says so. */
  | { readonly kind: "matmul"; readonly transposeA: boolean; readonly transposeB: boolean }
  /** x [N,Ci,H,W], w [Co,Ci,kh,kw] → [N,Co,OH,OW]; symmetric zero padding (torch conv2d without bias). */
  | { readonly kind: "conv"; readonly stride: number; readonly pad: number }
  /** x [N,Ci,H,W], w [Ci,Co,kh,kw] → [N,Co,OH,OW], OH = (H−1)·stride − 2·pad + kh + outputPadding[0] (torch conv_transpose2d). */
  | {
      readonly kind: "conv_transpose";
      readonly stride: number;
      readonly pad: number;
      readonly outputPadding: readonly [number, number];
    }
  /** The gradient of a convolution's weight: x [N,Ci,H,W], dy [N,Co,OH,OW] → [Co,Ci,kh,kw] (kh, kw: the output's shape). */
  | { readonly kind: "conv_weight_gradient"; readonly stride: number; readonly pad: number }
  /** x̂ = (x − mean)·r over the last `axes` axes, r = 1/√(population variance + ε); same shape as x. No scale, no shift. */
  | { readonly kind: "normalize"; readonly axes: number; readonly epsilon: number }
  /** The r of `normalize` on the same input; the normalized axes have length 1. Runtimes share one kernel for the pair. */
  | { readonly kind: "inverse_deviation"; readonly axes: number; readonly epsilon: number }
  /** Nearest-neighbour upsampling by 2 of the last two axes. */
  | { readonly kind: "upsample2" };

/** One value of a program. Identity matters: equal subexpressions are one object (the builder shares them). */
export interface Tensor {
  readonly id: number;
  readonly operation: Operation;
  readonly inputs: readonly Tensor[];
  readonly shape: Shape;
}

/** A program: what it computes, by name. Leaves are found by walking. */
export interface Program {
  /** Answers of a step, by name. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** The value that each state tensor has after the step; a state tensor without one stays as it is. */
  readonly updates: ReadonlyMap<string, Tensor>;
  /** It shows what a trained network answers: runtimes compute it as exactly as an exported model does. */
  readonly forUse?: true;
}
