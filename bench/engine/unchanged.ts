/**
 * A second cook of items with one source file each, beside ninja with a `cp` for each: nothing changed, one changed; in one
 * node, and in nodes of 100. `node dist/bench/engine/unchanged.js [COUNT]`
 */
import { alternate, printTable, type Row, type Spent, timed } from "./measure.js";
import { ninjaOver } from "./ninja.js";
import { BenchSpace, settle } from "./space.js";

const ROUNDS = 3;
const PER_FOLDER = 100;
const count = Number(process.argv[2] ?? 100_000);
const names = Array.from({ length: count }, (_, place) => `${Math.floor(place / PER_FOLDER)}/${place % PER_FOLDER}`);
const folders = Math.ceil(count / PER_FOLDER);
const space = new BenchSpace();
let changes = 0;

/** Gives one source other bytes, and answers the time of a run after it. */
async function changed(run: () => Promise<Spent>): Promise<Spent> {
  changes += 1;
  space.write(`sources/${names[(changes * 7919) % count]}`, `changed ${changes}`);
  return run();
}

async function measure(graph: string, ninja: (() => Promise<Spent>) | undefined): Promise<Row[]> {
  const store = `${graph}-store`;
  const first = await space.run("cook", graph, "--store", store);
  const command = () => space.run("cook", graph, "--store", store);
  const same = await alternate(ROUNDS, { command, ninja });
  const one = await alternate(ROUNDS, {
    command: () => changed(command),
    ninja: ninja && (() => changed(ninja)),
  });
  await settle();
  await command();
  const living = await space.open(graph, store);
  // As a watch does: parts of the graph that stand are not made into items.
  await living.cook(true);
  const again = () => timed(() => living.cook(true));
  const livingSame = await alternate(ROUNDS, { again });
  const livingOne = await alternate(ROUNDS, { again: () => changed(again) });
  await living.close();
  const row = (what: string, spent: Spent, beside: Spent, goal: string): Row => {
    return { what: `${graph}: ${what}`, spent, items: count, peer: beside, goal };
  };
  return [
    { what: `${graph}: first cook`, spent: first, items: count },
    { what: "ninja: unchanged", spent: same.ninja, items: count },
    { what: "ninja: one changed", spent: one.ninja, items: count },
    row("unchanged, command", same.command, same.ninja, "≤ 1.0 s"),
    row("one changed, command", one.command, one.ninja, "≤ 1.0 s"),
    row("unchanged, living", livingSame.again, same.ninja, "≤ 0.5 s"),
    row("one changed, living", livingOne.again, one.ninja, "≤ 0.5 s"),
  ];
}

try {
  space.files(
    names.map((name) => `sources/${name}`),
    (place) => `source ${place}`,
  );
  await settle();
  const nodeOf = (folder: string) => ({ type: "studio/copy", params: { directory: `$HIP/${folder}` } });
  const many = Array.from({ length: folders }, (_, place) => [`node${place}`, nodeOf(`sources/${place}`)] as const);
  space.graph("one-node", { files: nodeOf("sources") });
  space.graph(`${folders}-nodes`, Object.fromEntries(many));
  const ninja = ninjaOver(space, names);
  if (ninja !== undefined) console.log(`ninja's first build: ${(await ninja()).wall.toFixed(1)} s`);
  const rows = [...(await measure("one-node", ninja)), ...(await measure(`${folders}-nodes`, ninja))];
  printTable(`${count} items with one source each (medians of ${ROUNDS})`, rows);
} finally {
  space.remove();
}
