/**
 * Real engines and workers, killed again and again: `DAG_KILL_SECONDS` says for how long (60 in CI, else 10). At the end the
 * same command finishes, its results are those of an empty store, and the events of all cooks pass the audit.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import type { CookEvent } from "../../src/event/event.js";
import { audit } from "../helpers/auditor.js";
import { CookSpace } from "../helpers/cook-space.js";
import { Dice } from "../helpers/dice.js";
import { type RandomGraph, randomGraph } from "../helpers/random-graph.js";

const SECONDS = Number(process.env.DAG_KILL_SECONDS ?? (process.env.CI === undefined ? 10 : 60));
const NODES = join(import.meta.dirname, "../helpers/random-nodes/random");
const types = { files: "studio/random_files", work: "studio/random_work" };

/** A space with a random graph, whose work takes a while. */
function spaceOf({ nodes, files }: RandomGraph): CookSpace {
  const space = new CookSpace();
  for (const name of ["random_files", "random_work"]) space.node(name, readFileSync(join(NODES, `${name}.js`), "utf8"));
  for (const [name, text] of Object.entries(files)) space.write(name, text);
  const slow = Object.entries(nodes).map(([name, node]) =>
    node.type === types.work ? [name, { ...node, params: { ...node.params, wait: 0.02 } }] : [name, node],
  );
  space.graph("g.json", Object.fromEntries(slow));
  return space;
}

/** The events of a cook; of one that was killed, the last line may be half. */
function eventsOf(stderr: string): CookEvent[] {
  const lines = stderr.split("\n").slice(0, -1);
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as CookEvent);
}

/** One cook, in which the engine or a worker is killed at some time. Answers its events, and whether it was not over then. */
async function killed(
  space: CookSpace,
  dice: Dice,
): Promise<{ readonly events: CookEvent[]; readonly isHit: boolean }> {
  const { child, ended } = space.startCook("g.json", "--cpu-slots", "2");
  let stderr = "";
  child.stderr.on("data", (text: string) => {
    stderr += text;
  });
  await Promise.race([ended, pause(dice.from(150, 900))]);
  const workers = eventsOf(stderr).flatMap((event) =>
    event.type === "item_state" && event.begun !== undefined ? event.begun.worker : [],
  );
  const isHit = child.exitCode === null && child.signalCode === null;
  if (isHit && dice.chance(0.4) && workers.length > 0) kill(workers.at(-1)!);
  else if (isHit) child.kill("SIGKILL");
  await ended;
  return { events: eventsOf(stderr), isHit };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It had ended by itself.
  }
}

/** Every file below the space's `out`, with its text. */
function made(space: CookSpace): Record<string, string> {
  if (!space.exists("out")) return {};
  const paths = space
    .list("out")
    .flatMap((folder) => space.list(`out/${folder}`).map((name) => `out/${folder}/${name}`));
  return Object.fromEntries(paths.map((path) => [path, space.read(path)]));
}

/** Kills until the graph is cooked, or the time is over. */
async function killAndCompare(seed: number, until: number): Promise<number> {
  const graph = randomGraph(seed, { size: 10, types });
  const space = spaceOf(graph);
  const clean = spaceOf(graph);
  try {
    const dice = new Dice(seed, "kill");
    const events: CookEvent[] = [];
    let kills = 0;
    for (let isHit = true; isHit && Date.now() < until; ) {
      const cook = await killed(space, dice.apart(kills));
      events.push(...cook.events);
      isHit = cook.isHit;
      if (isHit) kills += 1;
    }
    const last = await space.cook("g.json");
    const wanted = await clean.cook("g.json");
    events.push(...eventsOf(last.stderr));
    expect([seed, audit(events)]).toEqual([seed, []]);
    expect([seed, last.exit, wanted.exit]).toEqual([seed, 0, 0]);
    expect(made(space)).toEqual(made(clean));
    expect((await space.dag("cache", "verify")).exit).toBe(0);
    return kills;
  } finally {
    space.remove();
    clean.remove();
  }
}

describe("kill -9", () => {
  test("engines and workers that are killed again and again lose nothing that was published", async () => {
    const until = Date.now() + SECONDS * 1000;
    let kills = 0;
    for (let seed = 1; Date.now() < until; seed++) kills += await killAndCompare(seed, until);
    expect(kills).toBeGreaterThan(0);
  }, 180_000);
});
