/**
 * Cuts a program at places where something shall happen to its gradients before they change state: into a program up to each
 * cut, and one that takes over it what has become of them. It knows nothing of devices, networks or optimizers.
 *
 * No operation is done twice: what is needed beyond a cut is kept, as state. So that little is kept, what is smaller than its
 * inputs (a sum) is made where they are.
 */
import type { Program, Shape, Tensor } from "./program.js";
import { ensure, sizeOf } from "./shapes.js";
import { tensorsBefore } from "./walk.js";

/** A place to cut. */
export interface ProgramCut {
  /** The gradients, by the names of the feeds through which `updates` take them. */
  readonly gradients: ReadonlyMap<string, Tensor>;
  /** New state that is made of these feeds; what comes after the cut may use it. */
  readonly updates: ReadonlyMap<string, Tensor>;
}

/** What is between two cuts. */
export interface CutPart {
  /** Answers those of the program's outputs that are not answered yet and can be, and the next cut's gradients by feed. */
  readonly before: Program;
  /** Fed the gradients, it changes state; null after the last cut. */
  readonly over: Program | null;
}

/** The parts in their order, and the state that they keep among themselves besides the program's own. */
export interface CutProgram {
  readonly parts: readonly CutPart[];
  readonly kept: ReadonlyMap<string, Shape>;
}

/** `suffix`: the end of the names of what is kept. Throws where the program uses state that an earlier part has replaced. */
export function cutProgram(program: Program, cuts: readonly ProgramCut[], suffix = ""): CutProgram {
  const cutter = new Cutter(program, cuts, suffix);
  const parts: CutPart[] = [];
  // The last one first: what it needs is kept by those before it.
  for (let part = cuts.length; part >= 0; part--) {
    const cut = cuts[part];
    const over = cut === undefined ? null : { outputs: new Map(), updates: cut.updates };
    parts.unshift({ before: cutter.before(part), over });
  }
  const isEmpty = ({ before, over }: CutPart) => over === null && before.outputs.size + before.updates.size === 0;
  return { parts: parts.filter((part) => !isEmpty(part)), kept: cutter.kept };
}

type Named = ReadonlyMap<string, Tensor>;

class Cutter {
  readonly kept = new Map<string, Shape>();
  readonly #suffix: string;
  /** What each part answers and what state it changes. */
  readonly #roots: readonly { readonly outputs: Named; readonly updates: Named }[];
  readonly #order: readonly Tensor[];
  /** New state, with the cut that it is made over. */
  readonly #taken: ReadonlyMap<Tensor, { readonly name: string; readonly cut: number }>;
  /** The part that makes a tensor. */
  readonly #home: ReadonlyMap<Tensor, number>;
  /** What is kept, by its name in the state. */
  readonly #keeps = new Map<Tensor, string>();
  /** The part from which on a state has its new value. */
  readonly #replaced = new Map<string, number>();

