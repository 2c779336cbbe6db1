/** Paired training (pix2pix) as a method. It knows nothing of samples, files or runtimes. */
import { patchgan } from "../networks/patchgan.js";
import type { UpdateStage } from "../training/method.js";
import { averaging, optimizer } from "../training/optimizers.js";
import { generatorNetwork } from "./generator.js";
import {
  BOTH_SIDES,
  beginnings,
  discriminatorComponent,
  generatorComponent,
  PAIR_IMAGES,
  similarityOf,
  type TranslationMethod,
} from "./method.js";
import { DISCRIMINATOR, GENERATOR, generatedPairProgram, pairedProgram, pairedScalars } from "./pix2pix.js";
import { ganModeOf, type Settings } from "./settings.js";

/** One generator, one discriminator, one program an update; with a pool, one before it that says what it will generate. */
export function pairedMethod(settings: Settings): TranslationMethod {
  const { channel_count, side, l1_lambda, loss, ema, pool_size } = settings;
  const pooled = pool_size > 0;
  const generator = generatorNetwork(settings.generator);
  const discriminator = patchgan(settings.discriminator);
  const algorithm = optimizer(settings.optimizer);
  const gan_mode = ganModeOf(settings);
  const shared = { generator, discriminator, optimizer: algorithm, gan_mode, l1_lambda, loss, ema, pooled };
  return {
    components: [generatorComponent(GENERATOR, 0, generator), discriminatorComponent(DISCRIMINATOR, 0, discriminator)],
    ...beginnings(settings),
    optimizer: averaging(algorithm, ema),
    scalars: pairedScalars(loss),
    pools: pooled ? [{ output: "pair", size: pool_size, form: [2 * channel_count, side, side] }] : [],
    score: similarityOf("test"),
    images: PAIR_IMAGES,
    stages(count, apart = false) {
      const options = { ...shared, apart, image_shape: [count, channel_count, side, side] };
      const update: UpdateStage = { training: pairedProgram(options), feeds: BOTH_SIDES };
      if (!pooled) return [update];
      return [
        { training: generatedPairProgram(options), feeds: { A: "input" } },
        { ...update, pooled: { pooled: "pair" } },
      ];
    },
  };
}
