/** @jest-environment ./dist/test/ml/runtime/environment.js */
/**
 * What is kept for use after training: statistics collected over the samples, and averages of weights. They are PyTorch's by
 * their formulas, what is tested is what is saved and exported, and a resumed training has the same to the bit.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { openLoader } from "../../../src/ml/data/loader.js";
import { PLAIN_VALUES } from "../../../src/ml/data/network-image.js";
import type { Dataset } from "../../../src/ml/data/samples.js";
import { ssim } from "../../../src/ml/metrics/ssim.js";
import { convolution, normalization } from "../../../src/ml/networks/layers.js";
import type { Network } from "../../../src/ml/networks/network.js";
import { decodeModel } from "../../../src/ml/onnx/model-bytes.js";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { readCheckpoint } from "../../../src/ml/training/checkpoint.js";
import { inferenceProgram, statisticsProgram } from "../../../src/ml/training/inference.js";
import { averaging, optimizer } from "../../../src/ml/training/optimizers.js";
import { generatorNetwork } from "../../../src/ml/translation/generator.js";
import type { TranslationJob } from "../../../src/ml/translation/job.js";
import { train } from "../../../src/ml/translation/train.js";
import { messageOf, testFolder } from "../../nodes/space.js";
import { sidesOf } from "../data/sides.js";
import { outputsOf, type Reference, readReference, relativeError } from "../reference.js";
import { generatorAt } from "./answers.js";
import { optimizerStep } from "./optimizer-step.js";
import { jobOf, recordedContext, smallParams, smallSamples } from "./small.js";

interface Golden {
  readonly averages: readonly { readonly decay: number; readonly steps: readonly (readonly number[])[] }[];
  readonly statistics: {
    readonly weights: Readonly<Record<string, Reference>>;
    readonly samples: readonly Reference[];
    readonly found: Readonly<Record<string, Reference>>;
  };
}

const golden = readReference<Golden>("quality.json");
const folder = testFolder();
let count = 0;
const fresh = () => join(folder, String(count++));

type Change = Readonly<Record<string, unknown>>;

/** Batch norm, dropout and random changes, on 64² so that a layer drops out, saved after each of three iterations. */
const BATCH = {
  dataset: { image_size: 64, batch_size: 2, horizontal_flip: 0.5 },
  training: { max_iterations: 3, learning_rate: 2e-3 },
  generator: { layers: 6, norm: "batch" },
  checkpoint: { model_path: "{network}_{iteration}.safetensors", save_rate: 1 },
  onnx: { path: "{network}_{iteration}.onnx", save_rate: 3 },
} as const;
const EMA = { training: { ...BATCH.training, ema: 0.9 } } as const;

async function run(
  samples: Dataset,
  changes: readonly Change[],
  more: Partial<TranslationJob> = {},
  signal?: AbortSignal,
) {
  const where = fresh();
  const deps = recordedContext(join(where, "resume"), signal === undefined ? {} : { signal });
  const trained = await train(jobOf(samples, smallParams(...changes), more), deps, join(where, "out"));
  return { ...trained, ...deps, where: join(where, "out") };
}

/** The samples as they are, one by one. */
async function plain(samples: Dataset) {
  const loader = openLoader(samples, {
    ...{ channel_count: 3, image_size: 64, crop_size: null, randomization: null, batch_size: 1, max_iterations: 1 },
    ...{ shuffle_input_order: false, drop_boundary: false, seed: 0, worker_threads: 0, storage: "automatic" },
    values: PLAIN_VALUES,
  });
  const batches = [];
  for (let step = 0; step < loader.order.steps; step++) batches.push(sidesOf(await loader.batch(step)));
  await loader.close();
  return batches;
}

