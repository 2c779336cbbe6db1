/**
 * What must hold once an engine that nothing happens to has cooked: results are those of an empty disk, what was made is
 * found again, and nobody's files were taken for another's. Knows worlds; adds what is wrong to their problems.
 */
import { outcomeText } from "../../src/report/words.js";
import type { WorkItem } from "../../src/workitem/item.js";
import { isGood } from "../../src/workitem/state.js";
import type { Dice } from "../helpers/dice.js";
import type { RandomGraph } from "../helpers/random-graph.js";
import { type Ended, FOLDER, World } from "./world.js";

/** Longer than anything takes to be remembered by its stamp. */
export const LONG_MS = 10_000;

export interface Clean {
  readonly world: World;
  readonly ended: Ended;
}

/** The same graph, of the same sources, on an empty disk. */
export async function cookedClean(world: World, nodes: RandomGraph["nodes"], dice: Dice): Promise<Clean> {
  const clean = new World({ cpu: 3, gpu: 1 });
  clean.code = world.code;
  clean.packages = world.packages;
  for (const [path, text] of world.disk.texts(FOLDER)) {
    if (path.startsWith(`${FOLDER}/in_`)) clean.write({ [path.slice(FOLDER.length + 1)]: text });
  }
  await clean.pass(LONG_MS);
  const ended = await clean.cook(nodes, { faults: 0, trouble: 0, dice: dice.apart("clean") });
  world.problems.push(...clean.problems.map((problem) => `on an empty disk: ${problem}`));
  return { world: clean, ended };
}

/** Every item is, and every file holds, what it does on the empty disk. */
export function compare(world: World, last: Ended, clean: Clean): void {
  const [found, expected] = [shownOf(last), shownOf(clean.ended)];
  for (const name of new Set([...found.keys(), ...expected.keys()])) {
    if (found.get(name) !== expected.get(name))
      world.problems.push(`${name}: is ${found.get(name)}, on an empty disk ${expected.get(name)}`);
  }
  for (const [path, text] of clean.world.disk.texts(`${FOLDER}/out`)) {
    const there = world.disk.stat(path) === undefined ? undefined : world.disk.read(path);
    if (there !== text) world.problems.push(`${path}: holds ${there}, on an empty disk ${text}`);
  }
}

/** What was made is there: in a cook of the same nothing is missed. */
export function requireHits(world: World, again: Ended): void {
  if (again.kind !== "cooked") return void world.problems.push(`the cook after the last: ${again.kind}`);
  for (const [item, why] of again.report.missed) {
    const { cacheMode } = again.report.runs.get(item.node)!.node;
    if (cacheMode === "automatic" && item.state !== "cooked_fail")
      world.problems.push(`${item.name}: missed in a cook of the same (${why})`);
  }
}

/**
 * Nobody edited an output: none may be taken for edited. Where the power was lost, an output may be all that is left of a
 * result: then it is rightly kept.
 */
export function requireUnedited(world: World): void {
  if (world.wasDark) return;
  for (const [path] of world.disk.texts(`${FOLDER}/out`))
    if (path.includes(".edited")) world.problems.push(`${path}: an output was taken for the user's own`);
}

/** Every item as those below and the user see it, in one text each. */
function shownOf(ended: Ended): Map<string, string> {
  if (ended.kind !== "cooked") return new Map([["the cook", JSON.stringify(ended)]]);
  const items = [...ended.report.runs.values()].flatMap((runs) => [...runs.items]);
  return new Map(items.map((item) => [item.name, shown(item)]));
}

function shown(item: WorkItem): string {
  const { index, state, outcome, own, outputs } = item;
  const files = outputs.map(({ digest, name, tag, path }) => [digest.slice(0, 8), name, tag, path]);
  const attributes = Object.entries(own ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([index, isGood(state) ? "good" : state, outcomeText(outcome) ?? "", files, attributes]);
}
