/**
 * How long `dag` takes to start: `--version`, and a cook of one cached item, against Node alone.
 * `node dist/bench/engine/start.js [ROUNDS]`
 */
import { alternate, command, printTable } from "./measure.js";
import { BenchSpace } from "./space.js";

const rounds = Number(process.argv[2] ?? 9);
const space = new BenchSpace();
try {
  space.graph("one.json", {
    one: { type: "studio/count", params: { count: 1 } },
    file: { type: "studio/write", inputs: ["one"] },
  });
  await space.run("cook", "one.json");
  const { node, version, cook } = await alternate(rounds, {
    node: () => command(space.folder, process.execPath, "-e", "0"),
    version: () => space.run("--version"),
    cook: () => space.run("cook", "one.json"),
  });
  printTable(`Start (medians of ${rounds})`, [
    { what: "node -e 0", spent: node },
    { what: "dag --version", spent: version, peer: node, goal: "≤ 0.15 s" },
    { what: "dag cook, one cached item", spent: cook, peer: node, goal: "≤ 0.3 s" },
  ]);
} finally {
  space.remove();
}
