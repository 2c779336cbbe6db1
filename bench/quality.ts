/**
 * Trains on real elevation tiles and says how good the model is on tiles that it never saw: the acceptance of model quality.
 * Usage: node dist/bench/quality.js [--data ../shared/data/terrain/paired128] [--seeds 0,1,2] [--iterations 12]
 * [--params '{"generator":{"norm":"instance"}}'], laid over the acceptance's own. Those name neither norm nor batch: batch norm
 * at batch 2 is what keeps a tile's mean height and slope, which an instance norm over the 2×2 map next to the innermost takes away.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { PARAMS } from "../nodes/ml/style_transfer/params.js";
import { openLoader } from "../src/ml/data/loader.js";
import { composites, type Dataset } from "../src/ml/data/samples.js";
import { correlation, mae } from "../src/ml/metrics/difference.js";
import { ssim } from "../src/ml/metrics/ssim.js";
import { createOnnxruntime } from "../src/ml/runtime/onnxruntime.js";
import { generatorNetwork } from "../src/ml/training/generator.js";
import { readGenerator } from "../src/ml/training/generator-file.js";
import type { JobParams } from "../src/ml/training/job.js";
import { GENERATOR, inferenceProgram } from "../src/ml/training/pix2pix.js";
import { train } from "../src/ml/training/train.js";
import { stateName } from "../src/ml/training/update.js";
import { withDefaults } from "../src/nodetype/defaults.js";
import { mergeParams, type SomeParams } from "../src/testing/params.js";

const SIDE = 128;
/** The acceptance. */
const GOAL = { mae: 0.11, correlation: 0.8 } as const;

interface Scores {
  readonly mae: number;
  readonly correlation: number;
  readonly ssim: number;
}

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "../shared/data/terrain/paired128" },
    seeds: { type: "string", default: "0,1,2" },
    iterations: { type: "string", default: "12" },
    params: { type: "string", default: "{}" },
    threads: { type: "string", default: String(availableParallelism()) },
  },
});
const threads = Number(values.threads);
const [samples, tests] = [tilesOf("train"), tilesOf("test")];
const all: Scores[] = [];
for (const seed of values.seeds.split(",").map(Number)) all.push(await trainAndScore(seed));
const median = medians(all);
console.log(`median           ${textOf(median)}`);
console.log(`goal             mae ≤ ${GOAL.mae}  correlation ≥ ${GOAL.correlation}`);
if (median.mae > GOAL.mae || median.correlation < GOAL.correlation) process.exitCode = 1;

function tilesOf(set: string): Dataset {
  const folder = resolve(values.data, set);
  const names = readdirSync(folder).filter((name) => name.endsWith(".png"));
  return composites(names.map((name) => ({ name, path: join(folder, name) })));
}

function paramsOf(seed: number): JobParams {
  const max_iterations = Number(values.iterations);
  const given = {
    dataset: { image_size: SIDE, seed, horizontal_flip: 0.5, vertical_flip: 0.5, batch_size: 2 },
    training: { max_iterations, linear_decay: Math.floor(max_iterations / 2), learning_rate: 2e-4 },
    generator: { layers: 7, initial_layer_size: 24, max_layer_size: 192, norm: "batch", dropout: 0 },
    discriminator: { initial_layer_size: 24 },
  };
  const over = JSON.parse(values.params) as SomeParams;
  return withDefaults(mergeParams(given, over), PARAMS) as unknown as JobParams;
}

async function trainAndScore(seed: number): Promise<Scores> {
  const folder = mkdtempSync(join(tmpdir(), "dag-quality-"));
  const began = performance.now();
  const doors = {
    ...{ resume: join(folder, "resume"), signal: new AbortController().signal, threads },
    ...{
      runtime: { runtime: "onnxruntime", device: "cpu", allow_fallback: false, granted: false, devices: 1 } as const,
      progress: () => undefined,
      log: (line: string) => console.error(line),
      warn: console.error,
    },
  } as const;
  const job = {
    params: paramsOf(seed),
    samples,
    tests: null,
    initial_weights: null,
    continue_from: null,
    previews: [],
  };
  const { files } = await train(job, doors, folder);
  const seconds = (performance.now() - began) / 1000;
  const scores = await scoreOf(join(folder, files.find(({ kind }) => kind === "checkpoint")!.path));
  rmSync(folder, { recursive: true });
  console.log(`seed ${String(seed).padEnd(4)} ${seconds.toFixed(0).padStart(5)} s ${textOf(scores)}`);
  return scores;
}

/** Means over the test tiles, heights in 0..1. */
async function scoreOf(path: string): Promise<Scores> {
  const { generator } = await readGenerator(path, path);
  const program = inferenceProgram(generatorNetwork(generator.options), [1, 3, SIDE, SIDE]);
  const runtime = await createOnnxruntime({ threads });
  const named = [...generator.weights].map(([name, weights]) => [stateName(GENERATOR, name), weights] as const);
  const { parameters } = generatorNetwork(generator.options);
  const state = runtime.createState(new Map(parameters.map(({ name, shape }) => [stateName(GENERATOR, name), shape])));
  for (const [name, weights] of named) state.write(name, weights);
  const compiled = await runtime.compile(program, state);
  const loader = openLoader(tests, {
    ...{ channel_count: 3, image_size: SIDE, crop_size: null, randomization: null, batch_size: 1, max_iterations: 1 },
    ...{ shuffle_input_order: false, drop_boundary: false, seed: 0, worker_threads: 0, storage: "automatic" },
  });
  const scores: Scores[] = [];
  for (let step = 0; step < loader.order.steps; step++) {
    const { input, reference } = await loader.batch(step);
    const output = (await compiled.step(new Map([["A", input]]))).get("fake")!;
    const [made, truth] = [heightsOf(output), heightsOf(reference)];
    const shape = { channels: 1, height: SIDE, width: SIDE };
    scores.push({ mae: mae(made, truth), correlation: correlation(made, truth), ssim: ssim(made, truth, shape) });
  }
  await loader.close();
  return meansOf(scores);
}

/** The mean of the channels, as 0..1. */
function heightsOf(planes: Float32Array): Float32Array {
  const pixels = SIDE * SIDE;
  return Float32Array.from({ length: pixels }, (_, at) => {
    const sum = planes[at]! + planes[at + pixels]! + planes[at + 2 * pixels]!;
    return (sum / 3 + 1) / 2;
  });
}

function meansOf(scores: readonly Scores[]): Scores {
  return combined(scores, (list) => list.reduce((sum, value) => sum + value, 0) / list.length);
}

function medians(scores: readonly Scores[]): Scores {
  return combined(scores, (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!);
}

function combined(scores: readonly Scores[], combine: (list: readonly number[]) => number): Scores {
  const of = (name: keyof Scores) => combine(scores.map((each) => each[name]));
  return { mae: of("mae"), correlation: of("correlation"), ssim: of("ssim") };
}

function textOf(scores: Scores): string {
  return `mae ${scores.mae.toFixed(4)}  correlation ${scores.correlation.toFixed(4)}  ssim ${scores.ssim.toFixed(4)}`;
}
