/**
 * What is tried with a seed: a random graph is cooked by engines that meet faults, are stopped, and die, while files, graph
 * and node code change; then by one that nothing happens to. Its results must be those of a cook on an empty disk, and
 * what was published must not be made again. Knows worlds and graphs; all chance is in the seed.
 */
import { join } from "node:path";
import { Dice } from "../helpers/dice.js";
import { type RandomGraph, randomGraph } from "../helpers/random-graph.js";
import { compare, cookedClean, LONG_MS, requireHits, requireUnedited } from "./oracle.js";
import { type Fate, FOLDER, World } from "./world.js";

/** How often something is done to one graph, at most. */
const MOST_ROUNDS = 3;
/** What is wrong with the engine, as far as this seed shows; nothing where all is well. */
export async function simulate(seed: number): Promise<readonly string[]> {
  const scenario = new Scenario(seed);
  await scenario.play();
  return scenario.world.problems;
}

class Scenario {
  readonly world: World;
  readonly #dice: Dice;
  readonly #graph: { nodes: RandomGraph["nodes"]; files: RandomGraph["files"] };

  constructor(seed: number) {
    this.#dice = new Dice(seed, "scenario");
    const dice = this.#dice;
    this.#graph = randomGraph(seed, { failures: dice.chance(0.6), modes: dice.chance(0.3) });
    this.world = new World({ cpu: dice.from(1, 4), gpu: dice.from(0, 2) });
    this.world.write(this.#graph.files);
  }

  async play(): Promise<void> {
    const { world } = this;
    if (this.#dice.chance(0.7)) await world.pass(LONG_MS);
    const rounds = this.#dice.from(1, MOST_ROUNDS);
    for (let round = 0; round < rounds; round++) {
      await world.cook(this.#graph.nodes, this.#fate(round));
      await world.pass(this.#dice.pick([1, 50, LONG_MS]));
      if (this.#dice.chance(0.6)) this.#edit();
    }
    const fate = { faults: 0, trouble: 0 };
    const last = await world.cook(this.#graph.nodes, { ...fate, dice: this.#dice.apart("last") });
    compare(world, last, await cookedClean(world, this.#graph.nodes, this.#dice));
    const found = await world.verify({ faults: 0, dice: this.#dice });
    // Without power, blobs may be torn that nothing asks for any more.
    if (!world.wasDark) world.problems.push(...found.map((what) => `verify: ${what}`));
    requireHits(world, await world.cook(this.#graph.nodes, { ...fate, dice: this.#dice.apart("again") }));
    requireUnedited(world);
    world.audit();
  }

  #fate(round: number): Fate {
    const dice = this.#dice.apart("round", round);
    const roll = dice.part();
    const stop = { at: dice.from(0, 8000), how: dice.pick(["save", "now", "item"] as const) };
    const kind = dice.chance(0.3) ? ("machine" as const) : ("process" as const);
    const death = { change: dice.from(1, 150), kind, torn: dice.chance(0.5) };
    const meanwhile = Array.from({ length: dice.chance(0.3) ? dice.from(1, 3) : 0 }, () => ({
      at: dice.from(0, 4000),
      what: () => this.#editFile(dice),
    }));
    return {
      dice,
      faults: dice.pick([0, 0, 0, 0.003, 0.02]),
      trouble: dice.pick([0, 0.5, 1]),
      leaves: dice.apart("leaves").chance(0.4),
      stop: roll < 0.3 ? stop : undefined,
      death: roll > 0.6 ? death : undefined,
      meanwhile,
    };
  }

  /** Somebody changes files, the graph, or the code of its nodes. */
  #edit(): void {
    const dice = this.#dice;
    const roll = dice.part();
    if (roll < 0.5) this.#editFile(dice);
    else if (roll < 0.56) this.world.code += 1;
    else if (roll < 0.6) this.world.packages += 1;
    else {
      const worked = Object.values(this.#graph.nodes).filter(({ type }) => type === "random_work");
      if (worked.length === 0) return;
      const { params = {} } = dice.pick(worked);
      const name = dice.pick(["text", "number", "quiet", "count"]);
      if (name === "text") params.text = `another ${dice.from(1, 3)}`;
      if (name === "number") params.number = dice.from(0, 3);
      if (name === "count") params.count = dice.from(0, 3);
      if (name === "quiet") params.quiet = `${params.quiet ?? ""}.`;
    }
  }

  #editFile(dice: Dice): void {
    const { disk } = this.world;
    const path = join(FOLDER, dice.pick(Object.keys(this.#graph.files)));
    const folder = join(path, "..");
    const roll = dice.part();
    if (roll < 0.5) disk.write(path, "xyz"[dice.from(0, 2)]!.repeat(dice.from(1, 4)));
    else if (roll < 0.7) disk.write(join(folder, `${dice.pick(["a", "c", "e", "g"])}.txt`), "new");
    else if (roll < 0.8) disk.remove(join(folder, `${dice.pick(["a", "c", "e", "g"])}.txt`));
    else if (roll < 0.9 && disk.stat(path) !== undefined) disk.write(path, disk.read(path));
    else disk.write(path, "back");
    for (const name of disk.list(folder)) disk.keep(join(folder, name));
    disk.keep(folder);
  }
}
