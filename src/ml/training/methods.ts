/** The ways to train, by name: which one the settings ask for, and what it is made of. It knows no samples, files or runtimes. */
import { directMethod } from "./direct.js";
import { generatorNetwork } from "./generator.js";
import type { Method } from "./method.js";
import { averaging, optimizer } from "./optimizers.js";
import { pairedMethod } from "./paired.js";
import type { MethodName, Settings } from "./settings.js";
import { unpairedMethod } from "./unpaired.js";

const METHODS: Readonly<Record<MethodName, (settings: Settings) => Method>> = {
  pix2pix: pairedMethod,
  cyclegan: unpairedMethod,
  direct(settings) {
    const { generator, ema, l1_lambda, loss, channel_count, side } = settings;
    const algorithm = averaging(optimizer(settings.optimizer), ema);
    const network = generatorNetwork(generator);
    return directMethod({ network, optimizer: algorithm, l1_lambda, loss, channel_count, side });
  },
};

/** The way to train of these settings. */
export function methodOf(settings: Settings): Method {
  return METHODS[settings.method](settings);
}
