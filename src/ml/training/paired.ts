/** Paired training (pix2pix) as a method of the trainer. It knows nothing of samples, files or runtimes. */
import { patchgan } from "../networks/patchgan.js";
import { generatorNetwork } from "./generator.js";
import type { Method, Stage } from "./method.js";
import { optimizer } from "./optimizers.js";
import {
  DISCRIMINATOR,
  GENERATOR,
  generatedPairProgram,
  inferenceProgram,
  PAIRED_SCALARS,
  pairedProgram,
} from "./pix2pix.js";
import type { Settings } from "./settings.js";

/** One generator, one discriminator, one program an update; with a pool, one before it that says what it will generate. */
export function pairedMethod(settings: Settings): Method {
  const { channel_count, side, gan_mode, l1_lambda, pool_size } = settings;
  const pooled = pool_size > 0;
  const generator = generatorNetwork(settings.generator);
  const discriminator = patchgan(settings.discriminator);
  const algorithm = optimizer(settings.optimizer);
  const shared = { generator, discriminator, optimizer: algorithm, gan_mode, l1_lambda, pooled };
  return {
    components: [
      { state: GENERATOR, network: "generator", index: 0, layers: generator },
      { state: DISCRIMINATOR, network: "discriminator", index: 0, layers: discriminator },
    ],
    optimizer: algorithm,
    scalars: PAIRED_SCALARS,
    images: [
      { name: "input", role: "input", side: "input" },
      { name: "reference", role: "reference", side: "reference" },
      {
        ...{ name: "output", role: "output", side: "input", target: "reference" },
        made: { generator: 0, of: "input", output: "fake" },
      },
    ],
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
    inference: (_, count, height, width) => inferenceProgram(generator, [count, channel_count, height, width]),
  };
}
