/** The training steps that are measured: their sizes, and the settings of the reference. */
import { PLAIN_VALUES } from "../src/ml/data/network-image.js";
import { NO_STRUCTURE } from "../src/ml/translation/image-losses.js";
import type { Settings } from "../src/ml/translation/settings.js";

/** The networks of a size. */
export interface Sizes {
  readonly size: number;
  readonly layers: number;
  readonly ngf: number;
}
export const ALL: readonly Sizes[] = [
  { size: 64, layers: 6, ngf: 32 },
  { size: 128, layers: 7, ngf: 24 },
  { size: 256, layers: 8, ngf: 64 },
];

/** A step to be measured, and how often. */
export interface Work extends Sizes {
  readonly unpaired: boolean;
  readonly norm: "instance" | "batch";
  readonly batch: number;
  readonly steps: number;
  readonly threads: number;
}

/** The reference's settings, but for dropout, which the peers have none of. */
export function settingsOf({ size, layers, ngf, unpaired, norm }: Work): Settings {
  const affine = !unpaired;
  const shared = { initial_layer_size: ngf, kernel_size: 4, norm, affine } as const;
  return {
    ...{ method: unpaired ? "cyclegan" : "pix2pix", loss: NO_STRUCTURE, ema: null, values: PLAIN_VALUES },
    ...{ unpaired, channel_count: 3, side: size, seed: 0, max_iterations: 1, learning_rate: 2e-4 },
    ...{ schedule: { rate_scheduler: "cosine" }, initializer: "normal", gain: 0.02 },
    ...(unpaired
      ? { gan_mode: "lsgan", l1_lambda: 10, identity_lambda: 0.5, pool_size: 50 }
      : { gan_mode: "vanilla", l1_lambda: 100, identity_lambda: 0, pool_size: 0 }),
    generator: {
      ...{ ...shared, architecture: "unet", channel_count: 3, layers, max_layer_size: 8 * ngf, dropout: 0 },
      ...{ upsampling: "transposed", down_activation: "leaky_relu", up_activation: "relu" },
    },
    discriminator: { ...shared, channel_count: unpaired ? 3 : 6, layers: 3, activation: "leaky_relu" },
    optimizer: { algorithm: "adam", beta: [0.5, 0.999] },
  };
}
