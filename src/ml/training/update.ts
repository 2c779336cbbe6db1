/**
 * Builds programs that train: networks whose weights are the program's state, forward passes, optimizer steps on losses.
 * It knows nothing of which networks there are or of what their losses say.
 */
import type { BatchStatistics, Network, Parameter } from "../networks/network.js";
import type { ProgramBuilder } from "../program/build.js";
import type { ProgramCut } from "../program/cut.js";
import { gradient } from "../program/gradient.js";
import type { Program, Shape, Tensor } from "../program/program.js";
import { AVERAGE, type Optimizer, scalarFeed } from "./optimizers.js";
import { endToEnd, takenApart } from "./vectors.js";

/** The share of the newest batch in running statistics (PyTorch's momentum). */
const STATISTICS_MOMENTUM = 0.1;

/** A network of the program, with the values that its parameters have by now. */
export interface BoundNetwork {
  /** The prefix of its state: parameter `p` is the state `<name>.p`, its optimizer's slot `s` is `<name>.p:s`. */
  readonly name: string;
  readonly network: Network;
  readonly values: Map<string, Tensor>;
}

/** A dropout mask that every step is fed: 0 with probability `dropout`, else 1 / (1 − dropout). */
export interface Mask {
  readonly feed: string;
  readonly shape: Shape;
  readonly dropout: number;
}

/** A program that trains, and what its runtime must hold and feed besides the samples and the optimizer's scalars. */
export interface TrainingProgram {
  readonly program: Program;
  /** Weights, running statistics and optimizer slots, by state name. */
  readonly state: ReadonlyMap<string, Shape>;
  readonly masks: readonly Mask[];
  /** Of a program that is made to be cut: its optimizer steps, whose gradients are fed. */
  readonly steps: readonly ProgramCut[];
}

/** The state name of a model's parameter, or of an optimizer's slot for it. */
export function stateName(model: string, parameter: string, slot?: string): string {
  return slot === undefined ? `${model}.${parameter}` : `${model}.${parameter}:${slot}`;
}

/** A network over the state named after `name`; `slot`: over other values of its parameters, such as their averages. */
export function bindNetwork(b: ProgramBuilder, name: string, network: Network, slot?: string): BoundNetwork {
  const values = new Map<string, Tensor>();
  for (const parameter of network.parameters) {
    values.set(parameter.name, b.state(stateName(name, parameter.name, slot), parameter.shape));
  }
  return { name, network, values };
}

/** A parameter at a step: its value, the gradient, and the names of its state. */
interface Learned {
  readonly model: BoundNetwork;
  readonly parameter: Parameter;
  readonly name: (slot?: string) => string;
  readonly weight: Tensor;
  readonly gradient: Tensor;
}

interface NewCut extends ProgramCut {
  readonly gradients: Map<string, Tensor>;
  readonly updates: Map<string, Tensor>;
}

/** A training program in the making. Passes and steps take effect in the order in which they are asked for. */
export class UpdateBuilder {
  readonly b: ProgramBuilder;
  readonly #optimizer: Optimizer;
  readonly #models: BoundNetwork[] = [];
  readonly #masks: Mask[] = [];
  readonly #updates = new Map<string, Tensor>();
  readonly #apart: boolean;
  readonly #steps: ProgramCut[] = [];
  #passes = 0;
  /** Weights after a step are constants to later losses: no gradient flows back through an optimizer. */
  readonly #stepped = new Set<Tensor>();
  readonly #averaged = new Set<BoundNetwork>();

  /** `apart`: the program is made to be cut at its optimizer steps, which take their gradients through feeds. */
  constructor(b: ProgramBuilder, optimizer: Optimizer, apart = false) {
    this.b = b;
    this.#optimizer = optimizer;
    this.#apart = apart;
  }

  /** Adds a network; names must differ. */
  model(name: string, network: Network): BoundNetwork {
    const model = bindNetwork(this.b, name, network);
    this.#models.push(model);
    return model;
  }

  /** A training pass with the weights that the model has by now. Every pass has masks of its own. */
  forward(model: BoundNetwork, x: Tensor): Tensor {
    const { values, network, name } = model;
    const pass = this.#passes++;
    const dropoutMask = (layer: string, shape: Shape) => {
      const feed = `${name}.${layer}:mask ${pass}`;
      this.#masks.push({ feed, shape, dropout: network.dropout });
      return this.b.feed(feed, shape);
    };
    // running ← 0.9·running + 0.1·batch (torch BatchNorm2d).
    const observe = (statistics: BatchStatistics) => {
      for (const [parameter, batch] of statistics) {
        const old = this.b.mul(values.get(parameter)!, 1 - STATISTICS_MOMENTUM);
        values.set(parameter, this.b.add(old, this.b.mul(batch, STATISTICS_MOMENTUM)));
      }
    };
    return network.apply({ b: this.b, values, training: { dropoutMask, observe } }, x);
  }

