/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";
import { registerConformance } from "./conformance.js";

for (const [form, inPlace] of [
  ["in place", true],
  ["in its plain form", false],
] as const) {
  registerConformance({ name: `onnxruntime ${form}`, runtime: await createOnnxruntime({ threads: 1, inPlace }) });
}
