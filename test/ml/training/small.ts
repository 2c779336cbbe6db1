/** A training small enough for tests: real image files, a network of a few thousand weights, doors that remember. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PARAMS } from "../../../nodes/ml/style_transfer/params.js";
import { writeImage } from "../../../src/image/encode.js";
import type { Depth } from "../../../src/image/image.js";
import { imageOfPlanes } from "../../../src/image/planes.js";
import { type Dataset, givenPairs } from "../../../src/ml/data/samples.js";
import type { ProgressMetrics, TrainingContext } from "../../../src/ml/training/job.js";
import type { JobParams, TranslationJob } from "../../../src/ml/translation/job.js";
import { withDefaults } from "../../../src/nodetype/defaults.js";

type Group = Readonly<Record<string, unknown>>;

/** Of 16² images, three layers, five steps in two iterations where there are five samples. */
export const SMALL = {
  dataset: { image_size: 16, batch_size: 2, worker_threads: 0 },
  training: { max_iterations: 2, learning_rate: 2e-4 },
  generator: { initial_layer_size: 4, max_layer_size: 8, norm: "instance" },
  discriminator: { layers: 1, initial_layer_size: 4 },
} as const;

/** All parameters, some of them given: `{ dataset: { seed: 1 } }`. */
export function smallParams(...changes: readonly Readonly<Record<string, unknown>>[]): JobParams {
  const given: Record<string, unknown> = {};
  for (const change of [SMALL as Readonly<Record<string, unknown>>, ...changes]) {
    for (const [name, value] of Object.entries(change)) {
      const isGroup = typeof value === "object" && value !== null;
      given[name] = isGroup ? { ...(given[name] as Group), ...(value as Group) } : value;
    }
  }
  return withDefaults(given, PARAMS) as unknown as JobParams;
}

/** `count` pairs of files: a shape, and the same shape in other colours. */
export async function smallSamples(folder: string, count: number, side = 16, depth: Depth = 8): Promise<Dataset> {
  mkdirSync(folder, { recursive: true });
  const pairs = Array.from({ length: count }, async (_, sample) => {
    const write = async (kind: string, value: (c: number, x: number, y: number) => number) => {
      const data = new Float32Array(3 * side * side);
      for (let at = 0; at < data.length; at++) {
        data[at] = value(Math.floor(at / side / side), at % side, Math.floor(at / side) % side);
      }
      const name = `${kind}_${sample}.${depth === "float" ? "tif" : "png"}`;
      const path = join(folder, name);
      await writeImage(path, imageOfPlanes({ width: side, height: side, channels: 3 }, data), depth);
      return { path, name: `pair_${sample}` };
    };
    const inside = (x: number, y: number) => (x + sample) % 7 < 4 && (y * (sample + 1)) % 5 < 3;
    const input = await write("input", (c, x, y) => (inside(x, y) ? 0.9 : 0.1 * c));
    const reference = await write("reference", (c, x, y) => (inside(x, y) ? 0.2 + 0.3 * c : 0.7));
    return { input, reference };
  });
  return givenPairs(await Promise.all(pairs));
}

/** A job of these samples. */
export function jobOf(samples: Dataset, params: JobParams, more: Partial<TranslationJob> = {}): TranslationJob {
  return { params, samples, tests: null, initial_weights: null, continue_from: null, previews: [], ...more };
}

/** Doors that keep what came through them. */
export interface RecordedDoors extends TrainingContext {
  readonly shown: ProgressMetrics[];
  readonly logged: string[];
  readonly warned: string[];
}

export function recordedContext(resume: string, given: Partial<TrainingContext> = {}): RecordedDoors {
  mkdirSync(resume, { recursive: true });
  const [shown, logged, warned]: [ProgressMetrics[], string[], string[]] = [[], [], []];
  return {
    ...{ resume, signal: new AbortController().signal, threads: 1, shown, logged, warned },
    runtime: { runtime: "onnxruntime", device: "cpu", allow_fallback: false, granted: false, devices: 1 },
    progress: (figures) => void shown.push(figures),
    log: (line) => void logged.push(line),
    warn: (line) => void warned.push(line),
    ...given,
  };
}

/**
 * On top of `SMALL`: deep enough for dropout, with random changes of every sample, three iterations of two steps, and all
 * that shows how they go.
 */
export const DEEP = {
  dataset: { image_size: 64, horizontal_flip: 0.5, rotation: 0.5, crop_inputs: 0.2 },
  training: { max_iterations: 3 },
  generator: { layers: 6 },
  checkpoint: { model_path: "{network}_{iteration}.safetensors", save_rate: 1 },
  plot: { type: "csv", loss: "loss.csv", ssim: "ssim.csv" },
  contact_sheet: { path: "sheet_{iteration}.png", interval: 4 },
  tensorboard: { path: "board" },
  summary: { path: "run.summary" },
} as const;
