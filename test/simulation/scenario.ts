/**
 * What is tried with a seed: a random graph is cooked by engines that meet faults, are stopped, and die, while files, graph
 * and node code change; then by one that nothing happens to. Its results must be those of a cook on an empty disk, and
 * what was published must not be made again. Knows worlds and graphs; all chance is in the seed.
 */
import { join } from "node:path";
import type { WorkItem } from "../../src/workitem/item.js";
import { isGood } from "../../src/workitem/state.js";
import { Dice } from "../helpers/dice.js";
import { type RandomGraph, randomGraph } from "../helpers/random-graph.js";
import { type Ended, type Fate, FOLDER, World } from "./world.js";

/** How often something is done to one graph, at most. */
const MOST_ROUNDS = 3;
/** Longer than anything takes to be remembered by its stamp. */
const LONG_MS = 10_000;

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
    await this.#compare(last);
    const found = await world.verify({ faults: 0, dice: this.#dice });
    // Without power, blobs may be torn that nothing asks for any more.
    if (!world.wasDark) world.problems.push(...found.map((what) => `verify: ${what}`));
    await this.#requireHits(await world.cook(this.#graph.nodes, { ...fate, dice: this.#dice.apart("again") }));
    this.#requireUnedited();
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
    else if (roll < 0.6) this.world.code += 1;
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

  /** The last cook made what a cook of the same on an empty disk makes. */
  async #compare(last: Ended): Promise<void> {
    const { world } = this;
    const clean = new World({ cpu: 3, gpu: 1 });
    clean.code = world.code;
    for (const [path, text] of world.disk.texts(FOLDER)) {
      if (path.startsWith(`${FOLDER}/in_`)) clean.write({ [path.slice(FOLDER.length + 1)]: text });
    }
    await clean.pass(LONG_MS);
    const wanted = await clean.cook(this.#graph.nodes, { faults: 0, trouble: 0, dice: this.#dice.apart("clean") });
    world.problems.push(...clean.problems.map((problem) => `on an empty disk: ${problem}`));
    const [found, expected] = [shownOf(last), shownOf(wanted)];
    for (const name of new Set([...found.keys(), ...expected.keys()])) {
      if (found.get(name) !== expected.get(name))
        world.problems.push(`${name}: is ${found.get(name)}, on an empty disk ${expected.get(name)}`);
    }
    for (const [path, text] of clean.disk.texts(`${FOLDER}/out`)) {
      const there = world.disk.stat(path) === undefined ? undefined : world.disk.read(path);
      if (there !== text) world.problems.push(`${path}: holds ${there}, on an empty disk ${text}`);
    }
  }

  /** Nobody edited an output: none may be taken for edited. */
  #requireUnedited(): void {
    for (const [path] of this.world.disk.texts(`${FOLDER}/out`))
      if (path.includes(".edited")) this.world.problems.push(`${path}: an output was taken for the user's own`);
  }

  /** What was made is there. */
  async #requireHits(again: Ended): Promise<void> {
    if (again.kind !== "cooked") return void this.world.problems.push(`the cook after the last: ${again.kind}`);
    for (const [item, why] of again.report.missed) {
      const { cacheMode } = again.report.runs.get(item.node)!.node;
      if (cacheMode === "automatic" && item.state !== "cooked_fail")
        this.world.problems.push(`${item.name}: missed in a cook of the same (${why})`);
    }
  }
}

/** Every item as those below and the user see it, in one text each. */
function shownOf(ended: Ended): Map<string, string> {
  if (ended.kind !== "cooked") return new Map([["the cook", JSON.stringify(ended)]]);
  const items = [...ended.report.runs.values()].flatMap((runs) => [...runs.items]);
  return new Map(items.map((item) => [item.name, shown(item)]));
}

function shown(item: WorkItem): string {
  const { index, state, reason, own, outputs } = item;
  const files = outputs.map(({ digest, name, tag, path }) => [digest.slice(0, 8), name, tag, path]);
  const attributes = [...(own ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([index, isGood(state) ? "good" : state, reason ?? "", files, attributes]);
}
