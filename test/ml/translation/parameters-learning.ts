/** What each key of `training`, `optimizer`, and the losses' and dropout's of `generator` changes: rows of `parameters.test.ts`. */
import { join } from "node:path";
import { expect } from "@jest/globals";
import { readCheckpoint } from "../../../src/ml/training/checkpoint.js";
import type { OpenTraining } from "../../../src/ml/training/session.js";
import type { Learned } from "../../../src/ml/training/trainer.js";
import type { TranslationJob } from "../../../src/ml/translation/job.js";
import { train } from "../../../src/ml/translation/train.js";
import { jobOf, recordedContext, smallParams } from "../training/small.js";
import { type Change, fresh, opened, samples, unpaired } from "./opened.js";

/**
 * Small, and without dropout; every update is on the first batch, so that only the weights differ. The difference to the
 * reference is all that counts: a generator's gradient must not depend on how far the discriminator has just gone.
 */
const SMALL: Change = { dataset: { image_size: 16 }, generator: { layers: 2, l1_lambda: 1e6 } };
const WEIGHT = "netG.model.model.3.weight";

function changed(change: Change): Change {
  return Object.fromEntries(
    [...new Set([...Object.keys(SMALL), ...Object.keys(change)])].map((group) => [
      group,
      { ...SMALL[group], ...change[group] },
    ]),
  );
}

interface Run {
  /** The weight before each update and after the last. */
  readonly weights: readonly Float32Array[];
  readonly learned: readonly { readonly scalars: Learned["scalars"]; readonly output: Float32Array }[];
  readonly slot: (name: string) => Promise<Float32Array>;
}

/** `updates` updates at a rate, and what `look` makes of them. */
function run<T>(change: Change, updates: number, rate: number, look: (run: Run) => T | Promise<T>): Promise<T> {
  return opened(changed(change), async ({ trainer, subject }) => {
    const batch = await subject.batches.batch(0);
    const weights = [(await trainer.read(WEIGHT)).slice()];
    const learned: Run["learned"][number][] = [];
    for (let update = 1; update <= updates; update++) {
      const { scalars, outputs } = await trainer.update(batch, update, () => rate);
      learned.push({ scalars, output: (outputs.get("fake") as Float32Array).slice() });
      weights.push((await trainer.read(WEIGHT)).slice());
    }
    return look({ weights, learned, slot: async (name) => (await trainer.read(`${WEIGHT}:${name}`)).slice() });
  });
}

/** How far two lists are apart, relative to the larger of the second. */
function distance(actual: Float32Array, expected: (at: number) => number): number {
  const wanted = Array.from(actual, (_, at) => expected(at));
  const scale = Math.max(...wanted.map(Math.abs));
  return Math.max(...wanted.map((value, at) => Math.abs(value - actual[at]!))) / scale;
}

/** The gradient of the first update: what SGD at rate 1 subtracts. */
const gradient = await run({ optimizer: { algorithm: "sgd" } }, 1, 1, ({ weights: [before, after] }) =>
  before!.map((value, at) => value - after![at]!),
);

/** What the first update changed the weight by. */
function firstChange(change: Change, rate: number): Promise<Float32Array> {
  return run(change, 1, rate, ({ weights: [before, after] }) => after!.map((value, at) => value - before![at]!));
}

const rates = (training: Readonly<Record<string, unknown>>) =>
  opened({ training: { max_iterations: 10, learning_rate: 2e-4, ...training } }, ({ calendar, params }) =>
    Array.from({ length: params.training.max_iterations }, (_, at) => calendar.rateOf(at + 1)),
  );
const times = (rate: number, factors: readonly number[]) => factors.map((factor) => expect.closeTo(rate * factor, 12));

/** First weights, by name. */
const first = (training: Readonly<Record<string, unknown>>, ...names: readonly string[]) =>
  opened({ ...SMALL, training }, async ({ trainer }) =>
    Promise.all(names.map(async (name) => (await trainer.read(name)).slice())),
  );
