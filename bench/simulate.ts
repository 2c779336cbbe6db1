/**
 * Simulates engines by seeds, and tells what is wrong with them: `node dist/bench/simulate.js --seeds 0..1000`. One seed by
 * itself is played again just as it was. Ends with 1 where anything is wrong.
 */
import { parseArgs } from "node:util";
import { simulate } from "../test/simulation/scenario.js";

const { values } = parseArgs({ options: { seeds: { type: "string", default: "0..1000" } } });
const [from = 0, to = from] = values.seeds.split("..").map(Number);
const began = performance.now();
let wrong = 0;
for (let seed = from; seed <= to; seed++) {
  const problems = await simulate(seed);
  if (problems.length === 0) continue;
  wrong += 1;
  process.stdout.write(`seed ${seed}\n${problems.map((problem) => `  ${problem}\n`).join("")}`);
}
const seconds = (performance.now() - began) / 1000;
process.stdout.write(`${to - from + 1} seeds, ${wrong} of them wrong, ${seconds.toFixed(1)} s\n`);
process.exitCode = wrong === 0 ? 0 : 1;
