/** An optimizer's step of one weight as a program, which the referee runs, or a runtime. */
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Program, Shape } from "../../../src/ml/program/program.js";
import { type Optimizer, scalarFeed } from "../../../src/ml/training/optimizers.js";

export interface OptimizerStep {
  /** Of the states `w` and the optimizer's slots; it is fed `g` and the optimizer's scalars. */
  readonly program: Program;
  readonly state: ReadonlyMap<string, Shape>;
}

/** The step of a weight of so many values. */
export function optimizerStep(algorithm: Optimizer, width: number): OptimizerStep {
  const b = new ProgramBuilder();
  const weight = b.state("w", [width]);
  const updated = algorithm.update({
    ...{ b, weight, gradient: b.feed("g", weight.shape) },
    slot: (name) => b.state(name, weight.shape),
    scalar: (name) => scalarFeed(b, name, weight),
  });
  const updates = new Map([["w", updated.weight], ...Object.entries(updated.slots)]);
  return {
    program: b.program(new Map(), updates),
    state: new Map([...updates.keys()].map((name) => [name, weight.shape])),
  };
}
