/**
 * Simulates engines by seeds, and tells what is wrong with them: `node dist/bench/simulate.js --seeds 0..1000`; `--crash
 * 0..3` lets an engine die at every change of the disk, in each way with `--each`; `--check order` and `--check database` are
 * small ones. A seed is played just as it was. Ends with 1 where anything is wrong, at once with `--first`.
 */
import { parseArgs } from "node:util";
import { databaseProblems } from "../test/simulation/conformance.js";
import { crashPoints } from "../test/simulation/crash.js";
import { orderProblems } from "../test/simulation/order.js";
import { simulate } from "../test/simulation/scenario.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    crash: { type: "string" },
    each: { type: "boolean", default: false },
    check: { type: "string" },
    first: { type: "boolean", default: false },
  },
});

/** Plays something for each number of a range; `play` answers what is wrong. */
async function playAll(range: string, word: string, play: (seed: number) => Promise<readonly string[]>): Promise<void> {
  const [from = 0, to = from] = range.split("..").map(Number);
  const began = performance.now();
  let wrong = 0;
  for (let seed = from; seed <= to; seed++) {
    const problems = await play(seed);
    if (problems.length === 0) continue;
    wrong += 1;
    process.stdout.write(`${word} ${seed}\n${problems.map((problem) => `  ${problem}\n`).join("")}`);
    if (values.first) process.exit(1);
  }
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(`${to - from + 1} ${word}s, ${wrong} of them wrong, ${seconds.toFixed(1)} s\n`);
  if (wrong > 0) process.exitCode = 1;
}

let points = 0;
const crash = async (seed: number) => {
  const crashed = await crashPoints(seed, values);
  points += crashed.points;
  return crashed.problems;
};
if (values.seeds !== undefined) await playAll(values.seeds, "seed", simulate);
if (values.crash !== undefined) {
  await playAll(values.crash, "crashed graph", crash);
  process.stdout.write(`${points} crash points\n`);
}
if (values.check === "order") await playAll("0", "order", orderProblems);
if (values.check === "database") await playAll("0", "database", async () => databaseProblems());