const INNER = "netG.model.model.1.model.1.weight";
const NORM = "netD.model.3.weight";

const scalarsOf = (change: Change, step: number, rate: number) =>
  opened({ ...SMALL, ...change }, ({ trainer }: OpenTraining) => trainer.method.optimizer.scalars(step, () => rate));

export const TRAINING: Readonly<Record<string, () => Promise<void>>> = {
  async max_iterations() {
    const steps = (max_iterations: number) =>
      opened({ training: { max_iterations } }, ({ calendar }) => calendar.steps);
    expect([await steps(1), await steps(3)]).toEqual([6, 18]);
  },
  async learning_rate() {
    expect((await rates({ learning_rate: 1e-3 }))[0]).toBe(1e-3);
    const sgd = { optimizer: { algorithm: "sgd" } };
    expect(distance(await firstChange(sgd, 0.5), (at) => -0.5 * gradient[at]!)).toBeLessThan(1e-3);
  },
  async rate_scheduler() {
    expect(await rates({ rate_scheduler: "linear", linear_decay: 0 })).toEqual(times(2e-4, Array(10).fill(1)));
    const cosine = await rates({ rate_scheduler: "cosine" });
    expect([cosine[0], cosine[1], cosine[5], cosine[9]]).toEqual([
      ...times(2e-4, [1]),
      ...[1.951057e-4, 1e-4, 4.894348e-6].map((rate) => expect.closeTo(rate, 9)),
    ]);
    expect(await rates({ rate_scheduler: "step", step_size: 4 })).toEqual(
      times(2e-4, [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01]),
    );
  },
  async linear_decay() {
    expect(await rates({ linear_decay: 4 })).toEqual(times(2e-4, [1, 1, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2]));
    expect(await rates({})).toEqual(await rates({ linear_decay: 5 }));
  },
  async step_size() {
    expect(await rates({ rate_scheduler: "step", step_size: 5 })).toEqual(
      times(2e-4, [1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.1]),
    );
  },
  async gamma() {
    expect((await rates({ rate_scheduler: "step", step_size: 5, gamma: 0.3 })).slice(4, 6)).toEqual(
      times(2e-4, [1, 0.3]),
    );
  },
  async initializer() {
    const [normal] = await first({ initializer: "normal", gain: 0.02 }, INNER);
    const [orthogonal] = await first({ initializer: "orthogonal", gain: 0.02 }, INNER);
    // [8, 4, 4, 4]: eight rows of 64.
    const products = (values: Float32Array) =>
      Array.from({ length: 64 }, (_, at) => {
        const [a, b] = [Math.floor(at / 8) * 64, (at % 8) * 64];
        return Array.from({ length: 64 }, (_unused, i) => values[a + i]! * values[b + i]!).reduce((x, y) => x + y, 0);
      });
    const identity = Array.from({ length: 64 }, (_, at) => expect.closeTo(at % 9 === 0 ? 4e-4 : 0, 9));
    expect(products(orthogonal!)).toEqual(identity);
    expect(products(normal!)).not.toEqual(identity);
    const deviation = Math.sqrt(normal!.reduce((sum, value) => sum + value * value, 0) / normal!.length);
    // 512 values: five standard errors.
    expect(Math.abs(deviation - 0.02)).toBeLessThan((5 * 0.02) / Math.sqrt(2 * 512));
  },
  async gain() {
    const [weight, norm] = await first({ gain: 0.02 }, INNER, NORM);
    const [larger, largerNorm] = await first({ gain: 0.2 }, INNER, NORM);
    expect(distance(larger!, (at) => 10 * weight![at]!)).toBeLessThan(1e-6);
    expect(
      distance(
        largerNorm!.map((value) => value - 1),
        (at) => 10 * (norm![at]! - 1),
      ),
    ).toBeLessThan(1e-5);
  },
  async gan_mode() {
    // Weights that are next to nothing: the discriminator answers 0, and the generator as well.
    const untold = { training: { gain: 1e-7 } };
    const of = (gan_mode: string) =>
      run({ ...untold, training: { gain: 1e-7, gan_mode } }, 1, 0, ({ learned: [only] }) => only!.scalars);
    const vanilla = await of("vanilla");
    expect([...vanilla]).toEqual(expect.arrayContaining([["d_real", expect.closeTo(Math.LN2, 5)]]));
    expect(vanilla.get("d_fake")).toBeCloseTo(Math.LN2, 5);
    expect(vanilla.get("score_real")).toBeCloseTo(0.5, 5);
    const lsgan = await of("lsgan");
    expect([lsgan.get("d_real"), lsgan.get("d_fake"), lsgan.get("score_real")]).toEqual([
      ...[1, 0, 0].map((value) => expect.closeTo(value, 5)),
    ]);
    expect(await of("auto")).toEqual(vanilla);
    expect([...(await of("none")).keys()]).toEqual(["g_total", "g_l1"]);
    const networks = (gan_mode: string) =>
      opened({ ...SMALL, training: { gan_mode } }, ({ trainer }) =>
        trainer.method.components.map(({ state }) => state),
      );
    expect([await networks("none"), await networks("vanilla")]).toEqual([["netG"], ["netG", "netD"]]);
  },
  async ema() {
    // The first update keeps a tenth of what was there before.
    const change = { training: { ema: 0.99 }, optimizer: { algorithm: "sgd" } };
    const average = await run(change, 1, 1e-7, async ({ weights: [before, after], slot }) =>
      (await slot("ema")).map((value, at) => value - 0.1 * before![at]! - 0.9 * after![at]!),
    );
    expect(Math.max(...average.map(Math.abs))).toBeLessThan(1e-6);
    const states = await opened({ ...SMALL, training: { ema: null } }, ({ trainer }) => [...trainer.shapes.keys()]);
    expect(states.some((name) => name.endsWith(":ema"))).toBe(false);
  },
  async pool_size() {
    const pools = (pool_size: number | "auto", more: Partial<TranslationJob>, input_type: string) =>
      opened({ ...SMALL, dataset: { image_size: 16, input_type }, training: { pool_size } }, poolRows, more);
    const sets = { samples: unpaired() };
    expect(await pools(3, sets, "unpaired_directories")).toEqual([3, 3]);
    expect(await pools("auto", sets, "unpaired_directories")).toEqual([50, 50]);
    expect(await pools(0, sets, "unpaired_directories")).toEqual([]);
    expect(await pools("auto", {}, "paired_directories")).toEqual([]);
  },
  async identity_lambda() {
    const of = (identity_lambda: number) =>
      opened(
        {
          ...{ dataset: { image_size: 16, input_type: "unpaired_directories" }, generator: { layers: 2 } },
          training: { identity_lambda },
        },
        async ({ trainer, subject }) => {
          const { scalars } = await trainer.update(await subject.batches.batch(0), 1, () => 0);
          const sum = (name: string) => scalars.get(`${name}_0`)! + scalars.get(`${name}_1`)!;
          return { rest: scalars.get("g_total")! - sum("g_gan") - 10 * sum("cycle"), idt: sum("idt") };
        },
        { samples: unpaired() },
      );
    for (const weight of [0.5, 2]) {
      const { rest, idt } = await of(weight);
      expect(rest).toBeCloseTo(10 * weight * idt, 4);
    }
    // Its passes are left out.
    expect(await of(0)).toEqual({ rest: expect.closeTo(0, 4), idt: Number.NaN });
  },
  async initial_weights() {
    const out = await trainedOnce();
    const { tensors } = await readCheckpoint(join(out, "generator.safetensors"));
    const read = (more: Partial<TranslationJob>) =>
      opened(SMALL, async ({ trainer }) => (await trainer.read(WEIGHT)).slice(), more);
    const saved = tensors.get("model.model.3.weight")!.data;
    expect(await read({ initial_weights: join(out, "generator.safetensors") })).toEqual(saved);
    expect(await read({})).not.toEqual(saved);
  },
  async continue_from() {
    const out = await trainedOnce();
    const training = { max_iterations: 3 };
    const begun = (more: Partial<TranslationJob>) =>
      opened(
        { ...SMALL, training },
        async ({ progress, calendar, trainer }) => {
          const moment = (await trainer.read(`${WEIGHT}:m`)).some((value) => value !== 0);
          return {
            step: progress.step,
            iterations: progress.history.length,
            left: calendar.steps - progress.step,
            moment,
          };
        },
        more,
      );
    expect(await begun({})).toEqual({ step: 0, iterations: 0, left: 18, moment: false });
    const continue_from = join(out, "generator.safetensors.state");
    expect(await begun({ continue_from })).toEqual({ step: 6, iterations: 1, left: 12, moment: true });
  },
};

