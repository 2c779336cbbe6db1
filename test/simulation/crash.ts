/**
 * Crash points: an engine dies at each change of the disk in turn, and the next one must find all that was committed, and
 * believe nothing else. Knows worlds and small graphs.
 */
import { Dice } from "../helpers/dice.js";
import { type RandomGraph, randomGraph } from "../helpers/random-graph.js";
import { type Clean, compare, cookedClean, LONG_MS, requireHits, requireUnedited } from "./oracle.js";
import { type Fate, World } from "./world.js";

/** How an engine dies: its process, in the midst of a change or before it; with the machine; or, afterwards, the database. */
const DEATHS = ["process", "torn", "machine", "database"] as const;
type Death = (typeof DEATHS)[number];

export interface CrashPoints {
  readonly problems: readonly string[];
  /** How many there were. */
  readonly points: number;
}

/** Every crash point of the cook of a small graph, in each way where `each` says so; with `first`, up to the first that is wrong. */
export async function crashPoints(seed: number, { each = false, first = false } = {}): Promise<CrashPoints> {
  const problems: string[] = [];
  const { nodes, files } = randomGraph(seed, { size: 6 });
  const clean = await cookedClean(worldOf(files), nodes, new Dice(seed, "crash"));
  let points = 0;
  for (let change = 1; ; change++) {
    const deaths = each ? DEATHS : [DEATHS[change % DEATHS.length]!];
    let died = false;
    for (const death of deaths) {
      const world = worldOf(files);
      await world.pass(LONG_MS);
      died = await dieAt(world, { nodes, clean }, change, death, new Dice(seed, "crash", change));
      problems.push(...world.problems.map((problem) => `change ${change}, ${death}: ${problem}`));
      if (died) points += 1;
    }
    if (!died || (first && problems.length > 0)) return { problems, points };
  }
}

function worldOf(files: RandomGraph["files"]): World {
  const world = new World({ cpu: 2, gpu: 1 });
  world.write(files);
  return world;
}

/** Answers whether it died: an engine may be done before. */
async function dieAt(
  world: World,
  { nodes, clean }: { readonly nodes: RandomGraph["nodes"]; readonly clean: Clean },
  change: number,
  how: Death,
  dice: Dice,
): Promise<boolean> {
  const calm = { faults: 0, trouble: 0, dice };
  const kind = how === "machine" ? ("machine" as const) : ("process" as const);
  const fate: Fate = {
    ...calm,
    death: { change, kind, torn: how === "torn" || (kind === "machine" && change % 2 === 0) },
  };
  const first = await world.cook(nodes, fate);
  const committed = how === "process" || how === "torn" ? world.committed() : new Map<string, number>();
  if (how === "database") world.loseDatabase();
  const last = await world.cook(nodes, { ...calm, dice: dice.apart("last") });
  compare(world, last, clean);
  for (const [fingerprint, made] of committed) {
    if (world.committed().get(fingerprint as never) !== made)
      world.problems.push(`${fingerprint.slice(0, 12)} was committed, and made again`);
  }
  const found = await world.verify(calm);
  if (!world.wasDark) world.problems.push(...found.map((what) => `verify: ${what}`));
  requireHits(world, await world.cook(nodes, { ...calm, dice: dice.apart("again") }));
  requireUnedited(world);
  world.audit();
  return first.kind === "died";
}
