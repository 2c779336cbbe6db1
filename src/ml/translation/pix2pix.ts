/**
 * The paired update of pix2pix (Isola et al. 2017) as one program. It knows nothing of what a network is made of, nor of
 * samples, schedules or files.
 */
import type { Network } from "../networks/network.js";
import { ProgramBuilder } from "../program/build.js";
import type { Shape, Tensor } from "../program/program.js";
import { APPLIED } from "../training/inference.js";
import { averaging, type Optimizer } from "../training/optimizers.js";
import { type TrainingProgram, UpdateBuilder } from "../training/update.js";
import { imageLosses, NO_STRUCTURE, type StructureWeights, structureScalars } from "./image-losses.js";
import { type GanMode, ganLoss, score } from "./losses.js";

/** What a paired update is made of. */
export interface PairedOptions {
  readonly generator: Network;
  /** Sees input and image joined along the channels. */
  readonly discriminator: Network;
  readonly optimizer: Optimizer;
  readonly gan_mode: GanMode;
  readonly l1_lambda: number;
  readonly loss?: StructureWeights;
  /** Decay of an average of G's weights, or null. */
  readonly ema?: number | null;
  /** Of input and reference alike: [N,C,H,W]. */
  readonly image_shape: Shape;
  /** Whether D's step is fed the generated pairs, as an image pool answers them. */
  readonly pooled?: boolean;
  /** The program is made to be cut at its optimizer steps. */
  readonly apart?: boolean;
}

/** Names of the losses and scores of a paired update, each a scalar output of its program. */
export function pairedScalars(loss: StructureWeights = NO_STRUCTURE): readonly string[] {
  return ["g_total", "g_gan", "g_l1", ...structureScalars(loss), "d_real", "d_fake", "score_real", "score_fake"];
}

/** Names of the models in the program's state. */
export const GENERATOR = APPLIED;
export const DISCRIMINATOR = "netD";

/**
 * One update: fake = G(A); a step of D on ½·[loss(D(A, fake), generated) + loss(D(A, B), real)]; a step of G on
 * loss(D(A, fake), real) as the new D sees it + the losses between fake and B. Feeds: images `A` and `B` in [−1, 1], the optimizer's
 * scalars, the masks; where `pooled`, also `pooled` [N,2C,H,W], which D's step is shown in place of (A, fake). Outputs:
 * `pairedScalars` and `fake`.
 */
export function pairedProgram(options: PairedOptions): TrainingProgram {
  const { gan_mode: mode, image_shape: shape } = options;
  const b = new ProgramBuilder();
  const update = new UpdateBuilder(b, options.optimizer, options.apart);
  const netG = update.model(GENERATOR, options.generator);
  const netD = update.model(DISCRIMINATOR, options.discriminator);
  const realA = b.feed("A", shape);
  const realB = b.feed("B", shape);
  const pair = (image: Tensor) => b.concat([realA, image], 1);

  const fake = update.forward(netG, realA);
  const shown = options.pooled ? b.feed("pooled", pairShape(shape)) : pair(fake);
  const [predictedFake, predictedReal] = update.forwardEach(netD, [shown, pair(realB)]) as [Tensor, Tensor];
  const lossFake = ganLoss(b, mode, predictedFake, "generated");
  const lossReal = ganLoss(b, mode, predictedReal, "real");
  update.minimize(b.mul(b.add(lossFake, lossReal), 0.5), [netD]);

  const lossGan = ganLoss(b, mode, update.forward(netD, pair(fake)), "real");
  const { total, scalars: compared } = imageLosses(b, fake, realB, options.l1_lambda, options.loss ?? NO_STRUCTURE);
  const lossTotal = b.add(lossGan, total);
  update.minimize(lossTotal, [netG], averaging(options.optimizer, options.ema ?? null));

  const scalars = {
    ...{ g_total: lossTotal, g_gan: lossGan, ...Object.fromEntries(compared) },
    ...{ d_real: lossReal, d_fake: lossFake },
    score_real: score(b, mode, predictedReal),
    score_fake: score(b, mode, predictedFake),
  };
  return update.finish(new Map([...Object.entries(scalars), ["fake", fake]]));
}

/**
 * The pair (A, fake) that an update is about to generate, with the update's masks: feed `A` → output `pair` [N,2C,H,W]. It
 * comes before an update that is `pooled`.
 */
export function generatedPairProgram({ generator, optimizer, image_shape }: PairedOptions): TrainingProgram {
  const b = new ProgramBuilder();
  const update = new UpdateBuilder(b, optimizer);
  const realA = b.feed("A", image_shape);
  const fake = update.forward(update.model(GENERATOR, generator), realA);
  return update.observe(new Map([["pair", b.concat([realA, fake], 1)]]));
}

function pairShape([count, channels, ...sides]: Shape): Shape {
  return [count!, 2 * channels!, ...sides];
}
