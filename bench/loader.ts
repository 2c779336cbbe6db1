/**
 * What it costs that samples come from files: an iteration of paired updates whose samples are decoded anew, against the same
 * updates with the samples in memory, alternated in one process. The goal: at most 1.05 times the time. What is begun ahead of
 * an iteration is decoded during the one before, so that an iteration should be long beside that (8 samples).
 *
 *   node dist/bench/loader.js [--sizes 128,256] [--samples 16] [--rounds 5] [--threads 2] [--workers 4]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PARAMS } from "../nodes/ml/style_transfer/params.js";
import { writeImage } from "../src/image/encode.js";
import { imageOfPlanes } from "../src/image/planes.js";
import { type LoadedBatch, openLoader } from "../src/ml/data/loader.js";
import { PLAIN_VALUES } from "../src/ml/data/network-image.js";
import { composites, type Dataset } from "../src/ml/data/samples.js";
import { createOnnxruntime } from "../src/ml/runtime/onnxruntime/onnxruntime.js";
import { Trainer } from "../src/ml/training/trainer.js";
import type { JobParams } from "../src/ml/translation/job.js";
import { pairedMethod } from "../src/ml/translation/paired.js";
import { settingsOf } from "../src/ml/translation/settings.js";
import { withDefaults } from "../src/nodetype/defaults.js";
import { alternate, timed } from "./engine/measure.js";

const GOAL = 1.05;
/** The networks of `bench/train`. */
const LAYERS: Readonly<Record<number, number>> = { 64: 32, 128: 24, 256: 64 };

const { values } = parseArgs({
  options: {
    ...{ sizes: { type: "string", default: "128,256" }, samples: { type: "string", default: "64" } },
    ...{ rounds: { type: "string", default: "5" }, threads: { type: "string", default: "2" } },
    workers: { type: "string", default: "4" },
  },
});
const [count, rounds, workers] = [Number(values.samples), Number(values.rounds), Number(values.workers)];

for (const side of values.sizes.split(",").map(Number)) {
  const folder = mkdtempSync(join(tmpdir(), "dag-loader-"));
  try {
    const ratio = await compare(side, await written(folder, side));
    if (ratio > GOAL) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Composites with the detail of photographs, which take as long to decode. */
async function written(folder: string, side: number): Promise<Dataset> {
  const files = Array.from({ length: count }, async (_, sample) => {
    const data = new Float32Array(3 * side * 2 * side);
    for (let at = 0; at < data.length; at++) {
      const [x, y] = [at % (2 * side), Math.floor(at / (2 * side)) % side];
      data[at] = 0.5 + 0.3 * Math.sin((x * (sample + 1)) / 9) * Math.cos(y / 7) + 0.2 * Math.sin(at * at);
    }
    const name = `${sample}.png`;
    await writeImage(join(folder, name), imageOfPlanes({ width: 2 * side, height: side, channels: 3 }, data), 8);
    return { name, path: join(folder, name) };
  });
  return composites(await Promise.all(files));
}

function paramsOf(side: number): JobParams {
  const given = {
    dataset: { image_size: side, horizontal_flip: 0.5, worker_threads: workers },
    generator: { initial_layer_size: LAYERS[side] ?? 32, dropout: 0 },
  };
  return withDefaults(given, PARAMS) as unknown as JobParams;
}

/** The median time of an iteration from files over that of one from memory. */
async function compare(side: number, dataset: Dataset): Promise<number> {
  const params = paramsOf(side);
  const settings = settingsOf(params);
  const trainer = new Trainer(await createOnnxruntime({ threads: Number(values.threads) }), pairedMethod(settings), 1);
  let updates = 0;
  const learn = (batch: LoadedBatch) => trainer.update(batch, ++updates, () => 2e-4);
  const loader = openLoader(dataset, {
    values: PLAIN_VALUES,
    ...{ ...params.dataset, batch_size: 1, randomization: params.dataset, max_iterations: rounds + 1 },
    cache_bytes: 0, // nothing is kept: every sample is read and decoded
  });
  // A first iteration starts the threads, and is kept.
  const kept: LoadedBatch[] = [];
  let next = 0;
  while (next < count) kept.push(await loader.batch(next++));
  for (const batch of kept.slice(0, 3)) await learn(batch);
  let waited = 0;
  const spent = await alternate(rounds, {
    files: () =>
      timed(async () => {
        for (const end = next + count; next < end; ) {
          const batch = await loader.batch(next++);
          waited += batch.waited;
          await learn(batch);
        }
      }),
    memory: () =>
      timed(async () => {
        for (const batch of kept) await learn(batch);
      }),
  });
  await loader.close();
  trainer.dispose();
  const ratio = spent.files.wall / spent.memory.wall;
  const cpu = (spent.files.user + spent.files.system) / (spent.memory.user + spent.memory.system);
  const step = (1000 * spent.memory.wall) / count;
  console.log(
    `${side}²: an iteration of ${count} samples, ${rounds} rounds: from files ${spent.files.wall.toFixed(3)} s, from memory ` +
      `${spent.memory.wall.toFixed(3)} s (medians; ${step.toFixed(1)} ms an update), ratio ${ratio.toFixed(3)} (goal ${GOAL}), ` +
      `CPU ${cpu.toFixed(3)}; waited for data ${((1000 * waited) / rounds / count).toFixed(2)} ms an update`,
  );
  return ratio;
}
