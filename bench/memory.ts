/**
 * What a training keeps: the process's memory after 200 steps over that after 20, with tests, saves, plots and sheets in every
 * iteration of 20 steps. The goal: at most 1.05. Where collected garbage lies counts, too, so that a run may differ by some MB.
 *
 *   node dist/bench/memory.js [--unpaired] [--size 64] [--threads 2]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryUsage } from "node:process";
import { parseArgs } from "node:util";
import { PARAMS } from "../nodes/ml/style_transfer/params.js";
import { writeImage } from "../src/image/encode.js";
import { imageOfPlanes } from "../src/image/planes.js";
import { type Dataset, givenPairs, givenSets, type NamedFile } from "../src/ml/data/samples.js";
import type { JobParams, TranslationJob } from "../src/ml/translation/job.js";
import { train } from "../src/ml/translation/train.js";
import { withDefaults } from "../src/nodetype/defaults.js";

const GOAL = 1.05;
const SAMPLES = 20;
/** The two moments, each a step after an iteration's end. */
const [EARLY, LATE] = [SAMPLES + 1, 10 * SAMPLES + 1];

const { values } = parseArgs({
  options: {
    ...{ size: { type: "string", default: "64" }, threads: { type: "string", default: "2" } },
    unpaired: { type: "boolean", default: false },
  },
});
const [side, threads, unpaired] = [Number(values.size), Number(values.threads), values.unpaired];

const folder = mkdtempSync(join(tmpdir(), "dag-memory-"));
try {
  await measure();
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<void> {
  const samples = await written();
  const megabytes: number[] = [];
  const deps = {
    ...{ resume: join(folder, "resume"), signal: new AbortController().signal, threads },
    runtime: { runtime: "onnxruntime", device: "cpu", allow_fallback: false, granted: false, devices: 1 } as const,
    ...{ progress: () => void megabytes.push(memoryUsage.rss() / 2 ** 20), log() {}, warn: console.error },
  };
  const params = paramsOf();
  const job: TranslationJob = {
    ...{ params, samples, tests: samples, initial_weights: null, continue_from: null, previews: [] },
  };
  await train(job, deps, join(folder, "out"));
  const [early, late] = [megabytes[EARLY - 1]!, megabytes[LATE - 1]!];
  const each = Array.from({ length: 10 }, (_, at) => megabytes[(at + 1) * SAMPLES]!.toFixed(0)).join(" ");
  console.log(
    `${unpaired ? "unpaired" : "paired"}, ${side}²: after 20 steps ${early.toFixed(0)} MB, after 200 ${late.toFixed(0)} MB, ` +
      `ratio ${(late / early).toFixed(3)} (goal ${GOAL}); every 20 steps: ${each}`,
  );
  if (late / early > GOAL) process.exitCode = 1;
}

function paramsOf(): JobParams {
  const given = {
    dataset: {
      ...{ input_type: unpaired ? "unpaired_work_items" : "work_items", image_size: side },
      ...{ horizontal_flip: 0.5, rotation: 0.5 },
    },
    training: { max_iterations: 11 },
    generator: { initial_layer_size: 32, max_layer_size: 256 },
    discriminator: { initial_layer_size: 32 },
    test: { enabled: true, size: 4, output_dir: "seen" },
    checkpoint: { model_path: "{network}_{index}.safetensors", save_rate: 1 },
    plot: { type: "image", loss: "loss.png", ssim: "ssim.png", score: "score.png" },
    contact_sheet: { path: "sheet.png", interval: SAMPLES },
    tensorboard: { path: "board" },
    summary: { path: "run.summary" },
    resume_interval: 5,
  };
  return withDefaults(given, PARAMS) as unknown as JobParams;
}

async function written(): Promise<Dataset> {
  const file = async (kind: string, sample: number): Promise<NamedFile> => {
    const data = Float32Array.from({ length: 3 * side * side }, (_, at) =>
      Math.abs(Math.sin((at * (sample + 1)) / (kind === "input" ? 9 : 31))),
    );
    const [name, path] = [`${kind}_${sample}`, join(folder, `${kind}_${sample}.png`)];
    await writeImage(path, imageOfPlanes({ width: side, height: side, channels: 3 }, data), 8);
    return { name, path };
  };
  const all = (kind: string) => Promise.all(Array.from({ length: SAMPLES }, (_, sample) => file(kind, sample)));
  const [inputs, references] = [await all("input"), await all("reference")];
  if (unpaired) return givenSets(inputs, references);
  return givenPairs(inputs.map((input, at) => ({ input, reference: references[at]! })));
}
