/**
 * A network in use after training: what it makes of images, and the statistics that its norms find in one sample. It knows
 * nothing of how the network is trained.
 */
import type { Network, TrainingPass } from "../networks/network.js";
import { ProgramBuilder } from "../program/build.js";
import type { Program, Shape, Tensor } from "../program/program.js";
import { bindNetwork } from "./update.js";

/** The usual name, in the state, of the network that is in use. */
export const APPLIED = "netG";

/** What a network in use is fed, and what it makes of it. */
export const [GIVEN, MADE] = ["x", "y"] as const;

/**
 * The network alone, as it is used after training: feed `x` of `shape` [N, …] → output `y`. It reads the state of the
 * model `name` (`slot`: other values of it, such as an average) and changes nothing.
 */
export function inferenceProgram(network: Network, shape: Shape, name: string = APPLIED, slot?: string): Program {
  const b = new ProgramBuilder();
  const { values } = bindNetwork(b, name, network, slot);
  const made = network.apply({ b, values, training: undefined }, b.feed(GIVEN, shape));
  return { ...b.program(new Map([[MADE, made]])), forUse: true };
}

/**
 * The mean and the unbiased variance that each batch norm finds in what it is given where every layer before it takes its
 * statistics from the same images, without dropout: feed `x` of `shape` → an output for each running statistic, by its
 * parameter's name.
 */
export function statisticsProgram(network: Network, shape: Shape, name: string = APPLIED, slot?: string): Program {
  const b = new ProgramBuilder();
  const { values } = bindNetwork(b, name, network, slot);
  const found = new Map<string, Tensor>();
  const training: TrainingPass = {
    dropoutMask: (_, mask) => b.uniform(mask, 1),
    observe(statistics) {
      for (const [parameter, value] of statistics) found.set(parameter, value);
    },
  };
  network.apply({ b, values, training }, b.feed(GIVEN, shape));
  return { ...b.program(found), forUse: true };
}