  /**
   * A training pass of each batch. Where the network treats every image by itself, all go through it at once: its weights are
   * then gone through once, and their gradients need no sum. Batch norm takes statistics of each batch, in the order given.
   */
  forwardEach(model: BoundNetwork, batches: readonly Tensor[]): readonly Tensor[] {
    const isOfBatch = model.network.parameters.some(({ trained }) => !trained);
    if (isOfBatch || batches.length === 1) return batches.map((batch) => this.forward(model, batch));
    const output = this.forward(model, this.b.concat(batches, 0));
    const [, ...rest] = output.shape;
    let end = 0;
    return batches.map(({ shape }) => {
      const start = end;
      end += shape[0]!;
      return this.b.slice(output, [start, ...rest.map(() => 0)], [end, ...rest]);
    });
  }

  /** One step, of an optimizer of its own where one is given, of all trained parameters of `models` on a scalar loss. */
  minimize(loss: Tensor, models: readonly BoundNetwork[], optimizer: Optimizer = this.#optimizer): void {
    const trained = models.flatMap((model) =>
      model.network.parameters.filter((parameter) => parameter.trained).map((parameter) => ({ model, parameter })),
    );
    const weights = trained.map(({ model, parameter }) => model.values.get(parameter.name)!);
    const gradients = gradient(this.b, loss, weights, this.#stepped);
    const step: NewCut = { gradients: new Map(), updates: new Map() };
    const learned = trained.map(({ model, parameter }, at): Learned => {
      const name = (slot?: string) => stateName(model.name, parameter.name, slot);
      const found = gradients[at]!;
      const given = this.#apart ? this.#fed(step, name("gradient"), found) : found;
      return { name, model, parameter, weight: weights[at]!, gradient: given };
    });
    // A network has dozens of short vectors, and each operation on one costs its call alone.
    const vectors = learned.filter(({ parameter }) => parameter.shape.length === 1);
    const others = learned.filter(({ parameter }) => parameter.shape.length !== 1);
    for (const group of [vectors, ...others.map((each) => [each])]) this.#update(group, optimizer, step);
    if (this.#apart) this.#steps.push(step);
    if (!optimizer.slots.includes(AVERAGE)) return;
    for (const model of models) this.#averaged.add(model);
  }

  /** A step of one weight, or of vectors together. */
  #update(group: readonly Learned[], optimizer: Optimizer, step: NewCut): void {
    if (group.length === 0) return;
    const { b } = this;
    const together = (tensors: readonly Tensor[]) => (tensors.length === 1 ? tensors[0]! : endToEnd(b, tensors));
    const weights = group.map(({ weight }) => weight);
    const weight = together(weights);
    const each = (tensor: Tensor) => (group.length === 1 ? [tensor] : takenApart(b, tensor, weights));
    const updated = optimizer.update({
      ...{ b, weight, gradient: together(group.map(({ gradient: found }) => found)) },
      slot: (slot) => together(group.map(({ name, parameter }) => b.state(name(slot), parameter.shape))),
      scalar: (scalar) => scalarFeed(b, scalar, weight),
    });
    for (const [at, value] of each(updated.weight).entries()) {
      const { model, parameter, name } = group[at]!;
      model.values.set(parameter.name, value);
      this.#stepped.add(value);
      step.updates.set(name(), value);
    }
    for (const [slot, values] of Object.entries(updated.slots)) {
      for (const [at, value] of each(values).entries()) {
        step.updates.set(group[at]!.name(slot), value);
        this.#updates.set(group[at]!.name(slot), value);
      }
    }
  }

  #fed({ gradients }: NewCut, feed: string, value: Tensor): Tensor {
    gradients.set(feed, value);
    return this.b.feed(feed, value.shape);
  }

  /** The program with these outputs that changes no state: what training passes answer by themselves. */
  observe(outputs: ReadonlyMap<string, Tensor>): TrainingProgram {
    const parameters = this.#models.flatMap(({ name, network }) =>
      network.parameters.map((parameter) => [stateName(name, parameter.name), parameter.shape] as const),
    );
    return { program: this.b.program(outputs), state: new Map(parameters), masks: this.#masks, steps: [] };
  }

  /** The program with these outputs. */
  finish(outputs: ReadonlyMap<string, Tensor>): TrainingProgram {
    const state = new Map<string, Shape>();
    for (const model of this.#models) {
      const { name, network, values } = model;
      for (const parameter of network.parameters) {
        const key = stateName(name, parameter.name);
        state.set(key, parameter.shape);
        // Statistics are not averaged: those of averaged weights are collected when they are wanted.
        if (this.#averaged.has(model) && !parameter.trained) state.set(`${key}:${AVERAGE}`, parameter.shape);
        const value = values.get(parameter.name)!;
        if (value.operation.kind !== "state") this.#updates.set(key, value);
      }
    }
    for (const [key, { shape }] of this.#updates) state.set(key, shape);
    return { program: this.b.program(outputs, this.#updates), state, masks: this.#masks, steps: this.#steps };
  }
}
