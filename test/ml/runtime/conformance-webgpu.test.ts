/** @jest-environment ./dist/test/ml/runtime/environment.js */

/** Skipped where there is no adapter: docs/devices.md says how to get one in software. */
import { test } from "@jest/globals";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";
import { TARGETS } from "../../../src/ml/runtime/target/target.js";
import { probe } from "../../../src/ml/runtime/trial/probe.js";
import { registerConformance } from "./conformance.js";

const target = TARGETS.find(({ device }) => device === "webgpu")!;
const shown = await probe(target, { threads: 1, rateSeconds: 0, deep: false });

if ("problem" in shown) test.skip(`onnxruntime on webgpu: ${shown.problem}`, () => {});
else {
  const runtime = await createOnnxruntime({ threads: 1, device: "webgpu" });
  // Seen on SwiftShader: 1.008e-3.
  registerConformance({ name: "onnxruntime on webgpu", runtime, deviation: 2e-3 });
}