describe("statistics", () => {
  test("statistics: the means over samples, each by its own statistics, are PyTorch's", () => {
    const { weights, samples, found } = golden.statistics;
    const shared = { kernel: 3, pad: 1, bias: true };
    const layers = [
      convolution({ ...shared, name: "0", inputs: 2, outputs: 3, stride: 1 }),
      normalization("1", 3, "batch", true),
      convolution({ ...shared, name: "3", inputs: 3, outputs: 2, stride: 2 }),
      normalization("4", 2, "batch", true),
    ];
    const network: Network = {
      parameters: layers.flatMap(({ parameters }) => parameters),
      dropout: 0,
      apply: (pass, x) =>
        layers.reduce(
          (y, layer, at) => (at === 2 ? layer.apply(pass, pass.b.leakyRelu(y, 0.2)) : layer.apply(pass, y)),
          x,
        ),
    };
    const program = statisticsProgram(network, [1, 2, 6, 6], "net");
    const state = new Map(
      network.parameters.map(({ name, shape }) => {
        const size = shape.reduce((product, length) => product * length, 1);
        return [`net.${name}`, Float64Array.from(weights[name]?.data ?? new Float64Array(size))];
      }),
    );
    const each = samples.map(({ data }) => outputsOf(program, new Map([["x", Float64Array.from(data)]]), state));
    for (const [name, { data }] of Object.entries(found)) {
      const mean = data.map((_, at) => each.reduce((sum, one) => sum + one.get(name)![at]!, 0) / each.length);
      expect(relativeError(Float64Array.from(mean), data)).toBeLessThan(1e-9);
    }
    expect(Object.keys(found).sort()).toEqual([...each[0]!.keys()].sort());
  });

  test("statistics: what is saved holds them for the weights that are saved, averaged or not", async () => {
    const samples = await smallSamples(fresh(), 3, 64);
    const { where } = await run(samples, [BATCH, EMA]);
    const batches = await plain(samples);
    for (const file of ["generator_1", "generator_3", "generator_ema_3"]) {
      const { options, weights } = await generatorAt(join(where, `${file}.safetensors`));
      const network = generatorNetwork(options);
      const program = statisticsProgram(network, [1, 3, 64, 64], "net");
      const state = new Map([...weights].map(([name, values]) => [`net.${name}`, Float64Array.from(values)]));
      const each = batches.map(({ input }) => outputsOf(program, new Map([["x", Float64Array.from(input)]]), state));
      for (const name of each[0]!.keys()) {
        const mean = Array.from(
          weights.get(name)!,
          (_, at) => each.reduce((sum, one) => sum + one.get(name)![at]!, 0) / 3,
        );
        expect(relativeError(weights.get(name)!, mean)).toBeLessThan(1e-4);
      }
    }
  });

  test("statistics: what was tested is what is saved and exported", async () => {
    const [samples, tests] = [await smallSamples(fresh(), 3, 64), await smallSamples(fresh(), 2, 64)];
    const { where, figures, logged } = await run(samples, [BATCH, { test: { enabled: true } }], { tests });
    const { options, weights } = await generatorAt(join(where, "generator_3.safetensors"));
    const program = inferenceProgram(generatorNetwork(options), [1, 3, 64, 64], "net");
    const state = new Map([...weights].map(([name, values]) => [`net.${name}`, Float64Array.from(values)]));
    const unit = (values: ArrayLike<number>) => Float32Array.from(values, (value) => (value + 1) / 2);
    const scores = (await plain(tests)).map(({ input, reference }) => {
      const made = evaluateReference(program, { feeds: new Map([["x", Float64Array.from(input)]]), state }).outputs.get(
        "y",
      )!;
      return ssim(unit(made), unit(reference), { channels: 3, height: 64, width: 64 });
    });
    expect((scores[0]! + scores[1]!) / 2).toBeCloseTo(figures.ssim_test!, 5);
    // It is written only after onnxruntime has agreed with the referee over the same weights.
    expect(decodeModel(readFileSync(join(where, "generator_3.onnx"))).graph!.inputs.length).toBe(1);
    expect(logged.filter((line) => / statistics \d+\.\d\d s$/.test(line)).length).toBe(3);
  });

  test("statistics: nothing is collected where nothing is used, nor without batch norm", async () => {
    const samples = await smallSamples(fresh(), 3);
    const saved = { checkpoint: { model_path: "{network}.safetensors", save_rate: 2 } };
    const lines = async (norm: string) => {
      const { logged } = await run(samples, [{ generator: { norm }, training: { max_iterations: 3 } }, saved]);
      return logged.filter((line) => line.startsWith("iteration")).map((line) => line.includes("statistics"));
    };
    expect(await lines("batch")).toEqual([false, true, true]);
    expect(await lines("instance")).toEqual([false, false, false]);
  });

  test("statistics: unpaired generators have those of the side that they are given", async () => {
    const pairs = await smallSamples(fresh(), 3);
    if (pairs.kind !== "paired") throw new Error("they are pairs");
    const side = (kind: "input" | "reference") => pairs.samples.map((each) => ({ ...each[kind], name: each.name }));
    const samples: Dataset = { kind: "unpaired", inputs: side("input"), references: side("reference").slice(0, 2) };
    const { where } = await run(samples, [
      {
        dataset: { input_type: "unpaired_directories" },
        generator: { norm: "batch" },
        training: { max_iterations: 1 },
      },
      { checkpoint: { model_path: "{network}_{index}.safetensors" } },
    ]);
    for (const [index, kind, size] of [
      [0, "input", 3],
      [1, "reference", 2],
    ] as const) {
      const { options, weights } = await generatorAt(join(where, `generator_${index}.safetensors`));
      const program = statisticsProgram(generatorNetwork(options), [1, 3, 16, 16], "net");
      const state = new Map([...weights].map(([name, values]) => [`net.${name}`, Float64Array.from(values)]));
      const loader = openLoader(samples, {
        ...{ channel_count: 3, image_size: 16, crop_size: null, randomization: null, batch_size: 1, max_iterations: 1 },
        ...{ shuffle_input_order: false, drop_boundary: false, seed: 0, worker_threads: 0, storage: "automatic" },
        values: PLAIN_VALUES,
      });
      const each: ReturnType<typeof outputsOf>[] = [];
      for (let step = 0; step < size; step++) {
        const image = Float64Array.from(sidesOf(await loader.batch(step))[kind]);
        each.push(outputsOf(program, new Map([["x", image]]), state));
      }
      await loader.close();
      for (const name of each[0]!.keys()) {
        const mean = Array.from(
          weights.get(name)!,
          (_, at) => each.reduce((sum, one) => sum + one.get(name)![at]!, 0) / size,
        );
        expect(relativeError(weights.get(name)!, mean)).toBeLessThan(1e-4);
      }
    }
  });
});

