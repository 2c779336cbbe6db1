/**
 * One network trained on what it ought to make, and nothing else: an update as one program, and the way to train that is made
 * of it. It knows nothing of what the network is made of, nor of samples, schedules or files.
 */
import type { Network } from "../networks/network.js";
import { ProgramBuilder } from "../program/build.js";
import type { Shape, Tensor } from "../program/program.js";
import { imageLosses, type StructureWeights, structureScalars } from "./image-losses.js";
import { APPLIED } from "./inference.js";
import { type Method, PAIR_IMAGES } from "./method.js";
import type { Optimizer } from "./optimizers.js";
import { type TrainingProgram, UpdateBuilder } from "./update.js";

/** What a direct training is made of. */
export interface DirectOptions {
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly l1_lambda: number;
  readonly loss: StructureWeights;
  /** Channels of input and target, and the side of both. */
  readonly channel_count: number;
  readonly side: number;
}

/**
 * One update: made = network(A); a step on the losses between made and B. Feeds: images `A` and `B` in [−1, 1], the optimizer's
 * scalars, the masks. Outputs: `g_total`, the losses by name, and `fake`, the image. `apart`: made to be cut at its step.
 */
export function directProgram(
  options: Omit<DirectOptions, "channel_count" | "side">,
  shape: Shape,
  apart = false,
): TrainingProgram {
  const b = new ProgramBuilder();
  const update = new UpdateBuilder(b, options.optimizer, apart);
  const model = update.model(APPLIED, options.network);
  const made = update.forward(model, b.feed("A", shape));
  const { total, scalars } = imageLosses(b, made, b.feed("B", shape), options.l1_lambda, options.loss);
  update.minimize(total, [model]);
  return update.finish(new Map<string, Tensor>([["g_total", total], ...scalars, ["fake", made]]));
}

/** Direct training as a method of the trainer. */
export function directMethod({ channel_count, side, ...options }: DirectOptions): Method {
  return {
    components: [{ state: APPLIED, network: "generator", index: 0, layers: options.network }],
    optimizer: options.optimizer,
    scalars: ["g_total", "g_l1", ...structureScalars(options.loss)],
    images: PAIR_IMAGES,
    tested: "ssim_test",
    ...{ pools: [], pool_size: 0, form: [channel_count, side, side] },
    stages: (count, apart = false) => [
      {
        training: directProgram(options, [count, channel_count, side, side], apart),
        feeds: ({ input, reference }) =>
          new Map([
            ["A", input],
            ["B", reference],
          ]),
      },
    ],
  };
}
