/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { expect, test } from "@jest/globals";
import { FORMS, type Form, inForm } from "../../../src/ml/onnx/forms.js";
import { geometryOf } from "../../../src/ml/onnx/geometry.js";
import { lowerProgram, OPSET } from "../../../src/ml/onnx/lower.js";
import { modelOf } from "../../../src/ml/onnx/model.js";
import { encodeModel } from "../../../src/ml/onnx/model-bytes.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Program } from "../../../src/ml/program/program.js";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { loadOnnxruntime, openSession } from "../../../src/ml/runtime/onnxruntime/load.js";
import { relativeError, someValues } from "../../../src/ml/runtime/trial/compare.js";

const ort = await loadOnnxruntime();

/** Image [N,C,H,W], channels of the map, kernel, stride, pad. */
const CONVOLUTIONS: readonly (readonly [readonly number[], number, readonly [number, number], number, number])[] = [
  [[2, 5, 8, 8], 3, [4, 4], 1, 1],
  [[1, 6, 13, 9], 4, [4, 4], 1, 1],
  [[1, 3, 9, 9], 2, [4, 4], 1, 0],
  [[1, 3, 9, 10], 2, [4, 4], 1, 2],
  [[2, 4, 11, 11], 5, [3, 3], 1, 1],
  [[1, 8, 18, 18], 6, [3, 3], 1, 0],
  [[3, 32, 8, 8], 1, [4, 4], 1, 1],
  [[2, 3, 6, 7], 2, [3, 2], 1, 1],
  [[2, 6, 8, 8], 5, [4, 4], 2, 1],
  [[2, 3, 9, 10], 4, [4, 4], 2, 1],
  [[3, 16, 2, 2], 8, [4, 4], 2, 1],
  [[1, 4, 11, 10], 3, [2, 2], 3, 0],
];

/** The convolution and its gradients, each a program of its own. */
function programs([shape, count, kernel, stride, pad]: (typeof CONVOLUTIONS)[number]): readonly Program[] {
  const b = new ProgramBuilder();
  const x = b.feed("x", shape);
  const weight = b.feed("w", [count, shape[1]!, ...kernel]);
  const y = b.conv(x, weight, { stride, pad });
  const dy = b.feed("dy", y.shape);
  const missing = (axis: number) => shape[axis]! - ((y.shape[axis]! - 1) * stride - 2 * pad + kernel[axis - 2]!);
  const image = b.convTranspose(dy, weight, { stride, pad, outputPadding: [missing(2), missing(3)] });
  const gradient = b.convWeightGradient(x, dy, weight.shape, { stride, pad });
  return [y, image, gradient].map((output) => b.program(new Map([["y", output]])));
}

/** The largest relative error of a program whose convolutions take this form, against the reference interpreter. */
async function errorOf(program: Program, form: Form): Promise<number> {
  const { graph, inputs, outputs } = lowerProgram(program, {
    rules: [(lowering, tensor) => inForm(form, lowering, tensor)],
    blocks: false,
  });
  const values = inputs.map(({ shape }, at) => Float32Array.from(someValues(sizeOf(shape), at)));
  const feeds = new Map(inputs.map(({ name }, at) => [name, Float64Array.from(values[at]!)]));
  const model = encodeModel(modelOf(graph, OPSET));
  const session = await openSession(ort, model, { threads: 1, device: "cpu" }, "the form");
  const tensors = inputs.map(({ value, shape }, at) => [value, new ort.Tensor("float32", values[at]!, shape)] as const);
  const results = await session.run(Object.fromEntries(tensors));
  await session.release();
  const actual = results[outputs[0]!.value]!.data as Float32Array;
  return relativeError(actual, evaluateReference(program, { feeds, state: new Map() }).outputs.get("y")!);
}

for (const form of FORMS) {
  for (const convolution of CONVOLUTIONS) {
    const geometry = geometryOf(programs(convolution)[0]!.outputs.get("y")!)!;
    if (!form.fits(geometry)) continue;
    const [shape, count, kernel, stride, pad] = convolution;
    const name = `${shape.join("×")} to ${count} channels by ${kernel.join("×")}, stride ${stride}, pad ${pad}`;
    test(`forms: ${form.name}, ${name}: the convolution and its gradients are the reference interpreter's`, async () => {
      for (const program of programs(convolution)) expect(await errorOf(program, form)).toBeLessThan(1e-5);
    });
  }
}
