/**
 * Trains networks step by step in a runtime: a list of programs makes an update, over one state. It knows nothing of which
 * networks and losses there are, of files, or of when a training ends.
 */
import type { Network } from "../networks/network.js";
import type { Program, Shape } from "../program/program.js";
import type { CompiledProgram, Runtime, State, Values } from "../runtime/runtime.js";
import { type InitializeOptions, initialValues } from "./initialize.js";
import { maskFeeds } from "./masks.js";
import type { Optimizer } from "./optimizers.js";
import { stateName, type TrainingProgram } from "./update.js";

/** A network under training. */
export interface Component {
  /** Its name in the state: `netG`. */
  readonly state: string;
  /** What it is in paths and checkpoints, and which of its kind. */
  readonly network: "generator" | "discriminator";
  readonly index: number;
  readonly layers: Network;
}

/** What an update learns from: [count, channels, side, side] in −1..1 each. */
export interface Samples {
  readonly count: number;
  readonly input: Values;
  readonly reference: Values;
}

export type Outputs = ReadonlyMap<string, Values>;

/** One program of an update. */
export interface Stage {
  readonly training: TrainingProgram;
  /** What it is fed besides the optimizer's scalars and the masks; `earlier`: the outputs of the stages before it. */
  feeds(samples: Samples, earlier: Outputs): ReadonlyMap<string, Values>;
}

/** A way to train: its networks, and the programs of an update. */
export interface Method {
  readonly components: readonly Component[];
  readonly optimizer: Optimizer;
  /** Names of the scalar outputs: losses and scores. */
  readonly scalars: readonly string[];
  /** The output that is compared with the reference. */
  readonly generated: string;
  /** The programs of an update of `count` samples, in order. */
  stages(count: number): readonly Stage[];
  /** What generator 0 makes of `count` images of a size, the output `generated` of the feed `A`. */
  inference(count: number, height: number, width: number): Program;
}

/** What an update answers: the scalars, and the generated images [count, channels, side, side]. */
export interface Learned {
  readonly scalars: ReadonlyMap<string, number>;
  /** Holds until the next update. */
  readonly generated: Values;
}

interface CompiledStage extends Stage {
  readonly compiled: CompiledProgram;
}

/** Networks under training in a runtime. Dispose of it. */
export class Trainer {
  readonly method: Method;
  /** Of all that the state holds: weights, running statistics, optimizer slots. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly #runtime: Runtime;
  readonly #state: State;
  readonly #seed: number;
  readonly #stages = new Map<number, readonly CompiledStage[]>();
  readonly #inferences = new Map<string, CompiledProgram>();

  /** The networks with their first values, a pure function of the seed. `count`: samples of a usual update. */
  constructor(runtime: Runtime, method: Method, initialize: InitializeOptions, count: number) {
    this.method = method;
    this.#runtime = runtime;
    this.#seed = initialize.seed;
    // The state is the same for batches of any size.
    this.shapes = new Map(method.stages(count).flatMap(({ training }) => [...training.state]));
    this.#state = runtime.createState(this.shapes);
    for (const { state, layers } of method.components) {
      for (const [name, values] of initialValues(layers, state, initialize)) {
        this.#state.write(stateName(state, name), values);
      }
    }
  }

  /** One update of all networks, counted from 1; `rateAt` answers the learning rate of any update. */
  async update(samples: Samples, update: number, rateAt: (update: number) => number): Promise<Learned> {
    const scalars = this.method.optimizer.scalars(update, rateAt);
    const outputs = new Map<string, Values>();
    for (const { training, compiled, feeds } of await this.#stagesFor(samples.count)) {
      const given = new Map(feeds(samples, outputs));
      for (const [name, value] of scalars) given.set(name, Float32Array.of(value));
      for (const [name, values] of maskFeeds(training.masks, this.#seed, update)) given.set(name, values);
      for (const [name, values] of await compiled.step(given)) outputs.set(name, values);
    }
    const answered = this.method.scalars.map((name) => [name, outputs.get(name)![0]!] as const);
    return { scalars: new Map(answered), generated: outputs.get(this.method.generated)! };
  }

  /** What generator 0 makes of images [count, channels, height, width], without dropout. Holds until the next call. */
  async generate(input: Values, count: number, height: number, width: number): Promise<Values> {
    const key = `${count} ${height} ${width}`;
    const program = this.#inferences.get(key) ?? (await this.#compile(this.method.inference(count, height, width)));
    this.#inferences.set(key, program);
    return (await program.step(new Map([["A", input]]))).get(this.method.generated)!;
  }

  /** A copy of what the state holds under a name. */
  read(name: string): Promise<Values> {
    return this.#state.read(name);
  }

  write(name: string, values: Values): void {
    this.#state.write(name, values);
  }

  dispose(): void {
    for (const stages of this.#stages.values()) for (const { compiled } of stages) compiled.dispose();
    for (const program of this.#inferences.values()) program.dispose();
    this.#state.dispose();
  }

  async #stagesFor(count: number): Promise<readonly CompiledStage[]> {
    const known = this.#stages.get(count);
    if (known !== undefined) return known;
    const made: CompiledStage[] = [];
    for (const stage of this.method.stages(count)) {
      made.push({ ...stage, compiled: await this.#compile(stage.training.program) });
    }
    this.#stages.set(count, made);
    return made;
  }

  #compile(program: Program): Promise<CompiledProgram> {
    return this.#runtime.compile(program, this.#state);
  }
}
