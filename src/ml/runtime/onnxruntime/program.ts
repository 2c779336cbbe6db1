/**
 * Programs compiled for onnxruntime, in two forms of equal results: in place (new state is computed into the arrays of
 * the old) and plain (onnxruntime allocates every result, which is then copied). It knows nothing of how state is kept.
 */
import { inputName, type LoweredProgram, lowerProgram, OPSET } from "../../onnx/lower.js";
import { cpu } from "../../onnx/lower-cpu.js";
import { type GraphProto, modelOf } from "../../onnx/model.js";
import { encodeModel } from "../../onnx/model-bytes.js";
import { orderOverwrites } from "../../onnx/order.js";
import type { Program, Shape } from "../../program/program.js";
import { sizeOf } from "../../program/shapes.js";
import { type CompiledProgram, feedOf, requireState, type Values } from "../runtime.js";
import { runInPlace, withBarrier } from "./in-place.js";
import { type Ort, type OrtSession, type OrtSessionOptions, type OrtTensor, openSession } from "./load.js";

/** Where a program is compiled: the package, the state that it reads and writes, and how it computes. */
export interface CompileContext {
  readonly ort: Ort;
  readonly state: { readonly shapes: ReadonlyMap<string, Shape>; array(name: string): Values };
  readonly session: OrtSessionOptions;
}

type Tensors = Record<string, OrtTensor>;
type Feeds = ReadonlyMap<string, Values>;

/** Results are written into arrays that the program keeps, new state into the state's own arrays. */
export async function compileInPlace(host: CompileContext, program: Program): Promise<CompiledProgram> {
  requireState(program, host.state);
  const lowered = lower(host, program);
  const updates = lowered.outputs.filter(({ kind }) => kind === "update");
  const overwrites = updates.map(({ name, value }) => ({ input: inputName("state", name), output: value }));
  const { graph, inPlace } = orderOverwrites(lowered.graph, overwrites);
  const session = await sessionOf(host, withBarrier(graph));

  const fetches: Tensors = {};
  const outputs = new Map<string, Values>();
  /** New state that may not be written over the old before the step's end. */
  const late: { readonly name: string; readonly values: Values }[] = [];
  for (const { kind, name, value, shape } of lowered.outputs) {
    const over = kind === "update" && inPlace.has(value);
    const values = over ? host.state.array(name) : new Float32Array(sizeOf(shape));
    fetches[value] = new host.ort.Tensor("float32", values, shape);
    if (kind === "output") outputs.set(name, values);
    else if (!over) late.push({ name, values });
  }
  return {
    async step(feeds) {
      await runInPlace(session, feedsOf(host, lowered, feeds), fetches);
      for (const { name, values } of late) host.state.array(name).set(values);
      return outputs;
    },
    dispose: () => void session.release(),
  };
}

/** The reference of the form above: nothing is preallocated, new state is copied over the old. */
export async function compilePlain(host: CompileContext, program: Program): Promise<CompiledProgram> {
  requireState(program, host.state);
  const lowered = lower(host, program);
  const session = await sessionOf(host, lowered.graph);
  return {
    async step(feeds) {
      const results = await session.run(feedsOf(host, lowered, feeds));
      const outputs = new Map<string, Values>();
      for (const { kind, name, value } of lowered.outputs) {
        const values = results[value]!.data as Float32Array;
        if (kind === "output") outputs.set(name, values);
        else host.state.array(name).set(values);
      }
      return outputs;
    },
    dispose: () => void session.release(),
  };
}

/** Forms that processors gain from; a program that is for use is computed as an exported model is. */
function lower({ session }: CompileContext, program: Program): LoweredProgram {
  return lowerProgram(program, session.device === "cpu" && program.forUse !== true ? cpu : undefined);
}

function sessionOf({ ort, session }: CompileContext, graph: GraphProto): Promise<OrtSession> {
  return openSession(ort, encodeModel(modelOf(graph, OPSET)), session, "the program");
}

/** Every input of the graph over the array that holds it. */
function feedsOf({ ort, state }: CompileContext, { inputs }: LoweredProgram, feeds: Feeds): Tensors {
  const tensors: Tensors = {};
  for (const { kind, name, value, shape } of inputs) {
    const values = kind === "state" ? state.array(name) : feedOf(feeds, name, shape);
    tensors[value] = new ort.Tensor("float32", values, shape);
  }
  return tensors;
}
