/**
 * The update that a runtime must compute right before it is trusted: two networks against each other, each with its step. It
 * is written from operations and networks alone, so that no change to how trainings are made changes what is trusted.
 */
import type { Network } from "../../networks/network.js";
import { patchgan } from "../../networks/patchgan.js";
import { unet } from "../../networks/unet.js";
import { ProgramBuilder } from "../../program/build.js";
import { binaryCrossEntropyWithLogits, broadcast, mean, meanAbsoluteDifference } from "../../program/derived.js";
import { gradient } from "../../program/gradient.js";
import type { Program, Tensor } from "../../program/program.js";

const SHAPE = [1, 3, 32, 32];
const MOMENTUM = 0.9;

/** A network of the update, and its parameters' values by now. */
interface Learner {
  readonly name: string;
  readonly network: Network;
  readonly values: Map<string, Tensor>;
}

/**
 * One update of 32² images `A` and `B`, at the rate `rate`: a step of a discriminator, then one of a generator against it. The
 * discriminator has six channels: some drivers compute just that wrong.
 */
export function smallUpdate(): Program {
  const shared = { initial_layer_size: 4, kernel_size: 4, norm: "instance", affine: true } as const;
  const update = new SmallUpdate();
  const { b } = update;
  const netG = update.learner(
    "netG",
    unet({
      ...{ ...shared, channel_count: 3, layers: 4, max_layer_size: 16, dropout: 0, upsampling: "transposed" },
      ...{ down_activation: "leaky_relu", up_activation: "relu" },
    }),
  );
  const netD = update.learner("netD", patchgan({ ...shared, channel_count: 6, layers: 2, activation: "leaky_relu" }));
  const [realA, realB] = [b.feed("A", SHAPE), b.feed("B", SHAPE)];
  const scored = (image: Tensor) => update.forward(netD, b.concat([realA, image], 1));

  const fake = update.forward(netG, realA);
  const [scoredFake, scoredReal] = [scored(fake), scored(realB)];
  const d_fake = binaryCrossEntropyWithLogits(b, scoredFake, 0);
  const d_real = binaryCrossEntropyWithLogits(b, scoredReal, 1);
  update.minimize(b.mul(b.add(d_fake, d_real), 0.5), netD);

  const g_gan = binaryCrossEntropyWithLogits(b, scored(fake), 1);
  const g_l1 = meanAbsoluteDifference(b, fake, realB);
  const g_total = b.add(g_gan, b.mul(g_l1, 100));
  update.minimize(g_total, netG);
  const [score_real, score_fake] = [scoredReal, scoredFake].map((judgment) => mean(b, b.sigmoid(judgment)));
  const outputs = { g_total, g_gan, g_l1, d_real, d_fake, score_real: score_real!, score_fake: score_fake!, fake };
  return b.program(new Map(Object.entries(outputs)), update.state);
}

class SmallUpdate {
  readonly b = new ProgramBuilder();
  /** New state by name. */
  readonly state = new Map<string, Tensor>();
  /** Weights after a step: no gradient flows back through it. */
  readonly #stepped = new Set<Tensor>();

  learner(name: string, network: Network): Learner {
    const values = network.parameters.map(
      (parameter) => [parameter.name, this.b.state(`${name}.${parameter.name}`, parameter.shape)] as const,
    );
    return { name, network, values: new Map(values) };
  }

  forward({ network, values }: Learner, x: Tensor): Tensor {
    const training = { dropoutMask: absent, observe: absent };
    return network.apply({ b: this.b, values, training }, x);
  }

  /** A step with momentum. No Adam: its first step is the sign of the gradient, which rounding turns over. */
  minimize(loss: Tensor, { name, values }: Learner): void {
    const { b } = this;
    const before = [...values];
    const gradients = gradient(
      b,
      loss,
      before.map(([, weight]) => weight),
      this.#stepped,
    );
    for (const [at, [parameter, weight]] of before.entries()) {
      const slot = `${name}.${parameter}:momentum`;
      const change = b.add(b.mul(b.state(slot, weight.shape), MOMENTUM), gradients[at]!);
      const stepped = b.sub(weight, b.mul(change, broadcast(b, b.feed("rate", []), weight.shape)));
      values.set(parameter, stepped);
      this.#stepped.add(stepped);
      this.state.set(slot, change).set(`${name}.${parameter}`, stepped);
    }
  }
}

function absent(): never {
  throw new Error("the small update's networks have neither dropout nor running statistics");
}
