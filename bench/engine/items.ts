/**
 * Cooks items without work: what generation and the loop cost. `node dist/bench/engine/items.js [COUNT …]`
 * The peer is a loop that makes and keeps as many keys: the least that an engine with stable identities does.
 */
import { digestOf } from "../../src/base/hash.js";
import { alternate, command, printTable, type Row, type Spent, timed } from "./measure.js";
import { BenchSpace, MAIN } from "./space.js";

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000, 1_000_000];
const space = new BenchSpace();

function keys(count: number): Promise<Spent> {
  return timed(() => {
    const kept = new Map<string, number>();
    for (let number = 0; number < count; number++) kept.set(digestOf(`\n${number}`), number);
  });
}

async function measure(count: number): Promise<Row[]> {
  space.graph("items.json", { items: { type: "studio/count", params: { count } } });
  const living = await space.open("items.json");
  const { peer, cook, whole } = await alternate(3, {
    peer: () => keys(count),
    cook: () => timed(() => living.cook()),
    whole: () => space.run("cook", "items.json", "--store", "of-command"),
  });
  await living.close();
  return [
    { what: `${count} keys`, spent: peer, items: count },
    { what: `${count} items, cook`, spent: cook, items: count, peer, goal: "≤ 10 µs" },
    { what: `${count} items, command`, spent: whole, items: count, peer },
  ];
}

/** The most that a command's process held, resident. */
async function memory(): Promise<number> {
  const tell = 'process.on("exit", () => console.log(process.resourceUsage().maxRSS))';
  const told = `--import=data:text/javascript,${encodeURIComponent(tell)}`;
  const args = [told, MAIN, "cook", "items.json", "--store", "of-command"];
  const { stdout } = await command(space.folder, process.execPath, ...args);
  return Math.round(Number(stdout) / 1000);
}

try {
  const rows: Row[] = [];
  for (const count of counts) rows.push(...(await measure(count)));
  printTable("Items without work (medians of 3; 1M items: goal ≤ 10 s, ≤ 1 GB)", rows);
  console.log(`\nmost memory, of the last command: ${await memory()} MB`);
} finally {
  space.remove();
}
