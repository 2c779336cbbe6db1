/**
 * The unpaired update of CycleGAN (Zhu et al. 2017) as two programs over one state: a joint step of both generators, then
 * a joint step of both discriminators on images that come from outside (an image pool). It knows nothing of what a network
 * is made of, nor of samples, schedules or files.
 */
import type { Network } from "../networks/network.js";
import { ProgramBuilder } from "../program/build.js";
import { meanAbsoluteDifference } from "../program/derived.js";
import type { Shape, Tensor } from "../program/program.js";
import { averaging, type Optimizer } from "../training/optimizers.js";
import { type TrainingProgram, UpdateBuilder } from "../training/update.js";
import { type GanMode, ganLoss, score } from "./losses.js";

/** What an unpaired update is made of. Both networks of a kind have the same hyperparameters. */
export interface UnpairedOptions {
  readonly generator: Network;
  readonly discriminator: Network;
  readonly optimizer: Optimizer;
  readonly gan_mode: GanMode;
  /** The weight of the cycle losses. */
  readonly l1_lambda: number;
  /** Times `l1_lambda`, the weight of the identity losses; 0 leaves out their two passes. */
  readonly identity_lambda: number;
  /** Of both sides' images: [N,C,H,W]. */
  readonly image_shape: Shape;
  /** Decay of an average of the generators' weights, or null. */
  readonly ema?: number | null;
  /** The programs are made to be cut at their optimizer steps. */
  readonly apart?: boolean;
}

/** Names of the models in the state: generator 0 turns A into B, 1 turns B into A; discriminator i judges what i makes. */
export const GENERATORS = ["netG0", "netG1"] as const;
export const DISCRIMINATORS = ["netD0", "netD1"] as const;

/** Names of the losses and scores of an unpaired update, each a scalar output of one of its programs. */
export function unpairedScalars(identity_lambda: number): readonly string[] {
  const identity = identity_lambda === 0 ? [] : ["idt"];
  const each = ["g_gan", "cycle", ...identity, "d_real", "d_fake", "score_real", "score_fake"];
  return ["g_total", ...each.flatMap((name) => [`${name}_0`, `${name}_1`])];
}

/**
 * The generators' step, on the sum of their GAN losses, cycle losses and identity losses. Feeds: images `A` and `B` in
 * [−1, 1], the optimizer's scalars, the masks. Outputs: `g_total`; for i of 0 and 1 `g_gan_i`, `cycle_i`, `idt_i` (mean
 * absolute differences, unweighted; `idt_i` only with identity losses), the generated image `fake_i` and the
 * reconstruction `rec_i` of what it was made from.
 */
export function generatorsProgram(options: UnpairedOptions): TrainingProgram {
  const { gan_mode: mode, l1_lambda: lambda, identity_lambda, image_shape: shape } = options;
  const b = new ProgramBuilder();
  const update = new UpdateBuilder(b, options.optimizer, options.apart);
  const generators = GENERATORS.map((name) => update.model(name, options.generator));
  const discriminators = DISCRIMINATORS.map((name) => update.model(name, options.discriminator));
  const reals = [b.feed("A", shape), b.feed("B", shape)];
  const outputs = new Map<string, Tensor>();
  const terms: Tensor[] = [];
  const lose = (name: string, loss: Tensor, weight: number) => {
    outputs.set(name, loss);
    terms.push(b.mul(loss, weight));
  };
  const hasIdentity = identity_lambda !== 0;
  // The order of the passes is that in which batch norm's running statistics see them.
  const passes = generators.map((generator, i) =>
    update.forwardEach(generator, hasIdentity ? [reals[i]!, reals[1 - i]!] : [reals[i]!]),
  );
  const fakes = passes.map(([first], i) => {
    const fake = first!;
    outputs.set(`fake_${i}`, fake);
    lose(`g_gan_${i}`, ganLoss(b, mode, update.forward(discriminators[i]!, fake), "real"), 1);
    return fake;
  });
  fakes.forEach((fake, i) => {
    const rec = update.forward(generators[1 - i]!, fake);
    outputs.set(`rec_${i}`, rec);
    lose(`cycle_${i}`, meanAbsoluteDifference(b, rec, reals[i]!), lambda);
  });
  passes.forEach(([, same], i) => {
    if (same === undefined) return;
    lose(`idt_${i}`, meanAbsoluteDifference(b, same, reals[1 - i]!), lambda * identity_lambda);
  });
  const total = terms.reduce((sum, term) => b.add(sum, term));
  outputs.set("g_total", total);
  update.minimize(total, generators, averaging(options.optimizer, options.ema ?? null));
  return update.finish(outputs);
}

/**
 * The discriminators' step, on ½·[loss(real) + loss(generated)] of each. Feeds: images `A` and `B`, generated images
 * `fake_0` (to be told from B) and `fake_1` (from A), the optimizer's scalars. Outputs for i of 0 and 1: `d_real_i`,
 * `d_fake_i`, `score_real_i`, `score_fake_i`.
 */
export function discriminatorsProgram(options: UnpairedOptions): TrainingProgram {
  const { gan_mode: mode, image_shape: shape } = options;
  const b = new ProgramBuilder();
  const update = new UpdateBuilder(b, options.optimizer, options.apart);
  const discriminators = DISCRIMINATORS.map((name) => update.model(name, options.discriminator));
  const reals = [b.feed("B", shape), b.feed("A", shape)];
  const outputs = new Map<string, Tensor>();
  const terms = discriminators.flatMap((discriminator, i) => {
    const batches = [reals[i]!, b.feed(`fake_${i}`, shape)];
    const [real, fake] = update.forwardEach(discriminator, batches) as [Tensor, Tensor];
    const [lossReal, lossFake] = [ganLoss(b, mode, real, "real"), ganLoss(b, mode, fake, "generated")];
    outputs.set(`d_real_${i}`, lossReal).set(`d_fake_${i}`, lossFake);
    outputs.set(`score_real_${i}`, score(b, mode, real)).set(`score_fake_${i}`, score(b, mode, fake));
    return [lossReal, lossFake];
  });
  update.minimize(
    b.mul(
      terms.reduce((sum, term) => b.add(sum, term)),
      0.5,
    ),
    discriminators,
  );
  return update.finish(outputs);
}
