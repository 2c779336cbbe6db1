/**
 * Measures the product's training step against PyTorch's: paired, `../shared/reference/torch_step.py`; with --unpaired,
 * `bench/torch_cycle_step.py`. The same networks, sizes, batch and threads, in processes of their own, alternated. Fails
 * where the parameter counts differ or the goal is missed: median ≤ 0.7 × and ≤ the minimum of the peer's, peak memory
 * ≤ 0.6 ×. The peer is current PyTorch with fused Adam; its version is printed. Below the ratios of time stands that of CPU time,
 * which other work on the machine changes less.
 *
 *   node dist/bench/train.js [--unpaired] [--size 64] [--steps 20] [--runs 3] [--threads 2] [--batch 1] [--norm instance|batch] [--python python3]
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { parameterCount } from "../src/ml/networks/network.js";
import { createOnnxruntime } from "../src/ml/runtime/onnxruntime/onnxruntime.js";
import { Trainer } from "../src/ml/training/trainer.js";
import { sampleBatch } from "../src/ml/translation/method.js";
import { pairedMethod } from "../src/ml/translation/paired.js";
import { unpairedMethod } from "../src/ml/translation/unpaired.js";
import { ALL, settingsOf, type Work } from "./step.js";

const PEERS = {
  paired: "../shared/reference/torch_step.py",
  unpaired: "bench/torch_cycle_step.py",
  batchNorm: "bench/torch_batch_norm_step.py",
} as const;
/** Larger unpaired steps are measured only where their size is asked for. */
const LARGEST_UNPAIRED = 128;
const WARM_UP = 3;
const GOAL = { median: 0.7, minimum: 1, memory: 0.6 };

/** What either side prints, one line of JSON. */
interface Measured {
  /** PyTorch's version. */
  readonly torch?: string;
  /** Whether its Adam is the fused one. */
  readonly fused?: boolean;
  /** CPU seconds of a step. */
  readonly cpu_s?: number;
  readonly median_s: number;
  readonly min_s: number;
  readonly peak_rss_mb: number;
  /** Of every network, the generators first. */
  readonly parameters: readonly number[];
}

