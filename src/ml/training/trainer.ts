/**
 * Trains networks step by step in a runtime: a list of programs makes an update, over one state. It knows nothing of which
 * networks and losses there are, of files, or of when a training ends.
 */
import type { Shape } from "../program/program.js";
import type { CompiledProgram, Runtime, Values } from "../runtime/runtime.js";
import { type CompiledStage, type Compute, onOne } from "./compute.js";
import { type InitializeOptions, initialValues } from "./initialize.js";
import { maskFeeds } from "./masks.js";
import type { Method, Samples } from "./method.js";
import { ImagePool } from "./pool.js";
import { onSeveral } from "./replicas.js";
import { stateName } from "./update.js";

/** What an update answers: the scalars, and the samples' images by name, [count, channels, side, side]. */
export interface Learned {
  readonly scalars: ReadonlyMap<string, number>;
  /** They hold until the next update. */
  readonly images: ReadonlyMap<string, Values>;
}

/** Networks under training. Dispose of it. */
export class Trainer {
  readonly method: Method;
  /** Of all that the state holds: weights, running statistics, optimizer slots, image pools. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly #compute: Compute;
  readonly #seed: number;
  readonly #pools: ReadonlyMap<string, ImagePool>;
  readonly #stages = new Map<number, readonly CompiledStage[]>();
  readonly #inferences = new Map<string, CompiledProgram>();

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
    for (const { state, layers } of method.components) {
      for (const [name, values] of initialValues(layers, state, initialize)) {
        this.#compute.state.write(stateName(state, name), values);
      }
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
   * What a generator makes of images [count, channels, height, width], without dropout. Holds until the generator's next
   * call.
   */
  async generate(generator: number, input: Values, count: number, height: number, width: number): Promise<Values> {
    const key = `${generator} ${count} ${height} ${width}`;
    const known = this.#inferences.get(key);
    const program = known ?? (await this.#compute.compile(this.method.inference(generator, count, height, width)));
    this.#inferences.set(key, program);
    return (await program.step(new Map([["A", input]]))).get("fake")!;
  }

  /** A copy of what the state holds under a name. */
  async read(name: string): Promise<Values> {
    return this.#poolOf(name)?.read(name) ?? (await this.#compute.state.read(name));
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
