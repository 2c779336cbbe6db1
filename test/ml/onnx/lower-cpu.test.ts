/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { expect, test } from "@jest/globals";
import { lowerProgram } from "../../../src/ml/onnx/lower.js";
import { cpu } from "../../../src/ml/onnx/lower-cpu.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { gradient } from "../../../src/ml/program/gradient.js";
import type { Tensor } from "../../../src/ml/program/program.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";

const VALUES = Float32Array.of(-Infinity, -3, -1e-30, -0, 0, 1.2e-38, 1e-30, 0.5, 3e38);
const ACTIVATIONS: Readonly<Record<string, readonly [(b: ProgramBuilder, x: Tensor) => Tensor, number]>> = {
  relu: [(b, x) => b.relu(x), 0],
  leaky_relu: [(b, x) => b.leakyRelu(x, 0.2), 0.2],
};

for (const [name, [activation, low]] of Object.entries(ACTIVATIONS)) {
  test(`lower-cpu: the slope of ${name} is one of two numbers, from the least normal number on, without Where`, async () => {
    const b = new ProgramBuilder();
    const x = b.feed("x", [VALUES.length]);
    const rate = b.feed("rate", [VALUES.length]);
    const [dx] = gradient(b, b.sum(b.mul(activation(b, x), rate)), [x]);
    const program = b.program(new Map([["dx", dx!]]));
    expect(lowerProgram(program, cpu).graph.nodes.map(({ operator }) => operator)).not.toContain("Where");
    const runtime = await createOnnxruntime({ threads: 1 });
    const compiled = await runtime.compile(program, runtime.createState(new Map()));
    const rates = VALUES.map((_, at) => at + 1);
    const answers = await compiled.step(
      new Map([
        ["x", VALUES],
        ["rate", rates],
      ]),
    );
    const expected = rates.map((factor, at) => Math.fround(factor * Math.fround(VALUES[at]! > 0 ? 1 : low)));
    // 0 and −0 are one number.
    expect([...answers.get("dx")!].map((value) => value + 0)).toEqual([...expected]);
  });
}
