/** @jest-environment ./dist/test/ml/runtime/environment.js */

/** Skipped where `npm run setup:tensorflow` was not run. */
import { test } from "@jest/globals";
import { RuntimeError } from "../../../src/ml/runtime/errors.js";
import { loadTensorflow, TENSORFLOW_PACKAGES } from "../../../src/ml/runtime/tensorflow/load.js";
import { createTensorflow } from "../../../src/ml/runtime/tensorflow/tensorflow.js";
import { registerConformance } from "./conformance.js";

/** A process takes one native package alone. */
for (const name of TENSORFLOW_PACKAGES.filter((each) => each.includes("tfjs-node")).reverse()) {
  const options = { threads: 2, package: name };
  const loaded = await loadTensorflow(options).catch((error: unknown) => {
    if (error instanceof RuntimeError) return undefined;
    throw error;
  });
  if (loaded === undefined) {
    test.skip(`tensorflow natively, by ${name}: it is not installed here`, () => {});
    continue;
  }
  const held = () => loaded.tf.memory().numTensors;
  registerConformance({ name: `tensorflow natively, by ${name}`, runtime: await createTensorflow(options), held });
  break;
}
