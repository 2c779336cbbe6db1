/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { describe, expect, test } from "@jest/globals";
import { ElementType, modelOf, tensorValue } from "../../../src/ml/onnx/model.js";
import { encodeModel } from "../../../src/ml/onnx/model-bytes.js";
import { canRunInPlace, runInPlace, withBarrier } from "../../../src/ml/runtime/onnxruntime/in-place.js";
import { loadOnnxruntime, openSession } from "../../../src/ml/runtime/onnxruntime/load.js";

const ort = await loadOnnxruntime();
const options = { threads: 1, device: "cpu" } as const;

/** y = x reshaped to the given shape. */
function reshaping(shape: readonly number[]): Uint8Array {
  const graph = {
    name: "test",
    nodes: [{ name: "y", operator: "Reshape", attributes: [], domain: "", inputs: ["x", "s"], outputs: ["y"] }],
    initializers: [],
    inputs: [tensorValue("x", ElementType.float32, [4]), tensorValue("s", ElementType.int64, [2])],
    outputs: [tensorValue("y", ElementType.float32, shape)],
  };
  return encodeModel(modelOf(withBarrier(graph), 17));
}

describe("runs that write into given buffers", () => {
  test("fetch in place: the pinned onnxruntime passes the self-test", async () => {
    expect(ort.env.versions.node).toBe("1.30.0");
    expect(await canRunInPlace(ort)).toBe(true);
  });

  test("fetch in place: another version, or one that answers sequences, gets the plain form", async () => {
    expect(await canRunInPlace({ ...ort, env: { ...ort.env, versions: { common: "1.31.0", node: "1.31.0" } } })).toBe(
      false,
    );
    const { Tensor, env } = ort;
    const answering = { run: () => Promise.resolve({}), release: () => Promise.resolve() };
    const changed = { Tensor, env, InferenceSession: { create: () => Promise.resolve(answering) } };
    expect(await canRunInPlace(changed as unknown as typeof ort)).toBe(false);
  });

  test("fetch in place: a true failure while computing is not taken for the expected refusal", async () => {
    const session = await openSession(ort, reshaping(["a", "b"] as never), options, "the test");
    const x = new ort.Tensor("float32", new Float32Array([1, 2, 3, 4]), [4]);
    const y = new ort.Tensor("float32", new Float32Array(4), [2, 2]);
    const run = (s: readonly bigint[]) =>
      runInPlace(session, { x, s: new ort.Tensor("int64", BigInt64Array.from(s), [2]) }, { y });
    await run([2n, 2n]);
    expect([...(y.data as Float32Array)]).toEqual([1, 2, 3, 4]);
    await expect(run([3n, 3n])).rejects.toThrow(/Reshape/);
    await session.release();
  });

  test("fetch in place: bytes that are no model are refused with the reason", async () => {
    const opened = openSession(ort, Uint8Array.of(1, 2, 3), options, "the file x.onnx");
    await expect(opened).rejects.toThrow(/^onnxruntime cannot load the file x.onnx on the device "cpu": /);
  });
});
