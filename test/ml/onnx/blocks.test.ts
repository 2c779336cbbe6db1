/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { expect, test } from "@jest/globals";
import { lowerProgram, OPSET } from "../../../src/ml/onnx/lower.js";
import { cpu } from "../../../src/ml/onnx/lower-cpu.js";
import { modelOf } from "../../../src/ml/onnx/model.js";
import { encodeModel } from "../../../src/ml/onnx/model-bytes.js";
import { orderOverwrites } from "../../../src/ml/onnx/order.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Program, Shape } from "../../../src/ml/program/program.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { loadOnnxruntime, openSession } from "../../../src/ml/runtime/onnxruntime/load.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";
import { someValues } from "../../../src/ml/runtime/trial/compare.js";
import { type OptimizerOptions, optimizer, scalarFeed } from "../../../src/ml/training/optimizers.js";

/** Above what is computed block by block; five blocks. */
const SHAPE: Shape = [1280, 1024];

/** An optimizer's step on a weight that is read before and after it: outputs `before` and `after`. */
function step(options: OptimizerOptions): { readonly program: Program; readonly state: ReadonlyMap<string, Shape> } {
  const b = new ProgramBuilder();
  const weight = b.state("w", SHAPE);
  const algorithm = optimizer(options);
  const row = b.feed("row", [1, SHAPE[1]!]);
  const gradient = b.matmul(b.feed("column", [SHAPE[0]!, 1]), row);
  const { weight: updated, slots } = algorithm.update({
    ...{ b, weight, gradient },
    slot: (name) => b.state(name, SHAPE),
    scalar: (name) => scalarFeed(b, name, weight),
  });
  const outputs = new Map([
    ["before", b.matmul(row, weight, { b: true })],
    ["after", b.matmul(row, updated, { b: true })],
  ]);
  const program = b.program(outputs, new Map([["w", updated], ...Object.entries(slots)]));
  return { program, state: new Map([...program.updates].map(([name, { shape }]) => [name, shape])) };
}

const ALGORITHMS: readonly OptimizerOptions[] = [
  { algorithm: "adam", beta: [0.5, 0.999], weight_decay: 0.01 },
  { algorithm: "sgd", momentum: 0.9 },
  { algorithm: "sgd", momentum: 0 },
  { algorithm: "adadelta", rho: 0.9 },
  { algorithm: "asgd" },
];

for (const options of ALGORITHMS) {
  const { algorithm } = options;
  const name = algorithm === "sgd" ? `sgd, momentum ${options.momentum}` : algorithm;
  const { program, state: shapes } = step(options);

  test(`blocks: ${name} on a large weight is one Scan, every state written over the old`, () => {
    const { graph, outputs } = lowerProgram(program, cpu);
    expect(graph.nodes.filter(({ operator }) => operator === "Scan").length).toBe(1);
    const updates = outputs.filter(({ kind }) => kind === "update");
    const { inPlace } = orderOverwrites(
      graph,
      updates.map(({ name, value }) => ({ input: `state ${name}`, output: value })),
    );
    expect(updates.filter(({ value }) => inPlace.has(value)).length).toBe(updates.length);
  });

  test(`blocks: ${name} on a large weight equals plain operators bit for bit, in place too`, async () => {
    const feeds = new Map([
      ...[...optimizer(options).scalars(1, () => 1e-3)].map(([key, value]) => [key, Float32Array.of(value)] as const),
      ["row", pattern(SHAPE[1]!, 1)],
      ["column", pattern(SHAPE[0]!, 2)],
    ]);
    // Sums of squares are never negative.
    const start = new Map(
      [...shapes].map(([key, shape], at) => [key, pattern(sizeOf(shape), at + 3).map(key === "w" ? Number : Math.abs)]),
    );
    const expected = await plainly(program, feeds, start);
    const runtime = await createOnnxruntime({ threads: 2 });
    const state = runtime.createState(shapes);
    for (const [key, values] of start) state.write(key, values);
    const compiled = await runtime.compile(program, state);
    const outputs = await compiled.step(feeds);
    const after = await Promise.all([...shapes.keys()].map(async (key) => [key, await state.read(key)] as const));
    for (const [key, values] of [...outputs, ...after]) {
      expect([key, Buffer.compare(bytes(values), bytes(expected.get(key)!))]).toEqual([key, 0]);
    }
    compiled.dispose();
  });
}

function pattern(count: number, phase: number): Float32Array {
  return Float32Array.from(someValues(count, phase));
}

/** Outputs and new state of a step by plain operators, where every result is an array of its own. */
async function plainly(
  program: Program,
  feeds: ReadonlyMap<string, Float32Array>,
  state: ReadonlyMap<string, Float32Array>,
): Promise<ReadonlyMap<string, Float32Array>> {
  const ort = await loadOnnxruntime();
  const { graph, inputs, outputs } = lowerProgram(program);
  expect(graph.nodes.filter(({ operator }) => operator === "Scan")).toEqual([]);
  const model = encodeModel(modelOf(graph, OPSET));
  const session = await openSession(ort, model, { threads: 2, device: "cpu" }, "the plain form");
  const tensors = inputs.map(({ kind, name, value, shape }) => {
    const values = (kind === "state" ? state : feeds).get(name)!;
    return [value, new ort.Tensor("float32", values, shape)] as const;
  });
  const results = await session.run(Object.fromEntries(tensors));
  await session.release();
  return new Map(outputs.map(({ name, value }) => [name, results[value]!.data as Float32Array]));
}

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
