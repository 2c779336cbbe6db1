/**
 * Trains networks step by step in a runtime: a list of programs makes an update, over one state. It knows nothing of which
 * networks and losses there are, of files, or of when a training ends.
 */
import type { Network } from "../networks/network.js";
import type { Program, Shape } from "../program/program.js";
import type { CompiledProgram, Runtime, Values } from "../runtime/runtime.js";
import { appliedOf } from "./components.js";
import { type CompiledStage, type Compute, onOne } from "./compute.js";
import { GIVEN, inferenceProgram, MADE, statisticsProgram } from "./inference.js";
import { maskFeeds } from "./masks.js";
import type { Component, Method, SampleBatch } from "./method.js";
import { Pool } from "./pool.js";
import { onSeveral } from "./replicas.js";
import { stateName } from "./update.js";
import { slotOf, type Weights } from "./weights.js";

/** What an update answers: its scalars, and all outputs of its programs by name. */
export interface Learned {
  readonly scalars: ReadonlyMap<string, number>;
  /** They hold until the next update. */
  readonly outputs: ReadonlyMap<string, Values>;
}

const USES: Readonly<
  Record<"makes" | "finds", (network: Network, shape: Shape, state: string, slot?: string) => Program>
> = { makes: inferenceProgram, finds: statisticsProgram };

/** Networks under training. Dispose of it. */
export class Trainer {
  readonly method: Method;
  /** Of all that the state holds: weights, running statistics, optimizer slots, pools. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly #compute: Compute;
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #stages = new Map<number, readonly CompiledStage[]>();
  /** Programs over networks in use, by what they answer and for which images. */
  readonly #uses = new Map<string, CompiledProgram>();

  /**
   * The networks with their first values. `count`: samples of a usual update; `others`: devices that share the updates with the
   * first one.
   */
  constructor(runtime: Runtime, method: Method, count: number, others: readonly Runtime[] = []) {
    this.method = method;
    const { seed } = method;
    this.#pools = new Map(
      method.pools.map(({ output, size, form }) => [output, new Pool(output, size, form, seed)] as const),
    );
    // The state is the same for batches of any size.
    const computed = new Map(method.stages(count).flatMap(({ training }) => [...training.state]));
    this.#compute =
      others.length === 0 ? onOne(runtime, method, computed) : onSeveral([runtime, ...others], method, computed);
    this.shapes = new Map([...computed, ...[...this.#pools.values()].flatMap(({ shapes }) => [...shapes])]);
    for (const component of method.components) {
      for (const [name, first] of method.first(component)) this.writeWeights(component, name, first);
    }
  }

  /** One update of all networks, counted from 1; `rateAt` answers the learning rate of any update. */
  async update(samples: SampleBatch, update: number, rateAt: (update: number) => number): Promise<Learned> {
    const scalars = this.method.optimizer.scalars(update, rateAt);
    const outputs = new Map<string, Values>();
    for (const { training, compiled, feeds, pooled = {} } of await this.#stagesFor(samples.count)) {
      const given = new Map<string, Values>();
      for (const [feed, name] of Object.entries(feeds)) given.set(feed, samples.values.get(name)!);
      for (const [feed, output] of Object.entries(pooled)) {
        given.set(feed, this.#pools.get(output)!.query(outputs.get(output)!, update));
      }
      for (const [name, value] of scalars) given.set(name, Float32Array.of(value));
      for (const [name, values] of maskFeeds(training.masks, this.method.seed, update)) given.set(name, values);
      for (const [name, values] of await compiled.step(given)) outputs.set(name, values);
    }
    const answered = this.method.scalars.map((name) => [name, outputs.get(name)![0]!] as const);
    return { scalars: new Map(answered), outputs };
  }

  /**
   * What a network in use makes of values of a shape [count, ...form], without dropout. Holds until the network's next call for
   * values of this shape.
   */
  async apply(network: number, weights: Weights, values: Values, shape: Shape): Promise<Values> {
    return (await this.#use("makes", network, weights, values, shape)).get(MADE)!;
  }

  /** The statistics that each batch norm of a network in use finds in one sample of a shape, by parameter. */
  statistics(network: number, weights: Weights, values: Values, shape: Shape): Promise<ReadonlyMap<string, Values>> {
    return this.#use("finds", network, weights, values, shape);
  }

  async #use(
    what: keyof typeof USES,
    network: number,
    weights: Weights,
    values: Values,
    shape: Shape,
  ): Promise<ReadonlyMap<string, Values>> {
    const key = [what, network, weights, ...shape].join(" ");
    const { layers, state } = appliedOf(this.method)[network]!;
    const program =
      this.#uses.get(key) ?? (await this.#compute.compile(USES[what](layers, shape, state, slotOf(weights))));
    this.#uses.set(key, program);
    return program.step(new Map([[GIVEN, values]]));
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

  #poolOf(tensor: string): Pool | undefined {
    return [...this.#pools.values()].find(({ shapes }) => shapes.has(tensor));
  }
}
