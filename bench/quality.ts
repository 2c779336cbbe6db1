/**
 * Trains on real elevation tiles and says how good the exported model is on tiles that it never saw, beside the same training
 * in PyTorch: equal networks, equal numbers of updates. Usage: node dist/bench/quality.js [--arms base,gradient] [--side 128]
 * [--seeds 0,1,2] [--updates 1008] [--threads 1] [--python /usr/bin/python3] [--data ../shared/data/terrain/paired128]
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { PARAMS } from "../nodes/ml/style_transfer/params.js";
import { openLoader } from "../src/ml/data/loader.js";
import { PLAIN_VALUES } from "../src/ml/data/network-image.js";
import { composites, type Dataset } from "../src/ml/data/samples.js";
import { applyModel } from "../src/ml/inference/apply.js";
import { loadModel } from "../src/ml/inference/image-model.js";
import { parameterCount } from "../src/ml/networks/network.js";
import { patchgan } from "../src/ml/networks/patchgan.js";
import { createOnnxruntime } from "../src/ml/runtime/onnxruntime/onnxruntime.js";
import type { Runtime, RuntimeState } from "../src/ml/runtime/runtime.js";
import { inferenceProgram, statisticsProgram } from "../src/ml/training/inference.js";
import { generatorNetwork } from "../src/ml/translation/generator.js";
import { readGenerator } from "../src/ml/translation/generator-file.js";
import type { JobParams } from "../src/ml/translation/job.js";
import { batchSizeOf, settingsOf } from "../src/ml/translation/settings.js";
import { train } from "../src/ml/translation/train.js";
import { withDefaults } from "../src/nodetype/defaults.js";
import { ARMS, type Arm, paramsOf, SIZES } from "./quality/arms.js";
import { type PeerRun, peerRun } from "./quality/peer.js";
import { type Answer, averagedOverFlips, mediansOf, type Scores, scoreOf, type Tile, textOf } from "./quality/score.js";

/** What an arm is held to: its medians against tuned PyTorch's, its worst seed, its checkerboards. */
const GOAL = { worst: 1.1, apart: 0.003, ssim: 0.02, checkers: 1.5 } as const;

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "../shared/data/terrain/paired128" },
    arms: { type: "string", default: "base,gradient-ema" },
    seeds: { type: "string", default: "0,1,2" },
    side: { type: "string", default: "128" },
    updates: { type: "string", default: "1008" },
    threads: { type: "string", default: "1" },
    python: { type: "string" },
  },
});
const sizes = SIZES[values.side]!;
const [threads, updates] = [Number(values.threads), Number(values.updates)];
const [samples, tests] = [tilesOf("train"), tilesOf("test")];
const [learned, unseen] = [await plain(samples), await plain(tests)];
const tiles = learned.length;

for (const name of values.arms.split(",")) {
  const arm = ARMS.find((each) => each.name === name);
  if (arm === undefined) throw new Error(`there is no arm "${name}": ${ARMS.map((each) => each.name).join(", ")}`);
  await compare(arm);
}

function tilesOf(set: string): Dataset {
  const folder = resolve(values.data, set);
  const names = readdirSync(folder).filter((name) => name.endsWith(".png"));
  return composites(names.map((name) => ({ name, path: join(folder, name) })));
}

/** The tiles as they are, in 0..1. */
async function plain(dataset: Dataset): Promise<readonly Tile[]> {
  const loader = openLoader(dataset, {
    ...{ channel_count: 3, image_size: sizes.side, crop_size: null, randomization: null, batch_size: 1 },
    ...{ max_iterations: 1, shuffle_input_order: false, drop_boundary: false, seed: 0, worker_threads: 0 },
    ...{ storage: "automatic", values: PLAIN_VALUES },
  });
  const found: Tile[] = [];
  const unit = (planes: Float32Array) => planes.map((value) => (value + 1) / 2);
  for (let step = 0; step < loader.order.steps; step++) {
    const { values } = await loader.batch(step);
    found.push({ input: unit(values.get("input")!), reference: unit(values.get("reference")!) });
  }
  await loader.close();
  return found;
}

async function compare(arm: Arm): Promise<void> {
  console.log(`${arm.name} (${sizes.side}², ${updates} updates)`);
  const ours: Scores[] = [];
  const averaged: Scores[] = [];
  const peers: Scores[] = [];
  const aparts: number[] = [];
  for (const seed of values.seeds.split(",").map(Number)) {
    const found = await trainAndScore(arm, seed);
    ours.push(found.exported);
    averaged.push(found.averaged);
    const apart = Math.abs(found.exported.mae - found.recomputed.mae);
    aparts.push(apart);
    console.log(
      `  seed ${seed}  ours     ${textOf(found.exported)}  ${found.cpu.toFixed(0)} s of CPU, ${found.weights}`,
    );
    console.log(`          flips    ${textOf(found.averaged)}`);
    console.log(
      `          exported and recomputed are ${apart.toFixed(4)} apart${apart > GOAL.apart ? ": TOO FAR" : ""}`,
    );
    const peer = values.python && peerRun(values.python, arm, sizes, { data: values.data, seed, updates, tiles });
    if (!peer) continue;
    requireEqual(found.parameters, peer);
    peers.push(peer.scores["recomputed+flips"] ?? peer.scores["exported+flips"]!);
    for (const [name, scores] of Object.entries(peer.scores)) {
      console.log(`          PyTorch  ${textOf(scores)}  ${name}${name === "exported" ? `, ${peer.cpu_s} s` : ""}`);
    }
  }
  console.log(`  median  ours     ${textOf(mediansOf(ours))}`);
  console.log(`          flips    ${textOf(mediansOf(averaged))}`);
  const peer = peers.length > 0 ? mediansOf(peers) : undefined;
  if (peer) console.log(`          PyTorch  ${textOf(peer)}, statistics recomputed, flips averaged`);
  if (!arm.held) return;
  for (const [goal, isMet] of goalsOf(averaged, Math.max(...aparts), peer)) {
    console.log(`          ${isMet ? "met   " : "MISSED"}   ${goal}`);
    if (!isMet) process.exitCode = 1;
  }
}

