/**
 * What several devices do for a training step: parts of the processor in the place of cards, each count with the same threads in
 * all, their steps alternated in one process. Where one count is given, the process's peak memory is its own.
 *
 *   node dist/bench/devices.js [--devices 1,2] [--unpaired] [--size 64] [--batch 8] [--steps 15] [--threads 2]
 */

import { parseArgs } from "node:util";
import { chooseRuntimes } from "../src/ml/runtime/choose/choose.js";
import { closeAll } from "../src/ml/runtime/choose/several.js";
import { updateBytes, workOf } from "../src/ml/training/memory.js";
import { Trainer } from "../src/ml/training/trainer.js";
import { sampleBatch } from "../src/ml/translation/method.js";
import { pairedMethod } from "../src/ml/translation/paired.js";
import { unpairedMethod } from "../src/ml/translation/unpaired.js";
import { ALL, settingsOf } from "./step.js";

const WARM_UP = 3;

const { values } = parseArgs({
  options: {
    ...{ devices: { type: "string", default: "1,2" }, unpaired: { type: "boolean", default: false } },
    ...{ size: { type: "string", default: "64" }, batch: { type: "string", default: "8" } },
    ...{ steps: { type: "string", default: "15" }, threads: { type: "string", default: "2" } },
  },
});
const { unpaired } = values;
const [batch, steps, threads] = [Number(values.batch), Number(values.steps), Number(values.threads)];
const sizes = ALL.find(({ size }) => size === Number(values.size))!;
const settings = settingsOf({ norm: "instance", ...sizes, unpaired, batch, steps, threads });
const method = unpaired ? unpairedMethod(settings) : pairedMethod(settings);
const image = () => Float32Array.from({ length: batch * 3 * sizes.size ** 2 }, () => Math.random() - 0.5);
const samples = sampleBatch(batch, image(), image());

const choice = { runtime: "onnxruntime", device: "cpu", allow_fallback: false, granted: false } as const;
const deps = { threads, work: () => workOf(method, batch), log: () => undefined, warn: console.warn };
const opened = await Promise.all(
  values.devices.split(",").map(async (count) => {
    const runtimes = await chooseRuntimes({ ...choice, devices: Number(count) }, deps);
    const [first, ...others] = runtimes;
    const trainer = new Trainer(first, method, batch, others);
    return { runtimes, trainer, times: [] as number[] };
  }),
);
for (let step = 1; step <= steps + WARM_UP; step++) {
  for (const { trainer, times } of opened) {
    const begin = performance.now();
    await trainer.update(samples, step, () => 2e-4);
    if (step > WARM_UP) times.push(performance.now() - begin);
  }
}
for (const { runtimes, trainer, times } of opened) {
  times.sort((a, b) => a - b);
  const shown = { median: times[times.length >> 1]!, least: times[0]! };
  const bytes = updateBytes(method, batch, runtimes.length);
  console.log(
    `${runtimes.length}: ${shown.median.toFixed(1)} ms, least ${shown.least.toFixed(1)} ms; estimated ${(bytes / 1e6).toFixed(0)} MB`,
  );
  trainer.dispose();
  await closeAll(runtimes);
}
console.log(`peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
