/**
 * The one interface between a tensor program and what computes it. It knows nothing of networks or of training.
 */
import type { Program, Shape } from "../program/program.js";
import { sameShape, shapeText, sizeOf } from "../program/shapes.js";
import { tensorsOf } from "../program/walk.js";

/** Values of one tensor, row-major; the length is the product of its shape. */
export type Values = Float32Array;

/** A device that runs programs. All programs made by one runtime may share state by giving the same `State`. */
export interface Runtime {
  /** The runtime and the device it really uses, as checked at start (never the one that was asked for). */
  readonly name: string;
  readonly device: string;
  /** Of the package that computes. */
  readonly version: string;
  /** Makes room for named state, zeros at first. Shared by the programs compiled over it. */
  createState(shapes: ReadonlyMap<string, Shape>): RuntimeState;
  /** Compiles a program over `state`, which must hold every state tensor that the program names, with its shape. */
  compile(program: Program, state: RuntimeState): Promise<CompiledProgram>;
  /** Ends the thread that it has of its own, where it has one, when its programs and states are disposed of. */
  close?(): Promise<void>;
}

/** Named tensors that live with the runtime between steps. */
export interface RuntimeState {
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Makes room for more, zeros at first; what is there already stays as it is. */
  add(shapes: ReadonlyMap<string, Shape>): void;
  read(name: string): Promise<Values>;
  write(name: string, values: Values): void;
  dispose(): void;
}

export interface CompiledProgram {
  /**
   * Runs one step: reads feeds and state, answers the outputs, replaces the updated state.
   * The answered arrays are the program's own: they hold until its next step.
   */
  step(feeds: ReadonlyMap<string, Values>): Promise<ReadonlyMap<string, Values>>;
  dispose(): void;
}

/** Adds the shapes of state that is not held yet, and makes room for it. */
export function addState(
  existing: Map<string, Shape>,
  more: ReadonlyMap<string, Shape>,
  make: (name: string, shape: Shape) => void,
): void {
  for (const [name, shape] of more) {
    if (existing.has(name)) continue;
    make(name, shape);
    existing.set(name, shape);
  }
}

/** Throws where there is no state of this name, or where it holds another number of values. */
export function requireValues(shapes: ReadonlyMap<string, Shape>, name: string, values: Values): void {
  const shape = shapes.get(name);
  if (shape === undefined) throw new Error(`no state is named "${name}"`);
  if (values.length !== sizeOf(shape)) {
    throw new Error(`state "${name}" holds ${sizeOf(shape)} values, not ${values.length}`);
  }
}

/** Throws where a program uses state that was not made, or was made in another shape. */
export function requireState(program: Program, { shapes }: Pick<RuntimeState, "shapes">): void {
  const used = tensorsOf(program).flatMap(({ operation, shape }) =>
    operation.kind === "state" ? [[operation.name, shape] as const] : [],
  );
  for (const [name, shape] of [
    ...used,
    ...[...program.updates].map(([name, tensor]) => [name, tensor.shape] as const),
  ]) {
    const existing = shapes.get(name);
    if (existing === undefined) throw new Error(`the program uses the state "${name}", which was not made`);
    if (!sameShape(existing, shape)) {
      throw new Error(`the state "${name}" has shape ${shapeText(existing)}, the program's has ${shapeText(shape)}`);
    }
  }
}

/** The values that a step was given for a feed. Throws where there are none, or as many as another shape has. */
export function feedOf(feeds: ReadonlyMap<string, Values>, name: string, shape: Shape): Values {
  const values = feeds.get(name);
  if (values === undefined) throw new Error(`the step was given no feed "${name}"`);
  if (values.length !== sizeOf(shape)) {
    throw new Error(`feed "${name}" has ${values.length} values, not those of shape ${shapeText(shape)}`);
  }
  return values;
}