/** How many images each pool of a training keeps. */
function poolRows({ trainer }: OpenTraining): readonly number[] {
  return trainer.method.pools.map(({ size }) => size).filter((size) => size > 0);
}

let once: Promise<string> | undefined;

/** The folder of a training of one iteration. */
function trainedOnce(): Promise<string> {
  const work = async () => {
    const out = fresh();
    const checkpoint = { model_path: "{network}.safetensors" };
    const params = smallParams(
      { dataset: { batch_size: 1 } },
      { ...SMALL, training: { max_iterations: 1 }, checkpoint },
    );
    await train(jobOf(samples, params), recordedContext(fresh()), out);
    return out;
  };
  once ??= work();
  return once;
}

const weighed = (name: string, scalar: string) => async () => {
  for (const weight of [0, 30]) {
    const scalars = await run(
      { generator: { l1_lambda: 10 }, loss: { [name]: weight } },
      1,
      0,
      ({ learned: [only] }) => only!.scalars,
    );
    expect(scalars.has(scalar)).toBe(weight > 0);
    const rest = scalars.get("g_total")! - scalars.get("g_gan")! - 10 * scalars.get("g_l1")!;
    expect(rest).toBeCloseTo(weight * (scalars.get(scalar) ?? 0), 4);
  }
};

