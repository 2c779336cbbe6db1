/**
 * The runtime over onnxruntime-node: a program becomes one ONNX graph over state in plain arrays. It knows nothing of
 * networks or of training. A step computes on the calling thread and blocks it: train in a worker.
 */
import type { Shape } from "../../program/program.js";
import { sizeOf } from "../../program/shapes.js";
import { addState, type Runtime, type RuntimeState, requireValues, type Values } from "../runtime.js";
import { compileOnDevice, DeviceState } from "./device.js";
import { canRunInPlace } from "./in-place.js";
import { type Device, loadOnnxruntime } from "./load.js";
import { compileInPlace, compilePlain } from "./program.js";

export interface OnnxruntimeOptions {
  /** Threads of one operator, at least 1. A run repeats bit for bit with the same count. */
  readonly threads: number;
  readonly device?: Device;
  /** Which of several cards, from 0; the device's own choice where it is not said. */
  readonly card?: number;
  /** False: the plain form, in which onnxruntime allocates every result and new state is copied. */
  readonly inPlace?: boolean;
}

/** The runtime on a device. Throws a `RuntimeError` where the package is absent; a device may fail only at `compile`. */
export async function createOnnxruntime(options: OnnxruntimeOptions): Promise<Runtime> {
  const { threads, device = "cpu", card } = options;
  const ort = await loadOnnxruntime();
  const inPlace = (options.inPlace ?? true) && device === "cpu" && (await canRunInPlace(ort));
  const session = { threads, device, ...(card !== undefined && { card }) };
  // The one device whose memory onnxruntime-node lets tensors stay in.
  const onDevice = device === "webgpu";
  return {
    name: "onnxruntime",
    device,
    version: ort.env.versions.node!,
    createState: (shapes) => (onDevice ? new DeviceState(ort, shapes, session) : new ArrayState(shapes)),
    async compile(program, state) {
      if (onDevice && state instanceof DeviceState) return await compileOnDevice(ort, program, state, session);
      if (!(state instanceof ArrayState)) throw new Error("onnxruntime was given another runtime's state");
      const host = { ort, state, session };
      return await (inPlace ? compileInPlace(host, program) : compilePlain(host, program));
    },
  };
}

/** State in arrays of this process, which programs read and write themselves. */
class ArrayState implements RuntimeState {
  readonly shapes = new Map<string, Shape>();
  readonly #arrays = new Map<string, Values>();

  constructor(shapes: ReadonlyMap<string, Shape>) {
    this.add(shapes);
  }

  add(shapes: ReadonlyMap<string, Shape>): void {
    addState(this.shapes, shapes, (name, shape) => void this.#arrays.set(name, new Float32Array(sizeOf(shape))));
  }

  /** The array itself. */
  array(name: string): Values {
    const values = this.#arrays.get(name);
    if (values === undefined) throw new Error(`no state is named "${name}"`);
    return values;
  }

  read(name: string): Promise<Values> {
    return Promise.resolve(this.array(name).slice());
  }

  write(name: string, values: Values): void {
    requireValues(this.shapes, name, values);
    this.array(name).set(values);
  }

  dispose(): void {
    this.#arrays.clear();
  }
}
