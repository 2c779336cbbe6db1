/** A trained generator's answers by the float64 referee, from its checkpoint: what its images and models are compared with. */
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { inferenceProgram } from "../../../src/ml/training/inference.js";
import { stateName } from "../../../src/ml/training/update.js";
import { generatorNetwork } from "../../../src/ml/translation/generator.js";
import type { TrainedGenerator } from "../../../src/ml/translation/generator-export.js";
import { readGenerator } from "../../../src/ml/translation/generator-file.js";

/** The generator of a checkpoint. */
export async function generatorAt(path: string): Promise<TrainedGenerator> {
  return (await readGenerator(path, path)).generator;
}

/** Its answer to an image of 16² pixels, both in 0..1. */
export function answerOf({ options, weights }: TrainedGenerator, image: ArrayLike<number>): Float32Array {
  const program = inferenceProgram(generatorNetwork(options), [1, options.channel_count, 16, 16], "net");
  const state = new Map([...weights].map(([name, values]) => [stateName("net", name), Float64Array.from(values)]));
  const feeds = new Map([["x", Float64Array.from(image, (value) => 2 * value - 1)]]);
  return Float32Array.from(evaluateReference(program, { feeds, state }).outputs.get("y")!, (value) => (value + 1) / 2);
}

/** The largest difference of two lists of one length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a, (value, at) => Math.abs(value - b[at]!)).reduce((most, each) => Math.max(most, each), 0);
}