/** The product's side, in this process. */
async function measure(work: Work): Promise<Measured> {
  const { size, batch, steps, threads } = work;
  const settings = settingsOf(work);
  const method = work.unpaired ? unpairedMethod(settings) : pairedMethod(settings);
  const trainer = new Trainer(await createOnnxruntime({ threads }), method, batch);
  const image = () => Float32Array.from({ length: batch * 3 * size * size }, () => Math.random() - 0.5);
  const samples = sampleBatch(batch, image(), image());
  const times: number[] = [];
  const cpu: number[] = [];
  for (let step = 1; step <= steps + WARM_UP; step++) {
    const begin = performance.now();
    const used = process.cpuUsage();
    const { scalars } = await trainer.update(samples, step, () => 2e-4);
    if (!Number.isFinite(scalars.get("g_total"))) throw new Error(`the loss of step ${step} is not finite`);
    if (step <= WARM_UP) continue;
    times.push((performance.now() - begin) / 1000);
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1e6);
  }
  return {
    ...{
      cpu_s: median(cpu),
      median_s: median(times),
      min_s: Math.min(...times),
      peak_rss_mb: process.resourceUsage().maxRSS / 1024,
    },
    parameters: method.components.map(({ layers }) => parameterCount(layers)),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A side's measurement in a process of its own. */
async function measureApart(command: string, script: readonly string[], work: Work): Promise<Measured> {
  const { unpaired: _, norm, ...numbers } = work;
  const options = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  if (norm === "batch") options.push("--norm", norm);
  const { stdout } = await promisify(execFile)(command, [...script, ...options]);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Measured;
}

/** Alternated runs of both sides. The answer: whether the goal is met. */
async function compare(work: Work, runs: number, python: string): Promise<boolean> {
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  const script = [fileURLToPath(import.meta.url), "--one", ...(work.unpaired ? ["--unpaired"] : [])];
  for (let run = 0; run < runs; run++) {
    theirs.push(await measureApart(python, [peerOf(work)], work));
    ours.push(await measureApart(process.execPath, script, work));
  }
  const [own, peer] = [ours, theirs].map((side) => ({
    median: median(side.map(({ median_s }) => median_s)),
    minimum: Math.min(...side.map(({ min_s }) => min_s)),
    memory: Math.max(...side.map(({ peak_rss_mb }) => peak_rss_mb)),
    cpu: median(side.map(({ cpu_s }) => cpu_s ?? Number.NaN)),
    parameters: side[0]!.parameters.join(" + "),
  })) as [Side, Side];
  const ratios = {
    median: own.median / peer.median,
    minimum: own.median / peer.minimum,
    memory: own.memory / peer.memory,
  };
  const { torch, fused } = theirs[0]!;
  print(work, own, peer, ratios, `PyTorch ${torch ?? "(of an unknown version)"}${fused ? ", fused Adam" : ""}`);
  console.log(`  CPU      ${own.cpu.toFixed(4)} s and ${peer.cpu.toFixed(4)} s: ${(own.cpu / peer.cpu).toFixed(2)}`);
  if (own.parameters !== peer.parameters)
    throw new Error(`parameters ${own.parameters}, the peer's ${peer.parameters}`);
  return (Object.keys(GOAL) as (keyof typeof GOAL)[]).every((key) => ratios[key] <= GOAL[key]);
}

function peerOf({ unpaired, norm }: Pick<Work, "unpaired" | "norm">): string {
  if (unpaired) return PEERS.unpaired;
  return norm === "batch" ? PEERS.batchNorm : PEERS.paired;
}

interface Side {
  readonly median: number;
  readonly minimum: number;
  readonly memory: number;
  /** CPU seconds of a step. */
  readonly cpu: number;
  readonly parameters: string;
}

function print(work: Work, own: Side, peer: Side, ratios: typeof GOAL, version: string): void {
  const line = (name: string, { median, minimum, memory, parameters }: Side) =>
    `  ${name.padEnd(8)} median ${median.toFixed(4)} s, minimum ${minimum.toFixed(4)} s, ` +
    `peak ${memory.toFixed(0)} MB, parameters ${parameters}`;
  const { size, layers, ngf, batch, threads, steps, unpaired, norm } = work;
  console.log(
    `${unpaired ? "unpaired" : "paired"}, ${size}², ${layers} layers, ngf ${ngf}, ${norm} norm, batch ${batch}, ${threads} threads, ${steps} steps; ${version}`,
  );
  console.log(line("product", own));
  console.log(line("PyTorch", peer));
  const text = (key: keyof typeof GOAL) => `${ratios[key].toFixed(2)} (goal ${GOAL[key]})`;
  console.log(
    `  ratio    median / median ${text("median")}, median / minimum ${text("minimum")}, memory ${text("memory")}`,
  );
}

/** Loads PyTorch; where its matrix products are those of the reference BLAS, which is up to 5 times slower, it is no peer. */
const PROBE = `
import torch, sys
maps = open("/proc/self/maps").read() if sys.platform == "linux" else ""
sys.exit("its BLAS is the reference one: install libopenblas0-pthread" if "/blas/libblas.so" in maps else 0)
`;

/** Why there is nothing to compare with, if so. */
async function peerProblem(python: string, peer: string): Promise<string | undefined> {
  if (!existsSync(peer)) return `${peer} is absent`;
  return await promisify(execFile)(python, ["-c", PROBE]).then(
    () => undefined,
    (error: { stderr?: string }) => `PyTorch in ${python}: ${error.stderr?.trim().split("\n").at(-1) || error}`,
  );
}

const { values } = parseArgs({
  options: {
    ...{ size: { type: "string" }, layers: { type: "string" }, ngf: { type: "string" } },
    ...{ steps: { type: "string", default: "20" }, runs: { type: "string", default: "3" } },
    ...{ threads: { type: "string", default: "2" }, batch: { type: "string", default: "1" } },
    ...{ python: { type: "string", default: "python3" }, one: { type: "boolean", default: false } },
    ...{ unpaired: { type: "boolean", default: false }, norm: { type: "string", default: "instance" } },
  },
});
const { unpaired } = values;
const norm: Work["norm"] = values.norm === "batch" ? "batch" : "instance";
const common = {
  norm,
  batch: Number(values.batch),
  steps: Number(values.steps),
  threads: Number(values.threads),
  unpaired,
};

if (values.one) {
  const sizes = { size: Number(values.size), layers: Number(values.layers), ngf: Number(values.ngf) };
  console.log(JSON.stringify(await measure({ ...sizes, ...common })));
} else {
  const problem = await peerProblem(values.python, peerOf(common));
  if (problem !== undefined) {
    console.error(`There is nothing to compare with: ${problem}.`);
    process.exit(2);
  }
  const usual = ALL.filter(({ size }) => !unpaired || size <= LARGEST_UNPAIRED);
  const asked = ALL.filter(({ size }) => size === Number(values.size));
  for (const sizes of values.size === undefined ? usual : asked) {
    if (!(await compare({ ...sizes, ...common }, Number(values.runs), values.python))) process.exitCode = 1;
  }
}
