/** Pipes and devices where files are meant: they are refused before they are opened, since to open one may be to wait for ever. */
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { failuresIn } from "../helpers/cook-space.js";
import { inStudio } from "../helpers/studio.js";

describe("pipes and devices", () => {
  test.each(["fifo", "zero"])("%s as an input fails its node, whatever asks for it", (name) =>
    inStudio(async (space) => {
      execFileSync("mkfifo", [space.path("fifo")]);
      symlinkSync("/dev/zero", space.path("zero"));
      space.graph("g.json", { rows: { type: "csv_input", params: { file: name } } });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked).rows]).toEqual([
        1,
        expect.stringMatching(/is a pipe, a socket or a device/),
      ]);
      for (const command of ["plan", "items"]) {
        const { exit, stderr } = await space.dag(command, "g.json");
        expect([command, exit, stderr]).toEqual([command, 1, expect.stringMatching(/is a pipe, a socket or a device/)]);
      }
    }),
  );

  test("as a graph, or a graph in one", () =>
    inStudio(async (space) => {
      execFileSync("mkfifo", [space.path("pipe.json")]);
      symlinkSync("/dev/zero", space.path("zero.json"));
      for (const name of ["pipe.json", "zero.json"]) {
        space.graph("g.json", { inner: { type: "subgraph", params: { graph: name } } });
        for (const graph of [name, "g.json"]) {
          const { exit, stderr } = await space.dag("check", graph);
          expect([graph, exit, stderr]).toEqual([graph, 2, expect.stringContaining(`${name} is a pipe or a device`)]);
        }
      }
    }));

  test("in a folder that is listed they are left out; where an output belongs one stays, and its item fails", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      execFileSync("mkfifo", [space.path("in/b.txt"), space.path("out.txt")]);
      space.graph("g.json", {
        files: { type: "studio/files", params: { directory: "in" } },
        up: { type: "studio/work", label: "@stem", inputs: ["files"], params: { output: "out.txt" } },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, space.cooked()]).toEqual([1, ["a"]]);
      expect(Object.values(failuresIn(cooked))).toEqual([expect.stringContaining("out.txt")]);
    }));
});
