/**
 * What looks at a graph without cooking it: `dag items`, `plan` and `why` of items with a source file each, beside the cook that finds
 * nothing to do. `node dist/bench/engine/reads.js [COUNT] [ROUNDS]`
 */
import { alternate, printTable } from "./measure.js";
import { BenchSpace, settle } from "./space.js";

const count = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 3);
const GOAL = "≤ 0.8 s";
const space = new BenchSpace();
try {
  space.files(
    Array.from({ length: count }, (_, place) => `sources/${Math.floor(place / 100)}/${place % 100}`),
    (place) => `source ${place}`,
  );
  space.graph("g.json", { all: { type: "file_pattern", params: { directory: "sources", pattern: "**/*" } } });
  await settle();
  for (let time = 0; time < 2; time++) await space.run("cook", "g.json");
  const { cook, items, plan, why } = await alternate(rounds, {
    cook: () => space.run("cook", "g.json"),
    items: () => space.run("items", "g.json"),
    plan: () => space.run("plan", "g.json"),
    why: () => space.run("why", `all:${count >> 1}`, "--graph", "g.json"),
  });
  printTable(`Looking at ${count} items (medians of ${rounds})`, [
    { what: "dag cook, nothing changed", spent: cook, items: count },
    { what: "dag items", spent: items, items: count, peer: cook, goal: GOAL },
    { what: "dag plan", spent: plan, items: count, peer: cook, goal: GOAL },
    { what: "dag why", spent: why, items: count, peer: cook, goal: GOAL },
  ]);
} finally {
  space.remove();
}
