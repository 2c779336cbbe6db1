/**
 * Cooks random graphs after random edits, and compares with a clean cook and with a second calculation of what was needed:
 * `node dist/bench/fuzz.js --edits 1000000 --seed 1 [--clean 10]`. A failing case is printed short, with its seed; code 1.
 * With `--first` it is printed as it is, at once. `--case NAME` replays one of test/fuzz/cases.ts.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CASES } from "../test/fuzz/cases.js";
import { fuzz, replay, shrink } from "../test/fuzz/fuzz.js";

const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
const options = {
  ...{ edits: text("10000"), seed: text("1"), clean: text("10") },
  first: { type: "boolean", default: false } as const,
  case: { type: "string" } as const,
};
const { values } = parseArgs({ options });
const [edits, seed, cleanEvery] = [values.edits, values.seed, values.clean].map(Number) as [number, number, number];

// A million edits write some gigabytes of small files: in memory, where there is such a folder.
const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "dag-fuzz-"));
const began = performance.now();
let told = 0;
const progress = (done: number) => {
  if (done - told < 10_000) return;
  told = done;
  process.stderr.write(`${done} edits, ${((1000 * done) / (performance.now() - began)).toFixed(0)}/s\n`);
};

/** A case of test/fuzz/cases.ts, or as many random ones as make the edits. */
async function run(): Promise<void> {
  if (values.case !== undefined) {
    const error = await replay(
      { ...CASES[values.case]!, seed, ahead: true, inFile: true, holds: true },
      join(folder, "case"),
      true,
    );
    console.log(`case ${values.case}\n  ${error?.message ?? "holds"}`);
    process.exitCode = error === undefined ? 0 : 1;
    return;
  }
  const { failure, ...sum } = await fuzz({ seed, edits, folder, cleanEvery, progress });
  const { user, system } = process.cpuUsage();
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ seed, ...sum, seconds: Math.round(seconds), cpu: Math.round((user + system) / 1e6) }));
  if (failure !== undefined) {
    const { tried, error } = values.first ? failure : await shrink(failure, join(folder, "shrunk"));
    console.log(`seed ${failure.tried.seed} fails:\n${JSON.stringify(tried)}\n${error.stack}`);
    process.exitCode = 1;
  }
}

try {
  await run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
