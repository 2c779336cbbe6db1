/** The referee as a runtime: float64 inside, float32 outside, as every runtime. It knows nothing of how operations are computed. */
import type { Program, Shape } from "../program/program.js";
import { evaluateReference } from "../program/reference.js";
import { sizeOf } from "../program/shapes.js";
import { tensorsOf } from "../program/walk.js";
import {
  addState,
  type CompiledProgram,
  feedOf,
  type Runtime,
  type RuntimeState,
  requireState,
  requireValues,
  type Values,
} from "./runtime.js";

/** The referee as a runtime. */
export function createReference(): Runtime {
  return {
    name: "referee",
    device: "cpu",
    version: process.versions.node,
    createState: (shapes) => new ReferenceState(shapes),
    async compile(program, state) {
      if (!(state instanceof ReferenceState)) throw new Error("the referee was given another runtime's state");
      requireState(program, state);
      return new ReferenceProgram(program, state);
    },
  };
}

class ReferenceState implements RuntimeState {
  readonly shapes = new Map<string, Shape>();
  readonly values = new Map<string, Float64Array>();

  constructor(shapes: ReadonlyMap<string, Shape>) {
    this.add(shapes);
  }

  add(shapes: ReadonlyMap<string, Shape>): void {
    addState(this.shapes, shapes, (name, shape) => void this.values.set(name, new Float64Array(sizeOf(shape))));
  }

  async read(name: string): Promise<Values> {
    return Float32Array.from(this.#known(name));
  }

  write(name: string, values: Values): void {
    requireValues(this.shapes, name, values);
    this.values.set(name, Float64Array.from(values));
  }

  #known(name: string): Float64Array {
    const values = this.values.get(name);
    if (values === undefined) throw new Error(`no state is named "${name}"`);
    return values;
  }

  dispose(): void {
    this.values.clear();
  }
}

class ReferenceProgram implements CompiledProgram {
  readonly #program: Program;
  readonly #state: ReferenceState;

  constructor(program: Program, state: ReferenceState) {
    this.#program = program;
    this.#state = state;
  }

  async step(feeds: ReadonlyMap<string, Values>): Promise<ReadonlyMap<string, Values>> {
    const wide = new Map<string, Float64Array>();
    for (const { operation, shape } of tensorsOf(this.#program)) {
      if (operation.kind === "feed") wide.set(operation.name, Float64Array.from(feedOf(feeds, operation.name, shape)));
    }
    const { outputs, updates } = evaluateReference(this.#program, { feeds: wide, state: this.#state.values });
    for (const [name, values] of updates) this.#state.values.set(name, values);
    return new Map([...outputs].map(([name, values]) => [name, Float32Array.from(values)]));
  }

  dispose(): void {}
}
