/**
 * What a runtime must show before it is trusted: a small update computed as the referee computes it, and its speed. It
 * knows nothing of how a runtime is chosen.
 */
import { ProgramBuilder } from "../../program/build.js";
import type { Program, Shape } from "../../program/program.js";
import { sizeOf } from "../../program/shapes.js";
import { tensorsOf } from "../../program/walk.js";
import type { CompiledProgram, Runtime, Values } from "../runtime.js";
import { largestError } from "./compare.js";
import { OPERATIONS } from "./operations.js";
import { smallUpdate } from "./small-update.js";

/** Largest relative error of any output or new state of the test's update. */
export const TEST_LIMIT = 1e-3;

/** The largest relative error of the small update, against the referee. */
export function testUpdate(runtime: Runtime): Promise<number> {
  return largestError(runtime, smallUpdate());
}

/** The largest relative error of every operation by itself; infinite, with the reason, where one fails. */
export async function testOperations(
  runtime: Runtime,
): Promise<readonly { readonly name: string; readonly error: number; readonly reason?: string }[]> {
  const tested = [];
  for (const [name, program] of OPERATIONS) {
    try {
      tested.push({ name, error: await largestError(runtime, program) });
    } catch (error) {
      tested.push({ name, error: Number.POSITIVE_INFINITY, reason: (error as Error).message });
    }
  }
  return tested;
}

/** Sides of the matrices of the rate's measurement: the second where the first says that there is time for it. */
const SIDES = [128, 1024] as const;

/** Thousands of millions of floating-point operations a second, of products of matrices during about `seconds`. */
export async function matrixRate(runtime: Runtime, seconds: number): Promise<number> {
  const [small, large] = SIDES;
  const rate = await productRate(runtime, small, seconds / 10);
  return (2 * large ** 3) / rate / 1e9 > seconds ? rate : await productRate(runtime, large, seconds);
}

async function productRate(runtime: Runtime, side: number, seconds: number): Promise<number> {
  const b = new ProgramBuilder();
  const product = b.matmul(b.state("a", [side, side]), b.state("b", [side, side]));
  // One element goes out: it is not the transfer that is measured.
  const corner = b.slice(product, [0, 0], [1, 1]);
  const program = b.program(new Map([["corner", corner]]), new Map([["b", product]]));
  const state = runtime.createState(new Map(["a", "b"].map((name) => [name, [side, side]])));
  state.write("a", new Float32Array(side * side).fill(1 / side));
  state.write("b", new Float32Array(side * side).fill(0.5));
  const compiled = await runtime.compile(program, state);
  try {
    const perStep = await secondsPerStep(() => compiled.step(new Map()), seconds);
    return (2 * side ** 3) / perStep / 1e9;
  } finally {
    compiled.dispose();
    state.dispose();
  }
}

/** Programs over one state, as they follow each other in an update. */
export interface Work {
  readonly programs: readonly Program[];
  readonly state: ReadonlyMap<string, Shape>;
}

/** Seconds of one update in a runtime, from weights and feeds of little numbers. */
export async function updateSeconds(runtime: Runtime, { programs, state: shapes }: Work): Promise<number> {
  const state = runtime.createState(shapes);
  const compiled: { readonly program: CompiledProgram; readonly feeds: ReadonlyMap<string, Values> }[] = [];
  try {
    for (const [name, shape] of shapes) state.write(name, new Float32Array(sizeOf(shape)).fill(0.01));
    for (const program of programs) {
      const feeds = tensorsOf(program).flatMap(({ operation, shape }) =>
        operation.kind === "feed" ? [[operation.name, new Float32Array(sizeOf(shape)).fill(0.01)] as const] : [],
      );
      compiled.push({ program: await runtime.compile(program, state), feeds: new Map(feeds) });
    }
    return await secondsPerStep(async () => {
      for (const { program, feeds } of compiled) await program.step(feeds);
    }, 0.2);
  } finally {
    for (const { program } of compiled) program.dispose();
    state.dispose();
  }
}

/** The least time of a step, of those that fit into `seconds`; the first, which prepares, does not count. */
async function secondsPerStep(step: () => Promise<unknown>, seconds: number): Promise<number> {
  await step();
  let least = Number.POSITIVE_INFINITY;
  for (const began = performance.now(); performance.now() - began < 1000 * seconds || least === Infinity; ) {
    const start = performance.now();
    await step();
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}
