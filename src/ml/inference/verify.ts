/**
 * Checks an exported model: onnxruntime must answer what the float64 referee answers, within the limits. It knows nothing
 * of how the model was written.
 */

import { ExportError, type ExportOptions, type ExportSource } from "../onnx/export.js";
import type { Shape } from "../program/program.js";
import { evaluateReference } from "../program/reference.js";
import { sizeOf } from "../program/shapes.js";
import { tensorsBefore } from "../program/walk.js";
import { loadOnnxruntime, type Ort, type OrtSession, openSession } from "../runtime/onnxruntime/load.js";

/** Largest and mean |Δ| allowed, of values in [−1, 1]. */
const LARGEST = 1e-4;
const MEAN = 1e-5;

/** The largest and the mean |Δ| over all images, of values in [−1, 1]. */
export interface ExportVerification {
  readonly largest: number;
  readonly mean: number;
}

/**
 * Runs the model on a patterned and on a constant image, where its axes are dynamic on one of a second size too, and compares.
 * `threads`: for onnxruntime. Throws an `ExportError` where a limit is missed.
 */
export async function verifyExport(
  model: Uint8Array,
  source: ExportSource,
  options: Pick<ExportOptions, "dynamic_axes" | "value_range">,
  threads: number,
): Promise<ExportVerification> {
  const ort = await loadOnnxruntime();
  const session = await openSession(ort, model, { threads, device: "cpu", layout: "constants" }, "the exported model");
  const [height, width] = source.size;
  const sizes = [[height, width] as const];
  if (options.dynamic_axes) sizes.push([height + source.size_multiple, width]);
  const state = new Map([...source.weights].map(([name, values]) => [name, new Float64Array(values)]));
  const found: ExportVerification[] = [];
  for (const [at, size] of sizes.entries()) {
    const program = source.program(...size);
    const feed = tensorsBefore(program.outputs.values()).find(({ operation }) => operation.kind === "feed");
    if (feed?.operation.kind !== "feed") throw new Error("the exported program has no feed");
    // What a constant image shows does not depend on the size.
    for (const image of [patterned(feed.shape), ...(at === 0 ? [constant(feed.shape)] : [])]) {
      const { outputs } = evaluateReference(program, { feeds: new Map([[feed.operation.name, image]]), state });
      const [expected] = outputs.values() as Iterable<Float64Array> as [Float64Array];
      found.push(distance(await run(ort, session, feed.shape, image, options.value_range === "zero_to_one"), expected));
    }
  }
  await session.release();
  const largest = Math.max(...found.map((each) => each.largest));
  const mean = found.reduce((sum, each) => sum + each.mean, 0) / found.length;
  if (largest <= LARGEST && mean <= MEAN) return { largest, mean };
  throw new ExportError(
    `the exported model differs from the network: by ${largest.toExponential(2)} at most (limit ${LARGEST}) and ` +
      `${mean.toExponential(2)} on average (limit ${MEAN}), for values in [−1, 1]`,
  );
}

/** An image in which no two pixels are alike. */
function patterned(shape: Shape): Float64Array {
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(Math.sin(i * i * 0.37 + 0.11 * i)));
}

/** An image whose channels are constant within the network too, but for its borders. */
function constant(shape: Shape): Float64Array {
  return new Float64Array(sizeOf(shape)).fill(0.5);
}

/** The model's answer for an image in [−1, 1], as values in [−1, 1]. */
async function run(ort: Ort, session: OrtSession, shape: Shape, image: Float64Array, isUnit: boolean) {
  const values = Float32Array.from(image, (value) => (isUnit ? (value + 1) / 2 : value));
  const { output } = await session.run({ input: new ort.Tensor("float32", values, shape) });
  const answer = output!.data as Float32Array;
  return isUnit ? answer.map((value) => 2 * value - 1) : answer;
}

function distance(actual: Float32Array, expected: Float64Array): ExportVerification {
  if (actual.length !== expected.length) return { largest: Number.POSITIVE_INFINITY, mean: Number.POSITIVE_INFINITY };
  let [largest, sum] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    // No number is larger than NaN: it must not go unseen.
    largest = difference <= largest ? largest : Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    sum += difference;
  }
  return { largest, mean: sum / expected.length };
}
