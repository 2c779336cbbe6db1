/** What `dag doctor` says of training: whether the runtime is there, and how fast it is. */
import { availableParallelism } from "node:os";
import type { DoctorLine } from "dag-cook";

/** Side of the matrices of the rate's measurement, and how long it takes. */
const SIDE = 1024;
const SECONDS = 1;

/** Loads onnxruntime and multiplies matrices for a second. */
export async function lookAtRuntime(): Promise<readonly DoctorLine[]> {
  const name = "onnxruntime-node";
  try {
    const { loadOnnxruntime } = await import("dag-cook/ml/runtime/load");
    const { env } = await loadOnnxruntime();
    const threads = availableParallelism();
    const rate = await matrixRate(threads);
    return [
      {
        name,
        ok: true,
        detail: `${env.versions.node}, on the CPU, ${threads} threads, ${Math.round(rate)} GFLOP/s in matrix products`,
      },
    ];
  } catch (error) {
    return [{ name, ok: false, detail: (error as Error).message }];
  }
}

/** Thousands of millions of operations a second. */
async function matrixRate(threads: number): Promise<number> {
  const { createOnnxruntime } = await import("dag-cook/ml/runtime/onnxruntime");
  const { ProgramBuilder } = await import("dag-cook/ml/program/build");
  const runtime = await createOnnxruntime({ threads });
  const b = new ProgramBuilder();
  const product = b.matmul(b.feed("a", [SIDE, SIDE]), b.feed("b", [SIDE, SIDE]));
  const state = runtime.createState(new Map());
  const compiled = await runtime.compile(b.program(new Map([["product", product]])), state);
  const feeds = new Map(["a", "b"].map((feed) => [feed, new Float32Array(SIDE * SIDE).fill(0.5)]));
  await compiled.step(feeds);
  const began = performance.now();
  let count = 0;
  for (; performance.now() - began < 1000 * SECONDS; count++) await compiled.step(feeds);
  const seconds = (performance.now() - began) / 1000;
  compiled.dispose();
  state.dispose();
  return (2 * SIDE ** 3 * count) / seconds / 1e9;
}
