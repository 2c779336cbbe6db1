/**
 * Runs an onnxruntime session whose results are written into buffers that the caller gives, and nowhere else. It depends
 * on how one exact version of onnxruntime-node works, and knows nothing of tensor programs.
 *
 * `run` writes results into preallocated buffers, and then copies each into a new array: at 256² a quarter of a second
 * and 1.3 GB a step. It converts outputs in their order and refuses one that is no tensor; so with a sequence as the
 * model's first output it throws after everything is computed and before anything is copied.
 */

import {
  ElementType,
  type GraphProto,
  modelOf,
  type NodeProto,
  tensorValue,
  type ValueInfoProto,
} from "../../onnx/model.js";
import { encodeModel } from "../../onnx/model-bytes.js";
import { messageOf } from "../errors.js";
import { type Ort, type OrtSession, type OrtTensor, openSession } from "./load.js";

/** The version that was looked at. Another one may copy first, or crash: it gets the plain form. */
const KNOWN_VERSION = "1.30.0";
const REJECTION = "Non tensor type is temporarily not supported.";
const BARRIER = "not a tensor";

/** The graph with a first output that makes `run` stop before it copies the others. */
export function withBarrier(graph: GraphProto): GraphProto {
  const first = graph.outputs[0];
  if (first === undefined) throw new Error("a graph without outputs has nothing to fetch");
  const sequence: NodeProto = {
    ...{ name: BARRIER, operator: "SequenceConstruct", attributes: [], domain: "" },
    ...{ inputs: [first.name], outputs: [BARRIER] },
  };
  const element = { tensor: { element: ElementType.float32, shape: undefined }, sequence: undefined };
  const barrier: ValueInfoProto = { name: BARRIER, type: { tensor: undefined, sequence: { element } } };
  return { ...graph, nodes: [...graph.nodes, sequence], outputs: [barrier, ...graph.outputs] };
}

/** Runs a session of a graph with a barrier. `fetches` holds a tensor for every other output, which is written into. */
export async function runInPlace(
  session: OrtSession,
  feeds: Readonly<Record<string, OrtTensor>>,
  fetches: Readonly<Record<string, OrtTensor>>,
): Promise<void> {
  try {
    await session.run(feeds, { ...fetches, [BARRIER]: null });
  } catch (error) {
    if (messageOf(error) === REJECTION) return;
    throw error;
  }
  throw new Error("onnxruntime answered a sequence, which it is known to refuse");
}

const tested = new WeakMap<Ort, Promise<boolean>>();

/** Whether this onnxruntime runs in place as described: its version is the known one, and a small model comes out right. */
export function canRunInPlace(ort: Ort): Promise<boolean> {
  if (ort.env.versions.node !== KNOWN_VERSION) return Promise.resolve(false);
  const known = tested.get(ort) ?? selfTest(ort);
  tested.set(ort, known);
  return known;
}

/** y = x + x and s ← s · x in place, twice, against the plain form. */
async function selfTest(ort: Ort): Promise<boolean> {
  try {
    const options = { threads: 1, device: "cpu" } as const;
    const plain = await openSession(ort, encodeModel(modelOf(TEST_GRAPH, 17)), options, "the self-test");
    const fast = await openSession(ort, encodeModel(modelOf(withBarrier(TEST_GRAPH), 17)), options, "the self-test");
    const tensor = (values: readonly number[]) => new ort.Tensor("float32", Float32Array.from(values), [3]);
    const [x, s, y] = [tensor([1.5, -2, 0.1]), tensor([1, 2, 3]), tensor([0, 0, 0])];
    const first = await plain.run({ x, s });
    const second = await plain.run({ x, s: first.next! });
    for (let step = 0; step < 2; step++) await runInPlace(fast, { x, s }, { y, next: s });
    await Promise.all([plain.release(), fast.release()]);
    return same(y, second.y!) && same(s, second.next!);
  } catch {
    return false;
  }
}

function same(a: OrtTensor, b: OrtTensor): boolean {
  return Buffer.from((a.data as Float32Array).buffer).equals(Buffer.from((b.data as Float32Array).slice().buffer));
}

const node = (operator: string, inputs: readonly string[], output: string): NodeProto => ({
  ...{ name: output, operator, attributes: [], domain: "", inputs, outputs: [output] },
});
const value = (name: string) => tensorValue(name, ElementType.float32, [3]);
const TEST_GRAPH: GraphProto = {
  name: "self-test",
  nodes: [node("Add", ["x", "x"], "y"), node("Mul", ["s", "x"], "next")],
  initializers: [],
  inputs: [value("x"), value("s")],
  outputs: [value("y"), value("next")],
};
