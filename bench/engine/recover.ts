/**
 * Kills a cook in the middle (`kill -9`), and times the next one until it has found what was committed; checks that none of
 * that is cooked again. Events tell their time, so that it is no matter when they are read here.
 * `node dist/bench/engine/recover.js [COUNT]`
 */
import { createInterface } from "node:readline";
import { medians, printTable, type Row } from "./measure.js";
import { BenchSpace } from "./space.js";

const ROUNDS = 3;
const count = Number(process.argv[2] ?? 100_000);
const GRAPH = "files.json";
/** Removed at the end alone: ext4 makes files slowly for seconds after many were removed. */
const spaces: BenchSpace[] = [];

interface Told {
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly to?: string;
  readonly reason?: string;
  readonly item?: { readonly name: string };
}

interface Seen {
  /** Items whose work was done and committed. */
  readonly cooked: ReadonlySet<string>;
  /** Seconds until the first item was cooking. */
  readonly started: number;
  /** Seconds until the last result of earlier was found. */
  readonly found: number;
  readonly seconds: number;
}

/** Cooks; kills the engine once it has told of `most` cooked items. */
async function cook(space: BenchSpace, most: number): Promise<Seen> {
  const start = Date.now();
  const child = space.start("cook", GRAPH, "--progress", "json");
  const ended = new Promise((resolve) => child.on("close", resolve));
  const cooked = new Set<string>();
  const since = (time: number) => (time - start) / 1000;
  let [started, found] = [Number.NaN, Number.NaN];
  for await (const line of createInterface({ input: child.stderr })) {
    // A kill may cut the last line.
    if (child.killed && !line.endsWith("}")) continue;
    const told = JSON.parse(line) as Told;
    if (told.type !== "item_state") continue;
    if (told.to === "cooking" && Number.isNaN(started)) started = since(told.time);
    if (told.to === "cooked_cache") found = since(told.time);
    if (told.to === "cooked_success") cooked.add(told.item!.name);
    if (cooked.size === most) child.kill("SIGKILL");
  }
  await ended;
  return { cooked, started, found, seconds: since(Date.now()) };
}

async function round(): Promise<{ readonly killed: Seen; readonly next: Seen; readonly again: number }> {
  const space = new BenchSpace();
  spaces.push(space);
  const items = { type: "studio/count", params: { count } };
  space.graph(GRAPH, { items, files: { type: "studio/write", inputs: ["items"] } });
  const killed = await cook(space, Math.floor(count / 2));
  const next = await cook(space, Number.POSITIVE_INFINITY);
  const again = [...killed.cooked].filter((name) => next.cooked.has(name)).length;
  return { killed, next, again };
}

/** Rows of medians; the CPU time of a killed process is not known. */
function rowsOf(rounds: readonly Awaited<ReturnType<typeof round>>[]): Row[] {
  const row = (what: string, of: (each: (typeof rounds)[number]) => number, goal = ""): Row => {
    const spent = medians(rounds.map((each) => ({ wall: of(each), user: Number.NaN, system: Number.NaN })));
    return { what, spent, goal };
  };
  return [
    row("until the kill", ({ killed }) => killed.seconds),
    row("the next cook: until the last earlier result is found", ({ next }) => next.found, "≤ 2 s"),
    row("the next cook: until it cooks", ({ next }) => next.started),
    row("the next cook: to its end", ({ next }) => next.seconds),
  ];
}

try {
  const rounds: Awaited<ReturnType<typeof round>>[] = [];
  for (let number = 0; number < ROUNDS; number++) rounds.push(await round());
  printTable(`${count} items, killed after half of them (medians of ${ROUNDS}; no peer)`, rowsOf(rounds));
  console.log(`\ncommitted and cooked again (goal: none): ${rounds.map(({ again }) => again).join(", ")}`);
} finally {
  for (const space of spaces) space.remove();
}
