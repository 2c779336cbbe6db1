/**
 * Where networks are trained: their state, and the programs of an update over it, on one device; several are in `replicas.ts`.
 * It knows nothing of samples, pools or files.
 */
import type { Program, Shape } from "../program/program.js";
import type { CompiledProgram, Runtime, RuntimeState } from "../runtime/runtime.js";
import type { Method, UpdateStage } from "./method.js";

/** A program of an update, compiled: it is fed all samples of a batch, and answers for all of them. */
export interface CompiledStage extends UpdateStage {
  readonly compiled: CompiledProgram;
}

export interface Compute {
  readonly state: Pick<RuntimeState, "read" | "write">;
  /** A program that changes no state. */
  compile(program: Program): Promise<CompiledProgram>;
  /** The programs of an update of `count` samples, in order. */
  stages(count: number): Promise<readonly CompiledStage[]>;
  /** Frees the state, and all that was compiled. */
  dispose(): void;
}

/** A method on one device, over state of these shapes. */
export function onOne(runtime: Runtime, method: Method, shapes: ReadonlyMap<string, Shape>): Compute {
  const state = runtime.createState(shapes);
  const all: CompiledProgram[] = [];
  const compile = async (program: Program) => {
    const compiled = await runtime.compile(program, state);
    all.push(compiled);
    return compiled;
  };
  return {
    ...{ state, compile },
    async stages(count) {
      const made: CompiledStage[] = [];
      for (const stage of method.stages(count)) {
        made.push({ ...stage, compiled: await compile(stage.training.program) });
      }
      return made;
    },
    dispose() {
      for (const compiled of all) compiled.dispose();
      state.dispose();
    },
  };
}