export const LOSS: Readonly<Record<string, () => Promise<void>>> = {
  gradient: weighed("gradient", "g_gradient"),
  ssim: weighed("ssim", "g_ssim"),
};

/** The keys of `generator` that are about losses and dropout. */
export const LOSSES: Readonly<Record<string, () => Promise<void>>> = {
  async l1_lambda() {
    for (const [l1_lambda, weight] of [
      ["auto", 100],
      [7, 7],
      [0, 0],
    ] as const) {
      const scalars = await run({ generator: { layers: 2, l1_lambda } }, 1, 0, ({ learned: [only] }) => only!.scalars);
      expect(scalars.get("g_total")).toBeCloseTo(scalars.get("g_gan")! + weight * scalars.get("g_l1")!, 4);
    }
  },
  async dropout() {
    // Six layers have it in one. At rate 0 only the masks can make two updates' images differ.
    const images = (dropout: number | "auto") =>
      run(
        { dataset: { image_size: 64 }, generator: { layers: 6, initial_layer_size: 2, max_layer_size: 4, dropout } },
        2,
        0,
        ({ learned }) => learned.map(({ output }) => output),
      );
    const [one, two] = await images(0);
    expect(two).toEqual(one);
    for (const dropout of ["auto", 0.3] as const) {
      const [first_, second] = await images(dropout);
      expect(second).not.toEqual(first_);
    }
  },
};

