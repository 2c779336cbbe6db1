/**
 * Programs and state on a device of onnxruntime that keeps tensors in its own memory (WebGPU): new state is made there and
 * fed to the next step, and copied to the processor only to be read. It knows nothing of networks or of training.
 */
import { inputName, lowerProgram, OPSET } from "../../onnx/lower.js";
import { webgpu } from "../../onnx/lower-webgpu.js";
import { modelOf } from "../../onnx/model.js";
import { encodeModel } from "../../onnx/model-bytes.js";
import { ProgramBuilder } from "../../program/build.js";
import type { Program, Shape } from "../../program/program.js";
import { sizeOf } from "../../program/shapes.js";
import {
  addState,
  type CompiledProgram,
  feedOf,
  type RuntimeState,
  requireState,
  requireValues,
  type Values,
} from "../runtime.js";
import { type Ort, type OrtSession, type OrtSessionOptions, type OrtTensor, openSession } from "./load.js";

/** State in tensors on the device; those that were written and not computed yet are still with the processor. */
export class DeviceState implements RuntimeState {
  readonly shapes = new Map<string, Shape>();
  readonly #ort: Ort;
  readonly #options: OrtSessionOptions;
  readonly #tensors = new Map<string, OrtTensor>();
  /** Copies of what is on the device, until it is replaced. */
  readonly #copies = new Map<string, Values>();
  /** Of the programs that made tensors of the state, which lie in their memory: freeing those first crashes. */
  readonly #sessions: OrtSession[] = [];
  #copier: { readonly key: string; readonly session: OrtSession } | undefined;

  constructor(ort: Ort, shapes: ReadonlyMap<string, Shape>, options: OrtSessionOptions) {
    this.#ort = ort;
    this.#options = options;
    this.add(shapes);
  }

  add(shapes: ReadonlyMap<string, Shape>): void {
    addState(this.shapes, shapes, (name, shape) => {
      this.#tensors.set(name, new this.#ort.Tensor("float32", new Float32Array(sizeOf(shape)), shape));
    });
  }

  /** The tensor itself, to feed. */
  tensor(name: string): OrtTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new Error(`no state is named "${name}"`);
    return tensor;
  }

  /** Takes over a session whose results will be state, and releases it after them. */
  adopt(session: OrtSession): void {
    this.#sessions.push(session);
  }

  /** Puts another tensor in the place of the one that is there, which is freed. */
  replace(name: string, tensor: OrtTensor): void {
    this.tensor(name).dispose();
    this.#tensors.set(name, tensor);
    this.#copies.delete(name);
  }

  async read(name: string): Promise<Values> {
    const tensor = this.tensor(name);
    if (tensor.location === "cpu") return (tensor.data as Values).slice();
    if (!this.#copies.has(name)) await this.#copy();
    return this.#copies.get(name)!.slice();
  }

  write(name: string, values: Values): void {
    requireValues(this.shapes, name, values);
    this.replace(name, new this.#ort.Tensor("float32", values.slice(), this.shapes.get(name)!));
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
    this.#copies.clear();
    void this.#copier?.session.release();
    for (const session of this.#sessions.splice(0)) void session.release();
  }

  /** Copies all that is on the device. onnxruntime-node cannot download a tensor, but a program's answers come here. */
  async #copy(): Promise<void> {
    const away = [...this.#tensors].filter(([, { location }]) => location !== "cpu");
    const b = new ProgramBuilder();
    const outputs = away.map(([name]) => [name, b.state(name, this.shapes.get(name)!)] as const);
    const lowered = lowerProgram(b.program(new Map(outputs)));
    const key = away.map(([name]) => name).join("\n");
    if (this.#copier?.key !== key) {
      await this.#copier?.session.release();
      const model = encodeModel(modelOf(lowered.graph, OPSET));
      this.#copier = { key, session: await openSession(this.#ort, model, this.#options, "the state's copy") };
    }
    const feeds = Object.fromEntries(away.map(([name, tensor]) => [inputName("state", name), tensor]));
    const results = await this.#copier.session.run(feeds);
    for (const { name, value } of lowered.outputs) this.#copies.set(name, results[value]!.data as Values);
  }
}

/** The program over state on the device: of its results only the outputs come back. */
export async function compileOnDevice(
  ort: Ort,
  program: Program,
  state: DeviceState,
  options: OrtSessionOptions,
): Promise<CompiledProgram> {
  requireState(program, state);
  const { graph, inputs, outputs } = lowerProgram(program, webgpu);
  const kept = outputs.filter(({ kind }) => kind === "update").map(({ value }) => value);
  const model = encodeModel(modelOf(graph, OPSET));
  const session = await openSession(ort, model, { ...options, kept }, "the program");
  state.adopt(session);
  return {
    async step(feeds) {
      const given = inputs.map(({ kind, name, value, shape }) => {
        const fed = () => new ort.Tensor("float32", feedOf(feeds, name, shape), shape);
        return [value, kind === "state" ? state.tensor(name) : fed()] as const;
      });
      const results = await session.run(Object.fromEntries(given));
      const computed = new Map<string, Values>();
      for (const { kind, name, value } of outputs) {
        if (kind === "output") computed.set(name, results[value]!.data as Values);
        else state.replace(name, results[value]!);
      }
      return computed;
    },
    // Released with the state.
    dispose: () => {},
  };
}