describe("averages", () => {
  test("averages: of weights, as by PyTorch, with the decay that grows from 0.1", () => {
    for (const { decay, steps } of golden.averages) {
      const algorithm = averaging(optimizer({ algorithm: "adam", beta: [0.5, 0.999] }), decay);
      const { program, state } = optimizerStep(algorithm, 2);
      const first = Float64Array.of(1, -2);
      let values = new Map([...state.keys()].map((name) => [name, new Float64Array(2)]));
      values.set("w", first).set("ema", first);
      for (const [at, expected] of steps.entries()) {
        const scalars = [...algorithm.scalars(at + 1, () => 0.1)].map(
          ([name, one]) => [name, Float64Array.of(one)] as const,
        );
        const w = values.get("w")!;
        const feeds = new Map([...scalars, ["g", Float64Array.of(w[0]!, 3 * w[1]!)] as const]);
        values = new Map([...values, ...evaluateReference(program, { feeds, state: values }).updates]) as typeof values;
        expect(relativeError(values.get("ema")!, expected)).toBeLessThan(1e-9);
      }
    }
  });

  test("averages: both sets of weights are saved, and the one that tests better is what is used", async () => {
    const [samples, tests] = [await smallSamples(fresh(), 3, 64), await smallSamples(fresh(), 2, 64)];
    const { where, logged, figures, files } = await run(samples, [BATCH, EMA, { test: { enabled: true } }], { tests });
    const told = logged
      .map((line) => /weights: raw (\S+), ema (\S+); (\w+) is used/.exec(line))
      .filter((found) => found !== null);
    expect(told.length).toBe(3);
    const [, raw, ema, used] = told.at(-1)!;
    expect(used).toBe(Number(ema) >= Number(raw) ? "ema" : "raw");
    expect(figures.ssim_test!.toFixed(4)).toBe(used === "ema" ? ema : raw);
    const last = files.filter(({ iteration, kind }) => iteration === 3 && /checkpoint|other/.test(kind));
    expect(new Map(last.map(({ kind, path }) => [kind, path])).get("checkpoint")).toBe(
      used === "ema" ? "generator_ema_3.safetensors" : "generator_3.safetensors",
    );
    const { metadata } = await readCheckpoint(join(where, "generator_ema_3.safetensors"));
    expect(metadata).toMatchObject({ network: "generator", weights: "ema" });
    expect(readdirSync(where).filter((name) => name.startsWith("generator_ema")).length).toBe(3);
  });

  test("averages: without tests the averaged weights are what is used", async () => {
    const { files } = await run(await smallSamples(fresh(), 3), [{ training: { ema: 0.99, max_iterations: 1 } }]);
    expect(files.map(({ path, kind }) => [path, kind])).toEqual([["generator_ema.safetensors", "checkpoint"]]);
  });

  test("averages: a training that is stopped and resumed keeps them, and the statistics, to the bit", async () => {
    const samples = await smallSamples(fresh(), 3, 64);
    const params = smallParams(BATCH, EMA, { resume_interval: 0 });
    const whole = await run(samples, [BATCH, EMA]);
    const where = fresh();
    for (const stopAfter of [3, Number.POSITIVE_INFINITY]) {
      const stop = new AbortController();
      let steps = 0;
      const deps = recordedContext(join(where, "resume"), {
        signal: stop.signal,
        progress: () => {
          steps += 1;
          if (steps === stopAfter) stop.abort();
        },
      });
      const { partial } = await train(jobOf(samples, params), deps, join(where, `out${stopAfter}`));
      expect(partial).toBe(stopAfter === 3);
    }
    for (const name of ["generator_3", "generator_ema_3", "discriminator_3"]) {
      const read = (at: string) => readFileSync(join(at, `${name}.safetensors`)).toString("base64");
      expect(read(join(where, "outInfinity"))).toBe(read(whole.where));
    }
  });

  test("averages: a training is not continued with or without what the one before had not", async () => {
    const samples = await smallSamples(fresh(), 2);
    const saved = { checkpoint: { model_path: "{network}.safetensors" } };
    const first = await run(samples, [saved, { training: { max_iterations: 1 } }]);
    const continue_from = join(first.where, "generator.safetensors.state");
    const message = await messageOf(run(samples, [{ training: { max_iterations: 2, ema: 0.9 } }], { continue_from }));
    expect(message).toBe(
      `${continue_from}: its training had no training.ema, which cannot begin or end in between: set the same, or take its weights alone by training.initial_weights.`,
    );
  });
});
