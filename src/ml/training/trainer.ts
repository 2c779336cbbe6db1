/**
 * Trains networks step by step in a runtime: a list of programs makes an update, over one state. It knows nothing of which
 * networks and losses there are, of files, or of when a training ends.
 */
import type { Network } from "../networks/network.js";
import type { Program, Shape } from "../program/program.js";
import type { CompiledProgram, Runtime, Values } from "../runtime/runtime.js";
import { type CompiledStage, type Compute, onOne } from "./compute.js";
import { generatorsOf } from "./indices.js";
import { inferenceProgram, statisticsProgram } from "./inference.js";
import { type InitializeOptions, initialValues } from "./initialize.js";
import { maskFeeds } from "./masks.js";
import type { Component, Method, Samples } from "./method.js";
import { ImagePool } from "./pool.js";
import { onSeveral } from "./replicas.js";
import { stateName } from "./update.js";
import { slotOf, type Weights } from "./weights.js";

/** What an update answers: the scalars, and the samples' images by name, [count, channels, side, side]. */
export interface Learned {
  readonly scalars: ReadonlyMap<string, number>;
  /** They hold until the next update. */
  readonly images: ReadonlyMap<string, Values>;
}

const USES: Readonly<
  Record<"makes" | "finds", (network: Network, shape: Shape, state: string, slot?: string) => Program>
> = { makes: inferenceProgram, finds: statisticsProgram };

/** Networks under training. Dispose of it. */
export class Trainer {
  readonly method: Method;
  /** Of all that the state holds: weights, running statistics, optimizer slots, image pools. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly #compute: Compute;
  readonly #seed: number;
  readonly #pools: ReadonlyMap<string, ImagePool>;
  readonly #stages = new Map<number, readonly CompiledStage[]>();
  /** Programs over networks in use, by what they answer and for which images. */
  readonly #uses = new Map<string, CompiledProgram>();

  /**
   * The networks with their first values, a pure function of the seed. `count`: samples of a usual update; `others`: devices
   * that share the updates with the first one.
   */
  constructor(
    runtime: Runtime,
    method: Method,
    initialize: InitializeOptions,
    count: number,
    others: readonly Runtime[] = [],
  ) {
    this.method = method;
    this.#seed = initialize.seed;
    const { pools, pool_size, form } = method;
    this.#pools = new Map(pools.map((output) => [output, new ImagePool(output, pool_size, form, initialize.seed)]));
    // The state is the same for batches of any size.
    const computed = new Map(method.stages(count).flatMap(({ training }) => [...training.state]));
    this.#compute =
      others.length === 0 ? onOne(runtime, method, computed) : onSeveral([runtime, ...others], method, computed);
    this.shapes = new Map([...computed, ...[...this.#pools.values()].flatMap(({ shapes }) => [...shapes])]);
    for (const component of method.components) {
      const values = initialValues(component.layers, component.state, initialize);
      for (const [name, first] of values) this.writeWeights(component, name, first);
    }
  }

  /** One update of all networks, counted from 1; `rateAt` answers the learning rate of any update. */
  async update(samples: Samples, update: number, rateAt: (update: number) => number): Promise<Learned> {
    const scalars = this.method.optimizer.scalars(update, rateAt);
    const outputs = new Map<string, Values>();
    const pooled = (output: string) => this.#pools.get(output)!.query(outputs.get(output)!, update);
    for (const { training, compiled, feeds } of await this.#stagesFor(samples.count)) {
      const given = new Map(feeds(samples, pooled));
      for (const [name, value] of scalars) given.set(name, Float32Array.of(value));
      for (const [name, values] of maskFeeds(training.masks, this.#seed, update)) given.set(name, values);
      for (const [name, values] of await compiled.step(given)) outputs.set(name, values);
    }
    const answered = this.method.scalars.map((name) => [name, outputs.get(name)![0]!] as const);
    const images = this.method.images.map(
      ({ name, side, made }) => [name, made ? outputs.get(made.output)! : samples[side]] as const,
    );
    return { scalars: new Map(answered), images: new Map(images) };
  }

  /**
   * What a network in use makes of images [count, channels, height, width], without dropout. Holds until the network's next
   * call for images of this form.
   */
  async generate(network: number, weights: Weights, input: Values, shape: readonly [number, number, number]) {
    const [count, height, width] = shape;
    const found = await this.#use("makes", network, weights, input, [count, height, width]);
    return found.get("fake")!;
  }

  /** The statistics that each batch norm of a network in use finds in one image of a side, by parameter. */
  statistics(network: number, weights: Weights, input: Values, side: number): Promise<ReadonlyMap<string, Values>> {
    return this.#use("finds", network, weights, input, [1, side, side]);
  }

  async #use(
    what: keyof typeof USES,
    network: number,
    weights: Weights,
    input: Values,
    [count, height, width]: readonly [number, number, number],
  ): Promise<ReadonlyMap<string, Values>> {
    const channels = input.length / count / height / width;
    const shape = [count, channels, height, width];
    const key = [what, network, weights, ...shape].join(" ");
    const { layers, state } = generatorsOf(this.method)[network]!;
    const program =
      this.#uses.get(key) ?? (await this.#compute.compile(USES[what](layers, shape, state, slotOf(weights))));
    this.#uses.set(key, program);
    return program.step(new Map([["A", input]]));
  }

  /** A copy of what the state holds under a name. */
  async read(name: string): Promise<Values> {
    return this.#poolOf(name)?.read(name) ?? (await this.#compute.state.read(name));
  }

  /** Sets a parameter of a network, and its average where there is one. */
  writeWeights({ state }: Component, parameter: string, values: Values): void {
    this.write(stateName(state, parameter), values);
    const average = stateName(state, parameter, slotOf("ema"));
    if (this.shapes.has(average)) this.write(average, values);
  }

  write(name: string, values: Values): void {
    const pool = this.#poolOf(name);
    if (pool === undefined) this.#compute.state.write(name, values);
    else pool.write(name, values);
  }

  dispose(): void {
    this.#compute.dispose();
  }

  async #stagesFor(count: number): Promise<readonly CompiledStage[]> {
    const stages = this.#stages.get(count) ?? (await this.#compute.stages(count));
    this.#stages.set(count, stages);
    return stages;
  }

  #poolOf(tensor: string): ImagePool | undefined {
    return [...this.#pools.values()].find(({ shapes }) => shapes.has(tensor));
  }
}
