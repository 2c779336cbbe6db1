/**
 * What the time of a training step goes into: milliseconds by ONNX operator, by onnxruntime's own profile. Of each node the least
 * time of all steps counts, so that other work on the machine shows little; one thread, so that times add up.
 *
 *   node dist/bench/profile.js [--unpaired] [--size 64] [--batch 1] [--norm instance|batch] [--steps 12] [--threads 1]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { lowerProgram, OPSET } from "../src/ml/onnx/lower.js";
import { cpu } from "../src/ml/onnx/lower-cpu.js";
import { modelOf } from "../src/ml/onnx/model.js";
import { encodeModel } from "../src/ml/onnx/model-bytes.js";
import type { Program } from "../src/ml/program/program.js";
import { sizeOf } from "../src/ml/program/shapes.js";
import { loadOnnxruntime } from "../src/ml/runtime/onnxruntime/load.js";
import { pairedMethod } from "../src/ml/translation/paired.js";
import { unpairedMethod } from "../src/ml/translation/unpaired.js";
import { ALL, settingsOf } from "./step.js";

const { values } = parseArgs({
  options: {
    ...{
      size: { type: "string", default: "64" },
      batch: { type: "string", default: "1" },
      norm: { type: "string", default: "instance" },
    },
    ...{ steps: { type: "string", default: "12" }, threads: { type: "string", default: "1" } },
    unpaired: { type: "boolean", default: false },
  },
});
const { unpaired } = values;
const [batch, steps, threads] = [Number(values.batch), Number(values.steps), Number(values.threads)];
const sizes = ALL.find(({ size }) => size === Number(values.size))!;
const settings = settingsOf({
  norm: values.norm === "batch" ? "batch" : "instance",
  ...sizes,
  unpaired,
  batch,
  steps,
  threads,
});
const method = unpaired ? unpairedMethod(settings) : pairedMethod(settings);

const spent = new Map<string, number>();
for (const { training } of method.stages(batch)) {
  for (const [operator, ms] of await profile(training.program)) spent.set(operator, (spent.get(operator) ?? 0) + ms);
}
const all = [...spent.values()].reduce((sum, ms) => sum + ms, 0);
console.log(
  `${unpaired ? "unpaired" : "paired"}, ${sizes.size}², batch ${batch}, ${threads} threads: ${all.toFixed(1)} ms`,
);
for (const [operator, ms] of [...spent].sort((a, b) => b[1] - a[1])) {
  if (ms >= 0.005 * all)
    console.log(
      `${operator.padEnd(22)} ${ms.toFixed(1).padStart(7)} ms ${((100 * ms) / all).toFixed(1).padStart(5)} %`,
    );
}

/** Milliseconds by operator, of a program in its plain form. */
async function profile(program: Program): Promise<ReadonlyMap<string, number>> {
  const ort = await loadOnnxruntime();
  const folder = mkdtempSync(join(tmpdir(), "dag-profile-"));
  try {
    const { graph, inputs } = lowerProgram(program, cpu);
    const options = {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      enableMemPattern: false,
    } as const;
    const session = await ort.InferenceSession.create(encodeModel(modelOf(graph, OPSET)), {
      ...{
        ...options,
        graphOptimizationLevel: "extended",
        enableProfiling: true,
        profileFilePrefix: join(folder, "step"),
      },
    });
    const feeds = Object.fromEntries(
      inputs.map(({ value, shape }) => {
        const data = Float32Array.from(
          { length: sizeOf(shape) },
          (_, at) => 0.02 * Math.abs(Math.sin(at * 12.9898)) + 0.001,
        );
        return [value, new ort.Tensor("float32", data, shape)];
      }),
    );
    for (let step = 0; step < steps; step++) await session.run(feeds);
    session.endProfiling();
    await session.release();
    return leastTimes(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** The least time of each node over all runs, added up by operator; milliseconds. */
function leastTimes(folder: string): ReadonlyMap<string, number> {
  const [name] = readdirSync(folder);
  const events = JSON.parse(readFileSync(join(folder, name!), "utf8")) as readonly ProfileEvent[];
  const nodes = new Map<string, { readonly operator: string; readonly dur: number }>();
  for (const { cat, name: node, dur, args } of events) {
    if (cat !== "Node" || !node.endsWith("_kernel_time")) continue;
    const known = nodes.get(node);
    if (known === undefined || dur < known.dur) nodes.set(node, { operator: args!.op_name!, dur });
  }
  const sums = new Map<string, number>();
  for (const { operator, dur } of nodes.values()) sums.set(operator, (sums.get(operator) ?? 0) + dur / 1000);
  return sums;
}
