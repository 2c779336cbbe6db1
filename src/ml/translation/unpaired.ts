/** Unpaired training (CycleGAN) as a method. It knows nothing of samples, files or runtimes. */
import { patchgan } from "../networks/patchgan.js";
import { averaging, optimizer } from "../training/optimizers.js";
import { DISCRIMINATORS, discriminatorsProgram, GENERATORS, generatorsProgram, unpairedScalars } from "./cyclegan.js";
import { generatorNetwork } from "./generator.js";
import {
  BOTH_SIDES,
  beginnings,
  discriminatorComponent,
  generatorComponent,
  type SampleImage,
  similarityOf,
  type TranslationMethod,
} from "./method.js";
import { ganModeOf, type Settings } from "./settings.js";

/** Generator 0 makes what looks like references of inputs, generator 1 the reverse; the names are those of the reference. */
const IMAGES: readonly SampleImage[] = [
  { name: "realA", role: "input", side: "input" },
  { name: "fakeB", role: "output", side: "input", made: { generator: 0, of: "realA", output: "fake_0" } },
  {
    ...{ name: "recA", role: "reconstruction", side: "input", target: "realA" },
    made: { generator: 1, of: "fakeB", output: "rec_0" },
  },
  { name: "realB", role: "input", side: "reference" },
  { name: "fakeA", role: "output", side: "reference", made: { generator: 1, of: "realB", output: "fake_1" } },
  {
    ...{ name: "recB", role: "reconstruction", side: "reference", target: "realB" },
    made: { generator: 0, of: "fakeA", output: "rec_1" },
  },
];

/** Two generators and two discriminators: a program for both generators, then one for both discriminators. */
export function unpairedMethod(settings: Settings): TranslationMethod {
  const { channel_count, side, l1_lambda, identity_lambda, ema, pool_size } = settings;
  const generator = generatorNetwork(settings.generator);
  const discriminator = patchgan(settings.discriminator);
  const algorithm = optimizer(settings.optimizer);
  const gan_mode = ganModeOf(settings);
  const shared = { generator, discriminator, optimizer: algorithm, gan_mode, l1_lambda, identity_lambda, ema };
  return {
    components: [
      ...GENERATORS.map((state, index) => generatorComponent(state, index, generator)),
      ...DISCRIMINATORS.map((state, index) => discriminatorComponent(state, index, discriminator)),
    ],
    ...beginnings(settings),
    optimizer: averaging(algorithm, ema),
    scalars: unpairedScalars(identity_lambda),
    pools: ["fake_0", "fake_1"].map((output) => ({ output, size: pool_size, form: [channel_count, side, side] })),
    score: similarityOf("cycle"),
    images: IMAGES,
    stages(count, apart = false) {
      const options = { ...shared, apart, image_shape: [count, channel_count, side, side] };
      return [
        { training: generatorsProgram(options), feeds: BOTH_SIDES },
        {
          training: discriminatorsProgram(options),
          feeds: BOTH_SIDES,
          pooled: { fake_0: "fake_0", fake_1: "fake_1" },
        },
      ];
    },
  };
}
