/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { loadTensorflow } from "../../../src/ml/runtime/tensorflow/load.js";
import { createTensorflow } from "../../../src/ml/runtime/tensorflow/tensorflow.js";
import { registerConformance } from "./conformance.js";

const options = { threads: 1, package: "@tensorflow/tfjs-backend-wasm" } as const;
const { tf } = await loadTensorflow(options);
const runtime = await createTensorflow(options);

registerConformance({ name: "tensorflow in WebAssembly", runtime, held: () => tf.memory().numTensors });
