/**
 * Kills a cook in the middle (`kill -9`), and times the next one, in this process, from the opening of the store until it has
 * found what was committed; checks that none of that is cooked again. `node dist/bench/engine/recover.js [COUNT]`
 */
import { createInterface } from "node:readline";
import type { CookEvent } from "../../src/event/event.js";
import { medians, printTable, type Row } from "./measure.js";
import { BenchSpace } from "./space.js";

const ROUNDS = 3;
const count = Number(process.argv[2] ?? 100_000);
const GRAPH = "files.json";
/** Removed at the end alone: ext4 makes files slowly for seconds after many were removed. */
const spaces: BenchSpace[] = [];

/** What was seen of a cook: names of the items whose work was done and committed, and seconds. */
interface Seen {
  readonly cooked: ReadonlySet<string>;
  readonly seconds: number;
}

interface Next extends Seen {
  /** Until the first item was cooking. */
  readonly started: number;
  /** Until the last result of earlier was found. */
  readonly found: number;
}

/** Cooks, and kills the engine once it has told of half of the items. */
async function kill(space: BenchSpace): Promise<Seen> {
  const start = Date.now();
  const child = space.start("cook", GRAPH, "--progress", "json");
  const ended = new Promise((resolve) => child.on("close", resolve));
  const cooked = new Set<string>();
  let seconds = Number.NaN;
  for await (const line of createInterface({ input: child.stderr })) {
    // A kill may cut the last line.
    if (child.killed && !line.endsWith("}")) continue;
    const told = JSON.parse(line) as CookEvent;
    if (told.type === "item_state" && told.to === "cooked_success") cooked.add(told.item.name);
    if (cooked.size < count / 2 || child.killed) continue;
    child.kill("SIGKILL");
    seconds = (Date.now() - start) / 1000;
  }
  await ended;
  return { cooked, seconds };
}

/** Opens the store that was left, and cooks to the end. */
async function goOn(space: BenchSpace): Promise<Next> {
  const start = performance.now();
  const since = () => (performance.now() - start) / 1000;
  const cooked = new Set<string>();
  let [started, found] = [Number.NaN, Number.NaN];
  const living = await space.open(GRAPH, ".dag", (event) => {
    if (event.type !== "item_state") return;
    if (event.to === "cooking" && Number.isNaN(started)) started = since();
    if (event.to === "cooked_cache") found = since();
    if (event.to === "cooked_success") cooked.add(event.item.name);
  });
  await living.cook();
  const seconds = since();
  await living.close();
  return { cooked, started, found, seconds };
}

async function round(): Promise<{ readonly killed: Seen; readonly next: Next; readonly again: number }> {
  const space = new BenchSpace();
  spaces.push(space);
  const items = { type: "studio/count", params: { count } };
  space.graph(GRAPH, { items, files: { type: "studio/write", inputs: ["items"] } });
  const killed = await kill(space);
  const next = await goOn(space);
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
