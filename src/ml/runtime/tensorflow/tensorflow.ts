/**
 * The runtime over TensorFlow.js: programs are interpreted with its forward operations, on the best backend that is
 * installed. It knows nothing of networks or of training. A step computes on the calling thread and may block it: train in
 * a worker.
 */
import type { Runtime } from "../runtime.js";
import { type LoadOptions, loadTensorflow } from "./load.js";
import { InterpretedProgram } from "./program.js";
import { TensorState } from "./state.js";

export type TensorflowOptions = LoadOptions;

/**
 * The runtime on CUDA, on the processor through native TensorFlow, or in WebAssembly (device "cuda", "cpu" or "wasm").
 * Throws a `RuntimeError` where none of them loads.
 */
export async function createTensorflow(options: TensorflowOptions): Promise<Runtime> {
  const loaded = await loadTensorflow(options);
  return {
    name: "tensorflow",
    device: loaded.device,
    version: loaded.version,
    createState(shapes) {
      loaded.ensureActive();
      return new TensorState(loaded.tf, shapes);
    },
    async compile(program, state) {
      if (!(state instanceof TensorState)) throw new Error("tensorflow was given another runtime's state");
      loaded.ensureActive();
      return new InterpretedProgram(loaded, program, state);
    },
  };
}
