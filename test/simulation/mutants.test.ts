import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { MUTANTS } from "./mutants.js";
import { mutated } from "./mutate.js";

const ROOT = resolve(import.meta.dirname, "../../..");
let folder = "";

/** A copy of the package in which the simulation runs. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dag-mutants-"));
  for (const part of [
    "package.json",
    "dist/src",
    "dist/nodes",
    "dist/test/simulation",
    "dist/test/helpers",
    "dist/test/fuzz",
    "dist/bench/simulate.js",
    "dist/bench/fuzz.js",
  ])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("mutants of the engine", () => {
  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    "caught: %s",
    (_name, { file, changes, caughtBy }) => {
      const path = join(folder, "dist/src", file);
      const right = readFileSync(path, "utf8");
      const wrong = mutated(right, changes);
      try {
        writeFileSync(path, wrong);
        const program = join(folder, "dist/bench", caughtBy[0] === "--case" ? "fuzz.js" : "simulate.js");
        const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...caughtBy], { encoding: "utf8" });
        // An engine that breaks outright ends with 1 as well, and says nothing here.
        expect([status, stdout]).toEqual([
          1,
          expect.stringMatching(/^(seed \d+|crashed graph \d+|order 0|database 0|case .+)\n {2}\S/),
        ]);
        expect(stderr).toBe("");
      } finally {
        writeFileSync(path, right);
      }
    },
  );
});
