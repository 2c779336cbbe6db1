/**
 * One network trained on what it ought to make, and nothing else: an update as one program, and the way to train that is made
 * of it. It knows nothing of what the network is made of, nor of samples, schedules or files.
 */
import type { Network } from "../networks/network.js";
import { ProgramBuilder } from "../program/build.js";
import type { Shape, Tensor } from "../program/program.js";
import { APPLIED } from "../training/inference.js";
import { averaging, type Optimizer, optimizer } from "../training/optimizers.js";
import { type TrainingProgram, UpdateBuilder } from "../training/update.js";
import { generatorNetwork } from "./generator.js";
import { imageLosses, type StructureWeights, structureScalars } from "./image-losses.js";
import {
  BOTH_SIDES,
  beginnings,
  generatorComponent,
  PAIR_IMAGES,
  similarityOf,
  type TranslationMethod,
} from "./method.js";
import type { Settings } from "./settings.js";

/** What a direct update is made of. */
interface DirectOptions {
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly l1_lambda: number;
  readonly loss: StructureWeights;
}

/**
 * One update: made = network(A); a step on the losses between made and B. Feeds: images `A` and `B` in [−1, 1], the optimizer's
 * scalars, the masks. Outputs: `g_total`, the losses by name, and `fake`, the image. `apart`: made to be cut at its step.
 */
function directProgram(options: DirectOptions, shape: Shape, apart = false): TrainingProgram {
  const b = new ProgramBuilder();
  const update = new UpdateBuilder(b, options.optimizer, apart);
  const model = update.model(APPLIED, options.network);
  const made = update.forward(model, b.feed("A", shape));
  const { total, scalars } = imageLosses(b, made, b.feed("B", shape), options.l1_lambda, options.loss);
  update.minimize(total, [model]);
  return update.finish(new Map<string, Tensor>([["g_total", total], ...scalars, ["fake", made]]));
}

/** Direct training as a method: one network, one program an update. */
export function directMethod(settings: Settings): TranslationMethod {
  const { channel_count, side, l1_lambda, loss, ema } = settings;
  const network = generatorNetwork(settings.generator);
  const algorithm = averaging(optimizer(settings.optimizer), ema);
  const options = { network, optimizer: algorithm, l1_lambda, loss };
  return {
    components: [generatorComponent(APPLIED, 0, network)],
    ...beginnings(settings),
    optimizer: algorithm,
    scalars: ["g_total", "g_l1", ...structureScalars(loss)],
    pools: [],
    score: similarityOf("test"),
    images: PAIR_IMAGES,
    stages: (count, apart = false) => [
      { training: directProgram(options, [count, channel_count, side, side], apart), feeds: BOTH_SIDES },
    ],
  };
}
