/** Paired training (pix2pix) as a method of the trainer. It knows nothing of samples, files or runtimes. */
import { patchgan } from "../networks/patchgan.js";
import { generatorNetwork } from "./generator.js";
import { type Method, PAIR_IMAGES, type Stage } from "./method.js";
import { averaging, optimizer } from "./optimizers.js";
import { DISCRIMINATOR, GENERATOR, generatedPairProgram, pairedProgram, pairedScalars } from "./pix2pix.js";
import { ganModeOf, type Settings } from "./settings.js";

/** One generator, one discriminator, one program an update; with a pool, one before it that says what it will generate. */
export function pairedMethod(settings: Settings): Method {
  const { channel_count, side, l1_lambda, loss, ema, pool_size } = settings;
  const pooled = pool_size > 0;
  const generator = generatorNetwork(settings.generator);
  const discriminator = patchgan(settings.discriminator);
  const algorithm = optimizer(settings.optimizer);
  const gan_mode = ganModeOf(settings);
  const shared = { generator, discriminator, optimizer: algorithm, gan_mode, l1_lambda, loss, ema, pooled };
  return {
    components: [
      { state: GENERATOR, network: "generator", index: 0, layers: generator },
      { state: DISCRIMINATOR, network: "discriminator", index: 0, layers: discriminator },
    ],
    optimizer: averaging(algorithm, ema),
    scalars: pairedScalars(loss),
    images: PAIR_IMAGES,
    tested: "ssim_test",
    ...{ pools: pooled ? ["pair"] : [], pool_size, form: [2 * channel_count, side, side] },
    stages(count, apart = false) {
      const options = { ...shared, apart, image_shape: [count, channel_count, side, side] };
      const update: Stage = {
        training: pairedProgram(options),
        feeds: ({ input, reference }, pool) =>
          new Map([["A", input], ["B", reference], ...(pooled ? ([["pooled", pool("pair")]] as const) : [])]),
      };
      if (!pooled) return [update];
      return [{ training: generatedPairProgram(options), feeds: ({ input }) => new Map([["A", input]]) }, update];
    },
  };
}
