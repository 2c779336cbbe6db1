/**
 * Cooks items without work: what generation and the loop cost. `node dist/bench/engine/items.js [COUNT …]`
 * Peer: a loop that makes the same keys and keeps them, the least that any engine of stable identities does.
 */
import { digestOf } from "../../src/base/hash.js";
import { alternate, type Row, printTable, type Spent, timed } from "./measure.js";
import { BenchSpace } from "./space.js";

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000, 1_000_000];
const space = new BenchSpace();
const rows: Row[] = [];
let most = 0;

function keys(count: number): Promise<Spent> {
  return timed(() => {
    const kept = new Map<string, number>();
    for (let number = 0; number < count; number++) kept.set(digestOf(`\n${number}`), number);
  });
}

try {
  for (const count of counts) {
    space.graph("items.json", { items: { type: "studio/count", params: { count } } });
    const living = await space.open("items.json");
    const spent = await alternate(count > 100_000 ? 1 : 3, {
      peer: () => keys(count),
      cook: () => timed(() => living.cook()),
      command: async () => {
        const ended = await space.run("cook", "items.json", "--store", "of-command");
        return ended;
      },
    });
    await living.close();
    rows.push(
      { what: `${count} keys by themselves`, spent: spent.peer, items: count },
      { what: `${count} items, cook`, spent: spent.cook, items: count, peer: spent.peer, goal: "≤ 10 µs" },
      { what: `${count} items, command`, spent: spent.command, items: count, peer: spent.peer },
    );
    most = process.memoryUsage.rss();
  }
  printTable("Items without work (1M: goal ≤ 10 s, ≤ 1 GB)", rows);
  console.log(`\nresident after the last: ${Math.round(most / 1e6)} MB`);
} finally {
  space.remove();
}