  constructor(program: Program, cuts: readonly ProgramCut[], suffix: string) {
    this.#suffix = suffix;
    this.#taken = new Map(
      cuts.flatMap(({ updates }, cut) => [...updates].map(([name, tensor]) => [tensor, { name, cut }] as const)),
    );
    const over = new Set(cuts.flatMap(({ updates }) => [...updates.keys()]));
    const own = new Map([...program.updates].filter(([name]) => !over.has(name)));
    const gradients = cuts.flatMap((cut) => [...cut.gradients.values()]);
    this.#order = tensorsBefore([...program.outputs.values(), ...own.values(), ...gradients]);
    const earliest = this.#earliest();
    const early = (part: number, named: Named) =>
      new Map([...named].filter(([, tensor]) => earliest.get(tensor) === part));
    this.#roots = [...cuts.keys(), cuts.length].map((part) => ({
      outputs: new Map([...early(part, program.outputs), ...(cuts[part]?.gradients ?? [])]),
      updates: early(part, own),
    }));
    this.#home = this.#homes(earliest);
    for (const [part, { updates }] of this.#roots.entries()) {
      for (const name of [...updates.keys(), ...(cuts[part]?.updates.keys() ?? [])]) this.#replaced.set(name, part + 1);
    }
  }

  /** The first part in which each tensor can be made. */
  #earliest(): ReadonlyMap<Tensor, number> {
    const earliest = new Map<Tensor, number>();
    for (const tensor of this.#order) {
      const known = tensor.inputs.map((input) => {
        const taken = this.#taken.get(input);
        return taken === undefined ? earliest.get(input)! : taken.cut + 1;
      });
      earliest.set(tensor, Math.max(0, ...known));
    }
    return earliest;
  }

  /** The first part that needs a tensor makes it; what is smaller than its inputs, the first one that can. */
  #homes(earliest: ReadonlyMap<Tensor, number>): ReadonlyMap<Tensor, number> {
    const home = new Map<Tensor, number>();
    const need = (tensor: Tensor, part: number) => home.set(tensor, Math.min(part, home.get(tensor) ?? part));
    for (const [part, { outputs, updates }] of this.#roots.entries()) {
      for (const tensor of [...outputs.values(), ...updates.values()]) need(tensor, part);
    }
    for (const tensor of this.#order.toReversed()) {
      if (!home.has(tensor) || this.#taken.has(tensor)) continue;
      const isSmaller = tensor.inputs.some((input) => sizeOf(input.shape) > sizeOf(tensor.shape));
      if (isSmaller) need(tensor, earliest.get(tensor)!);
      for (const input of tensor.inputs) need(input, home.get(tensor)!);
    }
    return home;
  }

  /** The part's program, with what it keeps for later ones, whose programs are asked for before. */
  before(part: number): Program {
    const { outputs, updates } = this.#roots[part]!;
    const kept = [...this.#keeps].filter(([tensor]) => this.#home.get(tensor) === part);
    const changed = new Map([...updates, ...kept.map(([tensor, name]) => [name, tensor] as const)]);
    const needed = new Set([...outputs.values(), ...changed.values()]);
    for (const tensor of this.#order.toReversed()) {
      if (needed.has(tensor) && !this.#isGiven(tensor, part)) for (const input of tensor.inputs) needed.add(input);
    }
    const seen = new Map<Tensor, Tensor>();
    for (const tensor of this.#order) if (needed.has(tensor)) seen.set(tensor, this.#seen(tensor, part, seen));
    const all = (named: Named) => new Map([...named].map(([name, tensor]) => [name, seen.get(tensor)!]));
    return { outputs: all(outputs), updates: all(changed) };
  }

  /** Whether a part finds the tensor made. */
  #isGiven(tensor: Tensor, part: number): boolean {
    const { kind } = tensor.operation;
    // Another arrangement of a value costs nothing.
    const isMadeAnew = tensor.inputs.length === 0 || kind === "reshape" || kind === "expand";
    return this.#taken.has(tensor) || (!isMadeAnew && this.#home.get(tensor)! < part);
  }

  /** A tensor as a part has it, its inputs seen before. */
  #seen(tensor: Tensor, part: number, seen: ReadonlyMap<Tensor, Tensor>): Tensor {
    const { id, operation, shape } = tensor;
    const state = (name: string): Tensor => ({ id, operation: { kind: "state", name }, inputs: [], shape });
    const taken = this.#taken.get(tensor);
    if (taken !== undefined) return state(taken.name);
    if (this.#isGiven(tensor, part)) {
      const name = `kept ${id}${this.#suffix}`;
      this.#keeps.set(tensor, name);
      this.kept.set(name, shape);
      return state(name);
    }
    const isOld = operation.kind === "state" && part >= (this.#replaced.get(operation.name) ?? Infinity);
    ensure(
      !isOld,
      "cut",
      `the state "${operation.kind === "state" ? operation.name : ""}" is read after it was replaced`,
    );
    const inputs = tensor.inputs.map((input) => seen.get(input)!);
    return inputs.every((input, at) => input === tensor.inputs[at]) ? tensor : { id, operation, inputs, shape };
  }
}