/** What an arm is held to, and whether it is met. `averaged`: over flips, a training each. */
function goalsOf(
  averaged: readonly Scores[],
  apart: number,
  peer: Scores | undefined,
): readonly (readonly [string, boolean])[] {
  const median = mediansOf(averaged);
  const worst = Math.max(...averaged.map(({ mae }) => mae)) / median.mae;
  const own = [
    [`worst seed ${worst.toFixed(2)} × the median (≤ ${GOAL.worst})`, worst <= GOAL.worst],
    [`exported and recomputed ${apart.toFixed(4)} apart (≤ ${GOAL.apart})`, apart <= GOAL.apart],
    [`checkers ${median.checkers.toFixed(2)} (≤ ${GOAL.checkers})`, median.checkers <= GOAL.checkers],
  ] as const;
  if (peer === undefined) return own;
  return [
    ...own,
    ["mae no worse than PyTorch's", median.mae <= peer.mae],
    ["r no worse than PyTorch's", median.correlation >= peer.correlation],
    [`ssim ${GOAL.ssim} better than PyTorch's`, median.ssim >= peer.ssim + GOAL.ssim],
  ];
}

interface Found {
  /** Of the .onnx file, as it is and averaged over flips. */
  readonly exported: Scores;
  readonly averaged: Scores;
  /** Of the saved weights, with statistics collected here. */
  readonly recomputed: Scores;
  readonly parameters: readonly [number, number];
  readonly weights: string;
  readonly cpu: number;
}

async function trainAndScore(arm: Arm, seed: number): Promise<Found> {
  const folder = mkdtempSync(join(tmpdir(), "dag-quality-"));
  const params = withDefaults(paramsOf(arm, sizes, { seed, updates, tiles }), PARAMS) as unknown as JobParams;
  const runtime = { runtime: "onnxruntime", device: "cpu", allow_fallback: false, granted: false, devices: 1 } as const;
  const log = (line: string) => console.error(line);
  const deps = { resume: join(folder, "resume"), signal: new AbortController().signal, threads, runtime };
  const job = { params, samples, tests: null, initial_weights: null, continue_from: null, previews: [] };
  const before = process.cpuUsage();
  const { files } = await train(job, { ...deps, progress: () => undefined, log, warn: log }, folder);
  const { user, system } = process.cpuUsage(before);
  const checkpoint = files.find(({ kind }) => kind === "checkpoint")!.path;
  const model = await loadModel(join(folder, "model.onnx"), threads);
  const { side } = sizes;
  const answer: Answer = async (data) =>
    (await applyModel(model, { channels: 3, height: side, width: side, data })).data;
  const batch_size = batchSizeOf(params, { samples: tiles });
  const { discriminator, method } = settingsOf(params, { samples: tiles, batch_size });
  const { generator, about } = await readGenerator(join(folder, checkpoint), checkpoint);
  const found = {
    exported: await scoreOf(answer, unseen, side),
    averaged: await scoreOf(averagedOverFlips(answer, side), unseen, side),
    recomputed: await scoreOf(await recomputed(join(folder, checkpoint)), unseen, side),
    parameters: [
      parameterCount(generatorNetwork(generator.options)),
      method === "direct" ? 0 : parameterCount(patchgan(discriminator)),
    ] as const,
    weights: `${about.weights ?? "raw"} weights`,
    cpu: (user + system) / 1e6,
  };
  model.dispose();
  rmSync(folder, { recursive: true });
  return found;
}

/** A checkpoint's weights with statistics over the training tiles, whatever the file says of them. */
async function recomputed(path: string): Promise<Answer> {
  const { generator } = await readGenerator(path, path);
  const network = generatorNetwork(generator.options);
  const shape = [1, 3, sizes.side, sizes.side];
  const runtime: Runtime = await createOnnxruntime({ threads });
  const state: RuntimeState = runtime.createState(
    new Map(network.parameters.map(({ name, shape: own }) => [`net.${name}`, own])),
  );
  for (const [name, weights] of generator.weights) state.write(`net.${name}`, weights);
  const signed = (image: Float32Array) => new Map([["x", image.map((value) => 2 * value - 1)]]);
  const collecting = await runtime.compile(statisticsProgram(network, shape, "net"), state);
  const sums = new Map<string, Float64Array>();
  for (const { input } of learned) {
    for (const [name, found] of await collecting.step(signed(input))) {
      const sum = sums.get(name) ?? new Float64Array(found.length);
      sums.set(
        name,
        sum.map((value, at) => value + found[at]! / tiles),
      );
    }
  }
  for (const [name, mean] of sums) state.write(`net.${name}`, Float32Array.from(mean));
  const program = await runtime.compile(inferenceProgram(network, shape, "net"), state);
  return async (input) => (await program.step(signed(input))).get("y")!.map((value) => (value + 1) / 2);
}

function requireEqual(own: readonly [number, number], { parameters }: PeerRun): void {
  if (own[0] === parameters[0] && (own[1] === 0 || own[1] === parameters[1])) return;
  throw new Error(
    `the networks differ: ours have ${own.join(" and ")} parameters, PyTorch's ${parameters.join(" and ")}`,
  );
}