export const OPTIMIZER: Readonly<Record<string, () => Promise<void>>> = {
  async algorithm() {
    const rate = 0.01;
    const of = (algorithm: string) => firstChange({ optimizer: { algorithm } }, rate);
    expect(distance(await of("sgd"), (at) => -rate * gradient[at]!)).toBeLessThan(1e-2);
    // Adam's first step is the gradient's sign, where it is not next to nothing.
    const largest = Math.max(...gradient.map(Math.abs));
    for (const [at, change] of (await of("adam")).entries()) {
      if (Math.abs(gradient[at]!) > 1e-3 * largest) expect(change / rate).toBeCloseTo(-Math.sign(gradient[at]!), 4);
    }
    const root = (value: number) => Math.sqrt(value + 1e-6);
    expect(
      distance(await of("adadelta"), (at) => (-rate * 1e-3 * gradient[at]!) / root(0.1 * gradient[at]! ** 2)),
    ).toBeLessThan(1e-2);
    const averaged = await run({ optimizer: { algorithm: "asgd" } }, 1, rate, async ({ weights, slot }) => [
      weights[1]!,
      await slot("average"),
    ]);
    expect(averaged[1]).toEqual(averaged[0]);
  },
  async beta() {
    // The first step is the same; then m̃ = β₁·g₁ + g₂.
    const moments = (beta: readonly number[]) => run({ optimizer: { beta } }, 2, 1e-4, ({ slot }) => slot("m"));
    const [half, more] = [await moments([0.5, 0.999]), await moments([0.9, 0.999])];
    expect(
      distance(
        more.map((value, at) => value - half[at]!),
        (at) => 0.4 * gradient[at]!,
      ),
    ).toBeLessThan(1e-3);
    const squares = (beta: readonly number[]) => run({ optimizer: { beta } }, 2, 1e-4, ({ slot }) => slot("v"));
    const [most, less] = [await squares([0.5, 0.999]), await squares([0.5, 0.9])];
    expect(
      distance(
        most.map((value, at) => value - less[at]!),
        (at) => 0.099 * gradient[at]! ** 2,
      ),
    ).toBeLessThan(1e-2);
  },
  async rho() {
    const square = (rho: number) =>
      run({ optimizer: { algorithm: "adadelta", rho } }, 1, 1, ({ slot }) => slot("square_average"));
    for (const rho of [0.9, 0.5]) {
      expect(distance(await square(rho), (at) => (1 - rho) * gradient[at]! ** 2)).toBeLessThan(1e-4);
    }
  },
  async momentum() {
    // Both second steps have the same gradient, and one of them what is left of the first.
    const rate = 0.1;
    const second = (momentum: number) =>
      run({ optimizer: { algorithm: "sgd", momentum } }, 2, rate, ({ weights }) => weights[2]!);
    const [without, withIt] = [await second(0), await second(0.9)];
    expect(
      distance(
        withIt.map((value, at) => value - without[at]!),
        (at) => -rate * 0.9 * gradient[at]!,
      ),
    ).toBeLessThan(1e-2);
  },
  async lambda() {
    // p(1 − λη) − ηg, with η the rate in the first step.
    const rate = 0.01;
    const after = (lambda: number) =>
      run({ optimizer: { algorithm: "asgd", lambda } }, 1, rate, ({ weights }) => weights);
    const [before, plain] = await after(0);
    const [, decayed] = await after(10);
    expect(
      distance(
        decayed!.map((value, at) => value - plain![at]!),
        (at) => -10 * rate * before![at]!,
      ),
    ).toBeLessThan(1e-3);
  },
  async alpha() {
    for (const alpha of [0.75, 2]) {
      const scalars = await scalarsOf({ optimizer: { algorithm: "asgd", lambda: 1, alpha } }, 3, 0.5);
      expect(scalars.get("rate")).toBeCloseTo(0.5 / (1 + 0.5 * 2) ** alpha, 12);
    }
  },
  async t0() {
    const shares = async (t0: number) =>
      Promise.all(
        [1, 4, 6].map(async (step) =>
          (await scalarsOf({ optimizer: { algorithm: "asgd", t0 } }, step, 0.5)).get("average_new"),
        ),
      );
    expect(await shares(1e6)).toEqual([1, 1, 1]);
    expect(await shares(1)).toEqual([1, 1 / 2, 1 / 4]);
  },
};
