/**
 * Optimizers as fragments of a program: what a weight and its moments become, given a gradient. What changes from step to
 * step (rates, bias corrections) comes in as scalars, a pure function of the step. It knows nothing of networks or losses.
 */
import type { ProgramBuilder } from "../program/build.js";
import { broadcast } from "../program/derived.js";
import type { Tensor } from "../program/program.js";

/** The node's parameters; the formulas are those of torch.optim. */
export type OptimizerOptions =
  /** Kingma and Ba 2015; `weight_decay`: L2, added to the gradient. */
  | { readonly algorithm: "adam"; readonly beta: readonly [number, number]; readonly weight_decay?: number }
  /** Zeiler 2012. */
  | { readonly algorithm: "adadelta"; readonly rho: number }
  | { readonly algorithm: "sgd"; readonly momentum: number }
  /** Averaged SGD, Polyak and Juditsky 1992. */
  | { readonly algorithm: "asgd"; readonly lambda?: number; readonly alpha?: number; readonly t0?: number };

/** What an optimizer sees of one weight. All tensors have the weight's shape. */
export interface Weight {
  readonly b: ProgramBuilder;
  readonly weight: Tensor;
  readonly gradient: Tensor;
  /** The optimizer's state for this weight by slot, zeros before the first step. */
  readonly slot: (name: string) => Tensor;
  /** The step's scalar of this name, in the weight's shape. */
  readonly scalar: (name: string) => Tensor;
}

/** New values: the weight's, and one for each slot. */
export interface Updated {
  readonly weight: Tensor;
  readonly slots: Readonly<Record<string, Tensor>>;
}

export interface Optimizer {
  /** Names of the state that every weight has. */
  readonly slots: readonly string[];
  /**
   * The scalars of a step, counted from 1, by name, where `rateAt` answers the learning rate of any step (asgd looks back
   * by one).
   */
  scalars(step: number, rateAt: (step: number) => number): ReadonlyMap<string, number>;
  update(weight: Weight): Updated;
}

const ADAM_EPSILON = 1e-8;
const ADADELTA_EPSILON = 1e-6;

/** The optimizer of these options. */
export function optimizer(options: OptimizerOptions): Optimizer {
  switch (options.algorithm) {
    case "adam":
      return adam(options.beta, options.weight_decay ?? 0);
    case "adadelta":
      return adadelta(options.rho);
    case "sgd":
      return sgd(options.momentum);
    case "asgd":
      return asgd(options.lambda ?? 1e-4, options.alpha ?? 0.75, options.t0 ?? 1e6);
  }
}

/** The slot of a weight's average, which starts as the weight does. */
export const AVERAGE = "ema";

/**
 * The optimizer with an exponential moving average of each weight beside it: ema = d·ema + (1 − d)·weight, where
 * d = min(decay, (1 + t) / (10 + t)) and t is the update's number, counted from 0 (as TensorFlow's ExponentialMovingAverage).
 * Null: the optimizer as it is.
 */
export function averaging(base: Optimizer, decay: number | null): Optimizer {
  if (decay === null) return base;
  return {
    slots: [...base.slots, AVERAGE],
    scalars(step, rateAt) {
      const kept = Math.min(decay, step / (9 + step));
      return new Map([...base.scalars(step, rateAt), ["average_kept", kept], ["average_added", 1 - kept]]);
    },
    update(given) {
      const { b, slot, scalar } = given;
      const { weight, slots } = base.update(given);
      const average = b.add(b.mul(slot(AVERAGE), scalar("average_kept")), b.mul(weight, scalar("average_added")));
      return { weight, slots: { ...slots, [AVERAGE]: average } };
    },
  };
}

/** The scalar feed `name` in a weight's shape. */
export function scalarFeed(b: ProgramBuilder, name: string, weight: Tensor): Tensor {
  return broadcast(b, b.feed(name, []), weight.shape);
}

/**
 * Moments are kept unscaled, m̃ = m / (1−β₁) and ṽ = v / (1−β₂), and the scales are moved into the two scalars, which
 * saves operations: p −= rate·m̃ / (√ṽ + epsilon).
 */
function adam([beta1, beta2]: readonly [number, number], decay: number): Optimizer {
  return {
    slots: ["m", "v"],
    scalars(step, rateAt) {
      const scale = Math.sqrt((1 - beta2 ** step) / (1 - beta2));
      const rate = ((rateAt(step) * (1 - beta1)) / (1 - beta1 ** step)) * scale;
      return new Map([
        ["rate", rate],
        ["epsilon", ADAM_EPSILON * scale],
      ]);
    },
    update({ b, weight, gradient, slot, scalar }) {
      const g = b.add(gradient, b.mul(weight, decay));
      const m = b.add(b.mul(slot("m"), beta1), g);
      const v = b.add(b.mul(slot("v"), beta2), b.mul(g, g));
      const change = b.div(b.mul(m, scalar("rate")), b.add(b.sqrt(v), scalar("epsilon")));
      return { weight: b.sub(weight, change), slots: { m, v } };
    },
  };
}

function adadelta(rho: number): Optimizer {
  return {
    slots: ["square_average", "change_average"],
    scalars: (step, rateAt) => new Map([["rate", rateAt(step)]]),
    update({ b, weight, gradient: g, slot, scalar }) {
      const average = (name: string, value: Tensor) =>
        b.add(b.mul(slot(name), rho), b.mul(b.mul(value, value), 1 - rho));
      const square = average("square_average", g);
      const root = (value: Tensor) => b.sqrt(b.add(value, ADADELTA_EPSILON));
      const change = b.mul(b.div(root(slot("change_average")), root(square)), g);
      const slots = { square_average: square, change_average: average("change_average", change) };
      return { weight: b.sub(weight, b.mul(change, scalar("rate"))), slots };
    },
  };
}

function sgd(momentum: number): Optimizer {
  return {
    slots: momentum === 0 ? [] : ["momentum"],
    scalars: (step, rateAt) => new Map([["rate", rateAt(step)]]),
    update({ b, weight, gradient, slot, scalar }) {
      const change = momentum === 0 ? gradient : b.add(b.mul(slot("momentum"), momentum), gradient);
      return {
        weight: b.sub(weight, b.mul(change, scalar("rate"))),
        slots: momentum === 0 ? {} : { momentum: change },
      };
    },
  };
}

/** The step t uses the η and μ that step t − 1 left: η = lr / (1 + λ·lr·(t−1))^α, μ = 1 / max(1, t − 1 − t0). */
function asgd(lambda: number, alpha: number, t0: number): Optimizer {
  return {
    slots: ["average"],
    scalars(step, rateAt) {
      const before = step - 1;
      const rate = rateAt(Math.max(1, before));
      const eta = rate / (1 + lambda * rate * before) ** alpha;
      const share = 1 / Math.max(1, before - t0);
      return new Map([
        ["rate", eta],
        ["keep", 1 - lambda * eta],
        ["average_new", share],
        ["average_old", 1 - share],
      ]);
    },
    update({ b, weight, gradient, slot, scalar }) {
      const next = b.sub(b.mul(weight, scalar("keep")), b.mul(gradient, scalar("rate")));
      const average = b.add(b.mul(slot("average"), scalar("average_old")), b.mul(next, scalar("average_new")));
      return { weight: next, slots: { average } };
    },
  };
}
