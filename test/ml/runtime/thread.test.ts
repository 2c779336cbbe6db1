/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** A runtime in a thread of its own: it conforms, it fails as one here does, and two compute at a time. */
import { afterAll, describe, expect, test } from "@jest/globals";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { RuntimeError } from "../../../src/ml/runtime/errors.js";
import { type RuntimeTarget, TARGETS } from "../../../src/ml/runtime/target/target.js";
import { openThread } from "../../../src/ml/runtime/target/thread.js";
import { registerConformance } from "./conformance.js";

const place = { at: 1, threads: 1 };
const target = (runtime: RuntimeTarget["runtime"], device: RuntimeTarget["device"]) =>
  TARGETS.find((each) => each.runtime === runtime && each.device === device)!;
const runtime = await openThread(target("onnxruntime", "cpu"), place);
afterAll(() => runtime.close!());

registerConformance({ name: "onnxruntime in a thread", runtime });

function doubling() {
  const b = new ProgramBuilder();
  const w = b.state("w", [2]);
  return b.program(new Map([["w", w]]), new Map([["w", b.add(w, b.feed("x", [2]))]]));
}

describe("a runtime in a thread", () => {
  test("thread: what fails says why, and the thread goes on; a closed one says so", async () => {
    const own = await openThread(target("onnxruntime", "cpu"), place);
    const state = own.createState(new Map([["w", [2]]]));
    state.write("w", Float32Array.of(1, 2));
    const compiled = await own.compile(doubling(), state);
    await expect(compiled.step(new Map())).rejects.toThrow('the step was given no feed "x"');
    const answers = await compiled.step(new Map([["x", Float32Array.of(3, 4)]]));
    expect([...answers.get("w")!]).toEqual([1, 2]);
    expect([...(await state.read("w"))]).toEqual([4, 6]);
    const missing = own.createState(new Map());
    await expect(own.compile(doubling(), missing)).rejects.toThrow(
      'the program uses the state "w", which was not made',
    );
    missing.add(new Map([["w", [2]]]));
    const other = await own.compile(doubling(), missing);
    await other.step(new Map([["x", Float32Array.of(5, 6)]]));
    expect([...(await missing.read("w"))]).toEqual([5, 6]);

    expect(() => state.write("w", new Float32Array(3))).toThrow('state "w" holds 2 values, not 3');
    for (const each of [compiled, other, state, missing]) each.dispose();
    await own.close!();
    await expect(state.read("w")).rejects.toThrow("a runtime's thread ended before its work was done");
  });

  test("thread: a target that cannot be had is refused as one here is", async () => {
    const opened = openThread({ ...target("tensorflow", "wasm"), device: "cuda" }, place);
    const error = await opened.catch((each: unknown) => each);
    expect(error).toBeInstanceOf(RuntimeError);
    expect((error as RuntimeError).message).toMatch(/tfjs-node-gpu/);
  });
});
