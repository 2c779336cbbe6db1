/** Limits of surroundings, in words: where temporary files cannot be, paths that are too long, texts nested without end. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { failuresIn } from "../helpers/cook-space.js";
import { inStudio } from "../helpers/studio.js";

const SHELL = { s: { type: "shell", params: { command: ["true"] } } };

describe("limits", () => {
  test("no folder for temporary files: nothing is begun, and TMPDIR is named", () =>
    inStudio(async (space) => {
      space.graph("g.json", SHELL);
      space.environment = { TMPDIR: "/nonexistent" };
      const { exit, stderr } = await space.dag("cook", "g.json");
      expect([exit, stderr]).toEqual([
        3,
        expect.stringContaining("Cannot write temporary files to /nonexistent (TMPDIR says where)"),
      ]);
    }));

  test("a project at a path that the database does not open", () =>
    inStudio(async (space) => {
      const deep = join("d".repeat(200), "e".repeat(200), "f".repeat(200));
      mkdirSync(space.path(deep), { recursive: true });
      space.write(join(deep, "package.json"), "{}");
      space.graph(join(deep, "g.json"), SHELL);
      const { exit, stderr } = await space.dag("cook", join(deep, "g.json"));
      expect([exit, stderr]).toEqual([3, expect.stringMatching(/the path has \d+ bytes, and the database opens 500/)]);
    }));

  test("JSON that is nested a hundred thousand deep", () =>
    inStudio(async (space) => {
      space.write("deep.json", `${"[".repeat(100_000)}${"]".repeat(100_000)}`);
      space.graph("g.json", {
        rows: { type: "json_input", params: { file: "deep.json" } },
      });
      const failures = failuresIn(await space.cook("g.json"));
      expect(failures.rows).toContain("its lists and objects are nested more than 256 deep");
    }));
});
